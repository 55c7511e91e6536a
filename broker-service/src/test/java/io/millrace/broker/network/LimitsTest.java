package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LimitsTest {

    private static final short V4 = 4;

    private TestServer server = new TestServer(NetworkConfig.defaults());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void takesNoMoreRequestsOfAConnectionThanItMayHaveUnanswered() throws Exception {
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        server.start(asked::add);
        int sent = NetworkConfig.MAX_IN_FLIGHT_REQUESTS * 3;
        try (TestClient client = server.connect()) {
            for (int i = 0; i < sent; i++) {
                client.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
            }
            for (int i = 0; i < sent; i++) {
                Request request = asked.poll(30, TimeUnit.SECONDS);
                assertThat(asked.size()).isLessThan(NetworkConfig.MAX_IN_FLIGHT_REQUESTS);
                request.reply(new HeartbeatResponseData());
                client.receive(ApiKeys.HEARTBEAT, V4);
            }
        }
    }

    @Test
    void stopsTakingRequestsOfAClientThatDoesNotReadItsResponses() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        MetadataResponseData answer = new MetadataResponseData().setClusterId("x".repeat(30_000));
        server.start(request -> {
            handled.incrementAndGet();
            request.reply(answer);
        });
        int requests = 2_000; // 60 MB of responses
        try (TestClient client = server.connect()) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < requests; i++) {
                        client.send(ApiKeys.METADATA, (short) 9, new MetadataRequestData());
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            int before = -1;
            while (handled.get() == 0 || handled.get() != before) {
                before = handled.get();
                server.connect().close(); // gives it time to do more if it would
                try (TestClient other = server.connect()) {
                    other.send(ApiKeys.METADATA, (short) 9, new MetadataRequestData());
                    other.receive(ApiKeys.METADATA, (short) 9);
                    before++;
                }
            }
            assertThat(handled.get()).isLessThan(requests / 2);
            for (int i = 0; i < requests; i++) {
                client.receive(ApiKeys.METADATA, (short) 9);
            }
            sender.join();
        }
    }

    @Test
    void requestsOfAllConnectionsShareTheirRoom() throws Exception {
        server.close();
        server = new TestServer(config(20_000, 600_000, Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of()));
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        server.start(asked::add);
        SyncGroupRequestData large = new SyncGroupRequestData().setGroupId("g".repeat(15_000));
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TestClient client = server.connect();
            clients.add(client);
            client.send(ApiKeys.SYNC_GROUP, V4, large);
        }
        for (int i = 0; i < 10; i++) {
            Request request = asked.poll(30, TimeUnit.SECONDS);
            assertThat(request).isNotNull();
            // Two fill the room, and a third may come in from the other loop at the same moment.
            assertThat(asked.size()).isLessThanOrEqualTo(2);
            request.replyNothing();
        }
        for (TestClient client : clients) {
            client.close();
        }
    }

    @Test
    void closesIdleConnectionsButNotThoseThatWaitForAnAnswer() throws Exception {
        server.close();
        server = new TestServer(config(-1, 200, Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of()));
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        server.start(asked::add);
        try (TestClient idle = server.connect();
                TestClient waiting = server.connect()) {
            waiting.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
            Request request = asked.poll(30, TimeUnit.SECONDS);
            assertThat(idle.ended()).isTrue();
            request.reply(new HeartbeatResponseData());
            waiting.receive(ApiKeys.HEARTBEAT, V4);
            assertThat(waiting.ended()).isTrue();
        }
    }

    @Test
    void turnsAwayWhoHasTooManyConnectionsFromOneAddress() throws IOException {
        server.close();
        server = new TestServer(config(-1, 600_000, Integer.MAX_VALUE, 100, Map.of("127.0.0.1", 2)));
        server.start(request -> request.reply(new HeartbeatResponseData()));
        try (TestClient first = server.connect();
                TestClient second = server.connect();
                TestClient third = server.connect()) {
            assertThat(third.ended()).isTrue();
            assertServed(first);
            assertServed(second);
        }
    }

    @Test
    void connectionsBeyondTheMaximumWaitUntilOneEnds() throws IOException {
        server.close();
        server = new TestServer(config(-1, 600_000, 2, Integer.MAX_VALUE, Map.of()));
        server.start(request -> request.reply(new HeartbeatResponseData()));
        try (TestClient first = server.connect();
                TestClient second = server.connect()) {
            assertServed(first);
            assertServed(second);
            try (TestClient third = server.connect()) {
                third.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
                third.socket().setSoTimeout(200);
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> third.receive(ApiKeys.HEARTBEAT, V4))
                        .isInstanceOf(SocketTimeoutException.class);
                first.close();
                third.socket().setSoTimeout(30_000);
                third.receive(ApiKeys.HEARTBEAT, V4);
            }
        }
    }

    @Test
    void newConnectionsComeAtTheConfiguredRate() throws IOException {
        server.close();
        NetworkConfig d = NetworkConfig.defaults();
        server = new TestServer(new NetworkConfig(
                d.requestMaxBytes(), -1, -1, -1, 50, -1, Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of(), 20));
        server.start(request -> request.reply(new HeartbeatResponseData()));
        long startNs = System.nanoTime();
        for (int i = 0; i < 30; i++) {
            try (TestClient client = server.connect()) {
                assertServed(client);
            }
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs)).isGreaterThan(400);
    }

    @Test
    void thousandsOfIdleConnectionsHoldNoBuffers() throws IOException {
        server.start(request -> request.reply(new HeartbeatResponseData()));
        List<TestClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 1_500; i++) {
                TestClient client = server.connect();
                clients.add(client);
                if (i % 10 == 0) {
                    assertServed(client);
                }
            }
            for (int i = 0; i < clients.size(); i += 100) {
                assertServed(clients.get(i));
            }
        } finally {
            for (TestClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aMutedConnectionIsServedAgainAfterItsTime() throws IOException {
        server.start(request -> {
            request.muteConnection(300);
            request.reply(new HeartbeatResponseData());
        });
        try (TestClient client = server.connect()) {
            long startNs = System.nanoTime();
            client.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
            client.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
            client.receive(ApiKeys.HEARTBEAT, V4);
            client.receive(ApiKeys.HEARTBEAT, V4);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs))
                    .isGreaterThanOrEqualTo(290);
        }
    }

    private static void assertServed(TestClient client) throws IOException {
        client.send(ApiKeys.HEARTBEAT, V4, new HeartbeatRequestData());
        client.receive(ApiKeys.HEARTBEAT, V4);
    }

    private static NetworkConfig config(
            long queuedBytes, long idleMs, int connections, int perIp, Map<String, Integer> overrides) {
        return new NetworkConfig(
                100 << 20, queuedBytes, -1, -1, 50, idleMs, connections, perIp, overrides, Integer.MAX_VALUE);
    }
}

package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerTest {

    private final TestServer server = new TestServer(NetworkConfig.defaults());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answersARequestToTheConnectionThatSentIt() throws IOException {
        server.start(request -> request.reply(new HeartbeatResponseData().setErrorCode(request.apiVersion())));
        try (TestClient client = server.connect()) {
            for (short version = 0; version <= 4; version++) {
                client.send(ApiKeys.HEARTBEAT, version, new HeartbeatRequestData().setGroupId("g"));
                HeartbeatResponseData answer = client.receive(ApiKeys.HEARTBEAT, version);
                assertThat(answer.errorCode()).isEqualTo(version);
            }
        }
    }

    @Test
    void answersInTheOrderOfTheRequestsWhateverTheOrderOfTheReplies() throws Exception {
        BlockingQueue<Request> asked = new LinkedBlockingQueue<>();
        server.start(asked::add);
        try (TestClient client = server.connect()) {
            for (int i = 0; i < 20; i++) {
                client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData().setGenerationId(i));
            }
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                requests.add(asked.poll(30, TimeUnit.SECONDS));
            }
            Collections.shuffle(requests);
            for (Request request : requests) {
                short generation = (short) ((HeartbeatRequestData) request.body()).generationId();
                request.reply(new HeartbeatResponseData().setErrorCode(generation));
            }
            for (int i = 0; i < 20; i++) {
                HeartbeatResponseData answer = client.receive(ApiKeys.HEARTBEAT, (short) 4);
                assertThat(answer.errorCode()).isEqualTo((short) i);
            }
        }
    }

    @Test
    void aRequestThatWaitsIsToldWhenAnotherIsBehindIt() throws IOException {
        server.start(request -> {
            if (request.apiKey() == ApiKeys.API_VERSIONS) {
                request.introduce("patient");
                request.reply(new ApiVersionsResponseData());
            } else if (((HeartbeatRequestData) request.body()).generationId() == 1) {
                assertThat(request.softwareName()).isEqualTo("patient");
                request.whenFollowed(() -> request.reply(new HeartbeatResponseData().setErrorCode((short) 1)));
            } else {
                request.whenFollowed(() -> request.close("nothing is behind it while it is unanswered"));
                request.reply(new HeartbeatResponseData().setErrorCode((short) 2));
            }
        });
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.API_VERSIONS, (short) 3, new ApiVersionsRequestData());
            client.receive(ApiKeys.API_VERSIONS, (short) 3);
            for (int i = 1; i <= 3; i++) {
                client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData().setGenerationId(i));
            }
            for (short expected : new short[] {1, 2, 2}) {
                HeartbeatResponseData answer = client.receive(ApiKeys.HEARTBEAT, (short) 4);
                assertThat(answer.errorCode()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aRequestMayEndWithoutAnAnswer() throws IOException {
        server.start(request -> {
            if (request.header().correlationId() % 2 == 1) {
                request.replyNothing();
            } else {
                request.reply(new HeartbeatResponseData());
            }
        });
        try (TestClient client = server.connect()) {
            for (int i = 0; i < 10; i++) {
                client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            }
            for (int i = 0; i < 5; i++) {
                client.receive(ApiKeys.HEARTBEAT, (short) 4);
                assertThat(client.lastCorrelationId()).isEqualTo(2 * i);
            }
        }
    }

    @Test
    void anUnknownVersionOfApiVersionsReachesTheHandlerAndIsAnsweredInTheOldest() throws IOException {
        server.start(request -> {
            assertThat(request.body()).isEqualTo(new ApiVersionsRequestData());
            request.reply(new ApiVersionsResponseData().setErrorCode(request.apiVersion()));
        });
        try (TestClient client = server.connect()) {
            client.sendFrame(Frames.of(ApiKeys.API_VERSIONS.id, (short) 99, 7, "c", new byte[] {1, 2, 3}));
            ApiVersionsResponseData answer = client.receive(ApiKeys.API_VERSIONS, (short) 0);
            assertThat(answer.errorCode()).isEqualTo((short) 99);
        }
    }

    @Test
    void tellsWhenAConnectionEnds() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        BlockingQueue<String> began = new LinkedBlockingQueue<>();
        server.server().onConnectionClosed(ended::add);
        server.start(request -> began.add(request.connectionId()));
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            String id = began.poll(30, TimeUnit.SECONDS);
            client.close();
            assertThat(ended.poll(30, TimeUnit.SECONDS)).isNotNull().isEqualTo(id);
        }
    }

    @Test
    void saysWhichListenerCannotBindAndWhy() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ListenerConfig listener = new ListenerConfig(
                    new ListenerName("EXTERNAL"),
                    "127.0.0.1",
                    taken.getLocalPort(),
                    SecurityProtocol.PLAINTEXT,
                    ListenerType.BROKER);
            try (Server blocked =
                    new Server(server.loops(), List.of(listener), NetworkConfig.defaults(), Clock.system())) {
                assertThatThrownBy(blocked::start)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("EXTERNAL")
                        .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                        .hasMessageContaining("in use");
            }
        }
    }

    @Test
    void refusesASecurityProtocolThatItCannotSpeak() {
        ListenerConfig listener = new ListenerConfig(
                new ListenerName("SECURE"), "127.0.0.1", 0, SecurityProtocol.SASL_SSL, ListenerType.BROKER);
        assertThatThrownBy(
                        () -> new Server(server.loops(), List.of(listener), NetworkConfig.defaults(), Clock.system()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SECURE")
                .hasMessageContaining("SASL_SSL");
    }
}

package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(120)
class HostileBytesTest {

    private final TestServer server = new TestServer(NetworkConfig.defaults());
    private final AtomicInteger handled = new AtomicInteger();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Connection.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void start() throws IOException {
        lines.start();
        logger.addAppender(lines);
        server.start(request -> {
            handled.incrementAndGet();
            request.reply(new HeartbeatResponseData());
        });
    }

    @AfterEach
    void stop() {
        server.close();
        logger.detachAppender(lines);
    }

    @Test
    void negativeLength() throws IOException {
        closesOnlyThatConnection(new byte[] {-1, -1, -1, -1}, "-1 bytes");
    }

    @Test
    void hugeLength() throws IOException {
        closesOnlyThatConnection(new byte[] {127, -1, -1, -1}, "socket.request.max.bytes");
    }

    @Test
    void tlsHello() throws IOException {
        closesOnlyThatConnection(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}, "socket.request.max.bytes");
    }

    @Test
    void httpRequest() throws IOException {
        closesOnlyThatConnection(
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "socket.request.max.bytes");
    }

    @Test
    void emptyFrame() throws IOException {
        closesOnlyThatConnection(new byte[4], "request header");
    }

    @Test
    void unknownApiKey() throws IOException {
        closesOnlyThatConnection(Frames.withLength(Frames.of((short) 9999, (short) 0, 1, "c", new byte[0])), "9999");
    }

    @Test
    void unsupportedVersion() throws IOException {
        closesOnlyThatConnection(
                Frames.withLength(Frames.of(ApiKeys.HEARTBEAT.id, (short) 77, 1, "c", new byte[0])),
                "HEARTBEAT with version 77 which is not enabled");
    }

    @Test
    void removedApi() throws IOException {
        closesOnlyThatConnection(
                Frames.withLength(Frames.of(ApiKeys.LEADER_AND_ISR.id, (short) 0, 1, "c", new byte[0])),
                "LeaderAndIsr");
    }

    @Test
    void cutBody() throws IOException {
        closesOnlyThatConnection(
                Frames.withLength(Frames.of(ApiKeys.HEARTBEAT.id, (short) 4, 1, "c", new byte[] {10, 'g'})),
                "apiKey: HEARTBEAT");
    }

    @Test
    void hugeArrayCount() throws IOException {
        byte[] body = ByteBuffer.allocate(1_000_004).putInt(Integer.MAX_VALUE).array();
        closesOnlyThatConnection(
                Frames.withLength(Frames.of(ApiKeys.METADATA.id, (short) 0, 1, "c", body)), "apiKey: METADATA");
    }

    @Test
    void moreElementsThanARequestMayHave() throws IOException {
        byte[] body = ByteBuffer.allocate(4_000_000).putInt(1_500_000).array();
        closesOnlyThatConnection(
                Frames.withLength(Frames.of(ApiKeys.METADATA.id, (short) 0, 1, "c", body)), "apiKey: METADATA");
    }

    @Test
    void whatCameBeforeGarbageIsAnswered() throws IOException {
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            client.sendBytes(new byte[] {-1, -1, -1, -1});
            client.receive(ApiKeys.HEARTBEAT, (short) 4);
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void aHandlerThatThrowsLosesItsConnectionOnly() throws IOException {
        server.server().accept(TestServer.LISTENER, TestServer.SERVED, request -> {
            throw new IllegalStateException("a bug");
        });
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            assertThat(client.ended()).isTrue();
        }
        assertThat(problems()).hasSize(1);
    }

    @Test
    void garbageOfAnyKindLeavesTheServerServing() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] garbage = new byte[1 + random.nextInt(300)];
            random.nextBytes(garbage);
            ApiKeys api = ApiKeys.values()[random.nextInt(ApiKeys.values().length)];
            short version = (short) random.nextInt(20);
            try (TestClient client = server.connect()) {
                client.sendFrame(Frames.of(api.id, version, seed, "c", garbage));
            }
        }
        serves();
    }

    @Test
    void aConnectionThatIsCutInTheMiddleOfAFrameLeavesNothing() throws IOException {
        byte[] frame = Frames.withLength(Frames.of(ApiKeys.HEARTBEAT.id, (short) 4, 1, "c", new byte[1000]));
        for (int length : new int[] {1, 3, 4, 5, 14, 500}) {
            try (TestClient client = server.connect()) {
                client.sendBytes(java.util.Arrays.copyOf(frame, length));
            }
        }
        serves();
        assertThat(problems()).isEmpty();
    }

    private void closesOnlyThatConnection(byte[] bytes, String reason) throws IOException {
        try (TestClient bystander = server.connect();
                TestClient client = server.connect()) {
            client.sendBytes(bytes);
            assertThat(client.ended()).isTrue();
            bystander.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            bystander.receive(ApiKeys.HEARTBEAT, (short) 4);
        }
        assertThat(handled.get()).isEqualTo(1);
        assertThat(problems()).hasSize(1);
        assertThat(problems().getFirst()).contains(reason).doesNotContain("\n");
    }

    private void serves() throws IOException {
        try (TestClient client = server.connect()) {
            client.send(ApiKeys.HEARTBEAT, (short) 4, new HeartbeatRequestData());
            client.receive(ApiKeys.HEARTBEAT, (short) 4);
        }
    }

    private List<String> problems() {
        return List.copyOf(lines.list).stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}

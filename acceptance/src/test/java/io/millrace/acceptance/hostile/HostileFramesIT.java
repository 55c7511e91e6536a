package io.millrace.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KnownDifference;
import io.millrace.acceptance.broker.Lab;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that break the protocol: that connection closes, with a word in the log, and everyone else is served. */
@Lab
final class HostileFramesIT {
    private final BrokerUnderTest broker;
    private final RawPeer peer;
    private int bookmark;

    HostileFramesIT(BrokerUnderTest broker) {
        this.broker = broker;
        this.peer = new RawPeer(broker.port());
    }

    @BeforeEach
    void bookmarkLog() {
        bookmark = broker.process().lines().size();
    }

    @AfterEach
    void othersAreServed() {
        peer.close();
        String topic = broker.newTopic("after-hostile", 1);
        broker.clients().produce(topic, 0, List.of("served"));
        assertThat(broker.clients().readAll(topic, 0)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 104_857_601})
    void aLengthThatCannotBeClosesTheConnection(int length) {
        peer.sendLength(length);
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void theLargestAllowedLengthIsNotAllocatedBeforeItsBytesCome() {
        KnownDifference.ANNOUNCED_LENGTHS_ARE_NOT_ALLOCATED.millraceOnly();
        long before = broker.process().residentBytes();
        List<RawPeer> peers = java.util.stream.IntStream.range(0, 10)
                .mapToObj(number -> new RawPeer(broker.port()).sendLength(90_000_000))
                .toList();
        assertThat(peer.ask(metadata(9))).isInstanceOf(MetadataResponse.class);
        assertThat(broker.process().residentBytes() - before).isLessThan(200_000_000L);
        peers.forEach(RawPeer::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 7})
    void aFrameTooShortForAHeaderClosesTheConnection(int length) {
        peer.sendFrame(new byte[length]);
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void aCutFrameHarmsNobody() throws Exception {
        byte[] frame = peer.frame(metadata(9));
        peer.sendLength(frame.length);
        peer.send(java.util.Arrays.copyOf(frame, frame.length / 2));
        peer.socket().shutdownOutput();
        assertThat(peer.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(shorts = {9999, -1, Short.MAX_VALUE, 93})
    void anUnknownApiKeyClosesTheConnection(short apiKey) {
        peer.sendFrame(header(apiKey, (short) 0, "raw"));
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void anApiOfTheControllerListenerClosesTheConnection() {
        peer.sendFrame(header(ApiKeys.VOTE.id, (short) 0, "raw"));
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 2, 3, 11, 22, 36})
    void aVersionThatIsNotServedClosesTheConnection(short apiKey) {
        peer.sendFrame(header(apiKey, (short) 500, "raw"));
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void anUnknownVersionOfApiVersionsIsAnsweredWithTheTable() {
        byte[] head = header(ApiKeys.API_VERSIONS.id, (short) 500, "raw");
        // new versions have the flexible header, with an empty list of tagged fields at its end
        peer.sendFrame(java.util.Arrays.copyOf(head, head.length + 1));
        ApiVersionsResponse answer = (ApiVersionsResponse) peer.answer(ApiKeys.API_VERSIONS, (short) 0);
        assertThat(answer.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(answer.apiVersion(ApiKeys.API_VERSIONS.id)).isNotNull();
        // and the connection goes on
        assertThat(apiVersions().data().errorCode()).isZero();
    }

    @Test
    void theSoftwareNameOfApiVersionsIsChecked() {
        var data = new ApiVersionsRequestData()
                .setClientSoftwareName("not a name!")
                .setClientSoftwareVersion("1");
        peer.send(new ApiVersionsRequest(data, (short) 3));
        ApiVersionsResponse answer = (ApiVersionsResponse) peer.answer(ApiKeys.API_VERSIONS, (short) 3);
        assertThat(answer.data().errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void garbageClosesTheConnection() {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            byte[] garbage = new byte[8 + random.nextInt(500)];
            random.nextBytes(garbage);
            try (RawPeer one = new RawPeer(broker.port())) {
                one.sendFrame(garbage);
                assertThat(one.isClosed()).as("round %d", round).isTrue();
            }
        }
    }

    @Test
    void randomBodiesBehindAValidHeaderNeverHurtTheBroker() {
        Random random = new Random(7);
        List<ApiKeys> keys = ApiKeys.brokerApis().stream()
                .filter(key -> key != ApiKeys.API_VERSIONS)
                .toList();
        for (int round = 0; round < 500; round++) {
            ApiKeys key = keys.get(random.nextInt(keys.size()));
            short version =
                    (short) (key.oldestVersion() + random.nextInt(key.latestVersion() - key.oldestVersion() + 1));
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            byte[] head = header(key.id, version, "raw");
            ByteBuffer frame =
                    ByteBuffer.allocate(head.length + 1 + body.length).put(head);
            if (key.requestHeaderVersion(version) >= 2) {
                frame.put((byte) 0);
            }
            frame.put(body).flip();
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            try (RawPeer one = new RawPeer(broker.port())) {
                one.sendFrame(bytes);
            }
        }
        assertThat(broker.process().isAlive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 1_000_000_000, 100_000})
    void anArrayLongerThanItsFrameClosesTheConnection(int count) {
        byte[] head = header(ApiKeys.METADATA.id, (short) 1, "raw");
        peer.sendFrame(
                ByteBuffer.allocate(head.length + 4).put(head).putInt(count).array());
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void aCompactArrayLongerThanItsFrameClosesTheConnection() {
        byte[] head = header(ApiKeys.METADATA.id, (short) 9, "raw");
        byte[] count = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};
        peer.sendFrame(ByteBuffer.allocate(head.length + 6)
                .put(head)
                .put((byte) 0)
                .put(count)
                .array());
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void aStringLongerThanItsFrameClosesTheConnection() {
        byte[] head = header(ApiKeys.METADATA.id, (short) 1, "raw");
        peer.sendFrame(ByteBuffer.allocate(head.length + 6)
                .put(head)
                .putInt(1)
                .putShort((short) 30_000)
                .array());
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void anHttpRequestClosesTheConnection() {
        peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(peer.isClosed()).isTrue();
        assertOneLineSaysWhy();
    }

    @Test
    void answersComeInTheOrderOfTheRequests() {
        for (int number = 0; number < 500; number++) {
            peer.send(number % 2 == 0 ? metadata(9) : new ApiVersionsRequest.Builder().build((short) 3));
        }
        for (int number = 0; number < 500; number++) {
            assertThat(ByteBuffer.wrap(peer.readFrame()).getInt()).isEqualTo(number + 1);
        }
    }

    @Test
    void aFrameThatComesByteByByteIsAnswered() {
        byte[] frame = peer.frame(metadata(9));
        for (byte one : ByteBuffer.allocate(4).putInt(frame.length).array()) {
            peer.send(one);
        }
        for (byte one : frame) {
            peer.send(one);
        }
        assertThat(peer.answer(ApiKeys.METADATA, (short) 9)).isInstanceOf(MetadataResponse.class);
    }

    private ApiVersionsResponse apiVersions() {
        return (ApiVersionsResponse) peer.ask(new ApiVersionsRequest.Builder().build((short) 3));
    }

    private static MetadataRequest metadata(int version) {
        return new MetadataRequest(new MetadataRequestData().setTopics(null), (short) version);
    }

    /** A request header of version 1: key, version, correlation id, client id. */
    private static byte[] header(short apiKey, short version, String clientId) {
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(10 + client.length)
                .putShort(apiKey)
                .putShort(version)
                .putInt(1)
                .putShort((short) client.length)
                .put(client)
                .array();
    }

    private void assertOneLineSaysWhy() {
        if (KnownDifference.ONE_LOG_LINE_FOR_A_BAD_PEER.appliesHere()) {
            broker.process()
                    .awaitLineFrom(bookmark, "127\\.0\\.0\\.1:" + peer.socket().getLocalPort());
            assertThat(broker.process().linesFrom(bookmark))
                    .filteredOn(
                            line -> line.contains("127.0.0.1:" + peer.socket().getLocalPort()))
                    .hasSize(1);
            assertThat(broker.process().linesFrom(bookmark)).noneMatch(line -> line.startsWith("\tat "));
        }
    }
}

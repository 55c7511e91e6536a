package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Setting;
import io.millrace.broker.config.Settings;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/api-support.md is what a running node answers to ApiVersions on its two listeners. After a change of the table, write the page
 * again with {@code -Dmillrace.docs=write}.
 */
class ApiSupportTest {

    private static final Path PAGE = Path.of("../docs/api-support.md");

    @Test
    void thePageIsWhatANodeAnswers(@TempDir Path directory) throws Exception {
        int kafkaPort = freePort();
        int controllerPort = freePort();
        Settings settings = Settings.none()
                .and(List.of(
                        setting("process.roles", "broker,controller"),
                        setting("node.id", "1"),
                        setting("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
                        setting("controller.listener.names", "CONTROLLER"),
                        setting(
                                "listeners",
                                "PLAINTEXT://127.0.0.1:" + kafkaPort + ",CONTROLLER://127.0.0.1:" + controllerPort),
                        setting("log.dirs", directory.toString())));
        try (Broker broker = new Broker(NodeConfig.of(settings), FirstStart.FORMATS, Map.of())) {
            broker.start();
            assertThatAnUnknownVersionIsAnsweredWithTheKnownOnes(kafkaPort);
            String page = page(ask(kafkaPort), ask(controllerPort));
            if ("write".equals(System.getProperty("millrace.docs"))) {
                Files.writeString(PAGE, page);
            }
            assertThat(Files.readString(PAGE)).isEqualTo(page);
        }
    }

    private static String page(ApiVersionsResponseData broker, ApiVersionsResponseData controller) {
        StringBuilder page = new StringBuilder("""
                # Supported APIs

                What a node answers to ApiVersions, beside what Apache Kafka 4.3.1 has. An API is served in all of its versions or not at all. Written by
                `ApiSupportTest`, which fails when this page and a running node differ.

                | key | API | Apache Kafka 4.3.1 | brokers' listeners | controllers' listeners |
                |---|---|---|---|---|
                """);
        for (ApiKeys api : ApiKeys.values()) {
            if (api.inScope(ListenerType.BROKER) || api.inScope(ListenerType.CONTROLLER)) {
                page.append("| %d | %s | %s | %s | %s |%n"
                        .formatted(
                                api.id,
                                api.name,
                                stable(api),
                                cell(api, ListenerType.BROKER, broker),
                                cell(api, ListenerType.CONTROLLER, controller)));
            }
        }
        return page.toString();
    }

    private static String stable(ApiKeys api) {
        return api.toApiVersionForApiResponse(
                        false, api.inScope(ListenerType.BROKER) ? ListenerType.BROKER : ListenerType.CONTROLLER)
                .map(ApiSupportTest::range)
                .orElse("unstable");
    }

    private static String cell(ApiKeys api, ListenerType listener, ApiVersionsResponseData answer) {
        ApiVersion served = answer.apiKeys().find(api.id);
        return served != null ? range(served) : api.inScope(listener) ? "not served" : "";
    }

    private static String range(ApiVersion version) {
        return version.minVersion() + " to " + version.maxVersion();
    }

    private static ApiVersionsResponseData ask(int port) throws IOException {
        short version = ApiKeys.API_VERSIONS.latestVersion();
        var header = new RequestHeader(ApiKeys.API_VERSIONS, version, "test", 1);
        var request = new ApiVersionsRequest(
                new ApiVersionsRequestData().setClientSoftwareName("test").setClientSoftwareVersion("1"), version);
        return new ApiVersionsResponseData(
                new ByteBufferAccessor(exchange(port, request.serializeWithHeader(header))), version);
    }

    private static void assertThatAnUnknownVersionIsAnsweredWithTheKnownOnes(int port) throws IOException {
        short unknown = 500;
        ByteBuffer request = ByteBuffer.allocate(12)
                .putShort(ApiKeys.API_VERSIONS.id)
                .putShort(unknown)
                .putInt(1)
                .putShort((short) -1) // no client id
                .put((byte) 0) // no tagged fields in the header
                .put((byte) 0)
                .flip();
        short answeredIn = 0;
        var answer = new ApiVersionsResponseData(new ByteBufferAccessor(exchange(port, request)), answeredIn);
        assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(answer.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                .isEqualTo(ApiKeys.API_VERSIONS.latestVersion());
    }

    /** The body of the response. */
    private static ByteBuffer exchange(int port, ByteBuffer request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            ByteBuffer frame = ByteBuffer.allocate(4 + request.remaining())
                    .putInt(request.remaining())
                    .put(request);
            socket.getOutputStream().write(frame.array());
            var in = new DataInputStream(socket.getInputStream());
            byte[] response = new byte[in.readInt()];
            in.readFully(response);
            ByteBuffer body = ByteBuffer.wrap(response);
            assertThat(body.getInt()).as("correlation id").isEqualTo(1);
            return body;
        }
    }

    private static Setting setting(String key, String value) {
        return new Setting(key, value, "test");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

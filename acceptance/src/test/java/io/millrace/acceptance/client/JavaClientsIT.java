package io.millrace.acceptance.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Java clients old and new: every compression, a group, an admin round trip. */
@Lab
final class JavaClientsIT {
    private static final int RECORDS = 200;

    static Stream<Arguments> versionsAndCompressions() {
        return Stream.of(JavaClientVersion.values())
                .flatMap(version -> Stream.of("none", "gzip", "snappy", "lz4", "zstd")
                        .map(compression -> Arguments.of(version, compression)));
    }

    @ParameterizedTest(name = "kafka-clients {0}, {1}")
    @MethodSource("versionsAndCompressions")
    void completesARoundTrip(JavaClientVersion version, String compression, BrokerUnderTest broker) {
        Map<String, String> answer = version.roundTrip(Map.of(
                "bootstrap", broker.bootstrap(),
                "topic", BrokerUnderTest.freshName("java-topic"),
                "group", BrokerUnderTest.freshName("java-group"),
                "compression", compression,
                "count", Integer.toString(RECORDS)));

        assertThat(answer.get("version")).startsWith(version.line());
        assertThat(answer).containsEntry("acknowledged", "200").containsEntry("consumed", "200");
        assertThat(answer).containsEntry("committed", "200");
    }
}

package io.millrace.acceptance.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kafka-python, kcat (librdkafka) and kafkajs: every compression that each supports, a group, an admin round trip. */
@Lab
final class OtherClientsIT {
    private static final int RECORDS = 200;

    private final BrokerUnderTest broker;

    OtherClientsIT(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kafkaPythonCompletesARoundTrip(String compression) {
        ExternalClient.KAFKA_PYTHON.require();
        CommandResult result = CommandResult.run(
                Map.of(),
                "",
                ExternalClient.KAFKA_PYTHON.script(
                        "python/round_trip.py",
                        broker.bootstrap(),
                        BrokerUnderTest.freshName("python-topic"),
                        BrokerUnderTest.freshName("python-group"),
                        compression,
                        Integer.toString(RECORDS)));
        assertThat(result.succeeded().output()).contains("round trip complete");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy"})
    void kafkajsCompletesARoundTrip(String compression) {
        ExternalClient.KAFKAJS.require();
        CommandResult result = CommandResult.run(
                Map.of("KAFKAJS_NO_PARTITIONER_WARNING", "1"),
                "",
                ExternalClient.KAFKAJS.script(
                        "kafkajs/round-trip.js",
                        broker.bootstrap(),
                        BrokerUnderTest.freshName("js-topic"),
                        BrokerUnderTest.freshName("js-group"),
                        compression,
                        Integer.toString(RECORDS)));
        assertThat(result.succeeded().output()).contains("round trip complete");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kcatProducesAndConsumes(String compression) {
        ExternalClient.KCAT.require();
        String topic = broker.newTopic("kcat-topic", 2);
        List<String> values = IntStream.range(0, RECORDS)
                .mapToObj(number -> "key" + number + ":value " + number + " " + "x".repeat(100))
                .toList();
        kcat(
                        String.join("\n", values) + "\n",
                        "-P",
                        "-t",
                        topic,
                        "-K:",
                        "-z",
                        compression,
                        "-X",
                        "enable.idempotence=true")
                .succeeded();

        CommandResult consumed = kcat("", "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-K:")
                .succeeded();

        assertThat(consumed.lines()).containsExactlyInAnyOrderElementsOf(values);
    }

    @Test
    void kcatConsumesInAGroupAndContinuesAfterItsCommit() {
        ExternalClient.KCAT.require();
        String topic = broker.newTopic("kcat-group-topic", 3);
        String group = BrokerUnderTest.freshName("kcat-group");
        kcat(lines(0, 50), "-P", "-t", topic).succeeded();
        assertThat(groupReads(group, topic, 50)).containsExactlyInAnyOrderElementsOf(numbers(0, 50));

        kcat(lines(50, 60), "-P", "-t", topic).succeeded();

        assertThat(groupReads(group, topic, 10)).containsExactlyInAnyOrderElementsOf(numbers(50, 60));
    }

    /** What a fresh kcat in the group reads until {@code count} records have come and it is asked to stop. */
    private List<String> groupReads(String group, String topic, int count) {
        List<String> command = ExternalClient.KCAT.command(List.of(
                "-b",
                broker.bootstrap(),
                "-G",
                group,
                "-X",
                "auto.offset.reset=earliest",
                "-X",
                "session.timeout.ms=10000",
                "-q",
                "-u",
                "-c",
                Integer.toString(count),
                topic));
        try (ExternalProcess kcat = ExternalProcess.start("kcat", log(group), Map.of(), command)) {
            assertThat(kcat.awaitExit(Duration.ofSeconds(60)))
                    .as(kcat.describe())
                    .isZero();
            return kcat.lines();
        }
    }

    @Test
    void kcatListsTheClusterAndTopics() {
        ExternalClient.KCAT.require();
        String topic = broker.newTopic("kcat-list", 3);
        String listing = kcat("", "-L").succeeded().output();
        assertThat(listing)
                .contains("broker 1 at " + broker.bootstrap())
                .contains("topic \"" + topic + "\" with 3 partitions");
    }

    @Test
    void kcatFindsOffsetsByTime() {
        ExternalClient.KCAT.require();
        String topic = broker.newTopic("kcat-query", 1);
        broker.clients().produce(topic, 0, List.of("a", "b", "c"));
        assertThat(kcat("", "-Q", "-t", topic + ":0:-2").succeeded().output()).contains("offset 0");
        assertThat(kcat("", "-Q", "-t", topic + ":0:-1").succeeded().output()).contains("offset 3");
        assertThat(kcat("", "-Q", "-t", topic + ":0:1").succeeded().output()).contains("offset 0");
    }

    private CommandResult kcat(String input, String... arguments) {
        List<String> all = new java.util.ArrayList<>(List.of("-b", broker.bootstrap()));
        all.addAll(List.of(arguments));
        return CommandResult.run(Map.of(), input, ExternalClient.KCAT.command(all));
    }

    private static String lines(int from, int toExclusive) {
        return numbers(from, toExclusive).stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private static List<String> numbers(int from, int toExclusive) {
        return IntStream.range(from, toExclusive).mapToObj(Integer::toString).toList();
    }

    private static Path log(String name) {
        return Path.of(System.getProperty("acceptance.target"), "client-logs", name + ".log");
    }
}

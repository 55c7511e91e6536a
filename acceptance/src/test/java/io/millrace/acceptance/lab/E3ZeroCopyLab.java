package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** E3: a consumer's bytes go from file to socket without a copy through the process, which the broker's flight recorder would see. */
@Lab
final class E3ZeroCopyLab {
    private static final int RECORDS = 400;
    private static final String HUNDRED_KB = "x".repeat(100_000);

    private final BrokerUnderTest broker;

    @TempDir
    private Path directory;

    E3ZeroCopyLab(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @Test
    void theProcessReadsNextToNothingOfWhatConsumersGet() throws IOException {
        long firstTimestampMs = System.currentTimeMillis();
        TopicPartition partition = new TopicPartition(broker.newTopic("e3", 1), 0);
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, firstTimestampMs + i, null, HUNDRED_KB));
            }
        }

        jcmd(
                "JFR.start",
                "name=e3",
                "settings=none",
                "+jdk.FileRead#enabled=true",
                "+jdk.FileRead#threshold=0ms",
                "+jdk.FileRead#throttle=off");
        assertThat(bytesConsumed(partition)).isEqualTo(RECORDS * (long) HUNDRED_KB.length());
        // Looking up a time does read in the file: were it not seen, nothing would be.
        assertThat(broker.clients().offset(partition, OffsetSpec.forTimestamp(firstTimestampMs + RECORDS / 2)))
                .isEqualTo(RECORDS / 2);
        Path recording = directory.resolve("e3.jfr");
        jcmd("JFR.stop", "name=e3", "filename=" + recording);

        assertThat(bytesRead(recording, partition.toString())).isBetween(1L, (long) HUNDRED_KB.length() * 20);
    }

    private long bytesConsumed(TopicPartition partition) {
        long[] bytes = new long[1];
        try (KafkaConsumer<String, String> consumer =
                broker.clients().consumer("e3", Map.of("max.partition.fetch.bytes", "10000000"))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Awaitility.await().until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    bytes[0] += record.serializedValueSize();
                }
                return consumer.position(partition) == RECORDS;
            });
        }
        return bytes[0];
    }

    private static long bytesRead(Path recording, String log) throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getString("path").contains(log))
                .mapToLong(event -> event.getLong("bytesRead"))
                .sum();
    }

    private void jcmd(String... command) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String pid = Long.toString(broker.process().pid());
        CommandResult.of(Stream.concat(Stream.of(jcmd, pid), Stream.of(command)).toArray(String[]::new))
                .succeeded();
    }
}

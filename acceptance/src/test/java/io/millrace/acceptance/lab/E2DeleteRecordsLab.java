package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** E2: kafka-delete-records with a JSON file moves the log start offset, and consumers see it. */
@Lab
final class E2DeleteRecordsLab {
    @TempDir
    private Path directory;

    @Test
    void recordsBeforeTheOffsetAreGone(BrokerUnderTest broker) throws IOException {
        String topic = topicWithHundred(broker);

        CommandResult result = deleteBefore(broker, topic, 50).succeeded();

        assertThat(result.output()).contains("partition: " + topic + "-0").contains("low_watermark: 50");
        assertThat(broker.clients().startOffset(new TopicPartition(topic, 0))).isEqualTo(50);
        assertThat(broker.clients().readAll(topic, 0))
                .hasSize(50)
                .extracting(ConsumerRecord::offset)
                .startsWith(50L)
                .endsWith(99L);
    }

    @Test
    void minusOneDeletesEverything(BrokerUnderTest broker) throws IOException {
        String topic = topicWithHundred(broker);
        assertThat(deleteBefore(broker, topic, -1).succeeded().output()).contains("low_watermark: 100");
        assertThat(broker.clients().readAll(topic, 0)).isEmpty();
    }

    @Test
    void anOffsetBeyondTheEndIsRefused(BrokerUnderTest broker) throws IOException {
        String topic = topicWithHundred(broker);
        assertThat(deleteBefore(broker, topic, 101).output()).contains("OffsetOutOfRange");
        assertThat(broker.clients().startOffset(new TopicPartition(topic, 0))).isZero();
    }

    @Test
    void theNewStartSurvivesARestart(Brokers brokers) throws IOException {
        BrokerUnderTest broker = brokers.start(Map.of());
        String topic = topicWithHundred(broker);
        deleteBefore(broker, topic, 30).succeeded();
        broker.restart();
        assertThat(broker.clients().startOffset(new TopicPartition(topic, 0))).isEqualTo(30);
        assertThat(broker.clients().readAll(topic, 0)).hasSize(70);
    }

    private static String topicWithHundred(BrokerUnderTest broker) {
        String topic = broker.newTopic("e2", 1);
        List<String> values =
                IntStream.range(0, 100).mapToObj(Integer::toString).toList();
        broker.clients().produce(topic, 0, values);
        return topic;
    }

    private CommandResult deleteBefore(BrokerUnderTest broker, String topic, long offset) throws IOException {
        Path file = Files.writeString(
                directory.resolve("delete-data.json"),
                "{\"partitions\":[{\"topic\":\"" + topic + "\", \"partition\": 0, \"offset\":" + offset
                        + "}], \"version\":1}");
        return broker.tool("kafka-delete-records", "--offset-json-file", file.toString());
    }
}

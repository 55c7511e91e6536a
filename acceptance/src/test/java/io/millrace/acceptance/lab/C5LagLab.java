package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** C5: lag per partition, as kafka-consumer-groups shows it and as the consumer measures it. */
@Lab
final class C5LagLab {
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("c5-group");

    C5LagLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("c5", 2);
        broker.clients().produce(topic, 0, Collections.nCopies(10, "x"));
        broker.clients().produce(topic, 1, Collections.nCopies(4, "x"));
    }

    @Test
    void theToolShowsCommittedOffsetEndAndLagPerPartition() {
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, Map.of())) {
            consumer.assign(List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1)));
            consumer.commitSync(Map.of(
                    new TopicPartition(topic, 0), new OffsetAndMetadata(3),
                    new TopicPartition(topic, 1), new OffsetAndMetadata(4)));
        }

        List<String> lines = broker.tool("kafka-consumer-groups", "--describe", "--group", group)
                .succeeded()
                .lines();

        // GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG ...
        Map<String, List<String>> byPartition = lines.stream()
                .map(line -> Arrays.asList(line.trim().split("\\s+")))
                .filter(columns -> columns.getFirst().equals(group))
                .collect(Collectors.toMap(columns -> columns.get(2), columns -> columns.subList(3, 6)));
        assertThat(byPartition).containsEntry("0", List.of("3", "10", "7")).containsEntry("1", List.of("4", "4", "0"));
    }

    @Test
    void theConsumerMeasuresItsGreatestLag() {
        Map<String, String> configs = Map.of("max.poll.records", "1", "group.id", group);
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, configs)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            KafkaClients.poll(consumer, 1);
            assertThat(consumer.currentLag(new TopicPartition(topic, 0))).hasValue(9);
            double recordsLagMax = consumer.metrics().entrySet().stream()
                    .filter(metric -> metric.getKey().name().equals("records-lag-max")
                            && !metric.getKey().tags().containsKey("partition"))
                    .mapToDouble(metric -> (Double) metric.getValue().metricValue())
                    .findFirst()
                    .orElseThrow();
            assertThat(recordsLagMax).isEqualTo(9);
        }
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.process.CommandResult;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.junit.jupiter.api.Test;

/** B2: partitions can be added, which moves keys, but never removed. */
@Lab
final class B2PartitionsGrowLab {
    private static final List<String> KEYS =
            IntStream.rangeClosed(1, 20).mapToObj(number -> "key" + number).toList();

    private final BrokerUnderTest broker;
    private final String topic;

    B2PartitionsGrowLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("b2", 1);
    }

    @Test
    void partitionsGrowFromOneToThreeAndKeysMove() {
        Map<String, Integer> withOne = sendEveryKey();
        alterPartitions(2).succeeded();
        Map<String, Integer> withTwo = sendEveryKey();
        alterPartitions(3).succeeded();
        Map<String, Integer> withThree = sendEveryKey();

        assertThat(withOne.values()).containsOnly(0);
        assertThat(withTwo.values()).contains(0, 1);
        assertThat(withThree.values()).contains(0, 1, 2);
        assertThat(withThree).isNotEqualTo(withTwo);
        // what was written before the topic grew stays where it is
        assertThat(broker.clients().readAll(topic, 0)).hasSizeGreaterThanOrEqualTo(KEYS.size());
        assertThat(broker.tool("kafka-topics", "--describe", "--topic", topic)
                        .succeeded()
                        .output())
                .contains("PartitionCount: 3");
    }

    @Test
    void shrinkingIsRefusedAndNothingChanges() {
        alterPartitions(3).succeeded();

        CommandResult refused = alterPartitions(2);

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output())
                .contains("InvalidPartitionsException")
                .contains("3")
                .contains("2");
        assertThatThrownBy(() -> KafkaClients.get(broker.admin()
                        .createPartitions(Map.of(topic, NewPartitions.increaseTo(1)))
                        .all()))
                .isInstanceOf(InvalidPartitionsException.class)
                .hasMessageContaining("3");
        assertThat(KafkaClients.get(
                                broker.admin().describeTopics(List.of(topic)).allTopicNames())
                        .get(topic)
                        .partitions())
                .hasSize(3);
    }

    private CommandResult alterPartitions(int count) {
        return broker.tool("kafka-topics", "--alter", "--topic", topic, "--partitions", Integer.toString(count));
    }

    /** A fresh producer, as a program started after the change would have; returns the partition of each key. */
    private Map<String, Integer> sendEveryKey() {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            return KEYS.stream()
                    .collect(Collectors.toMap(
                            key -> key,
                            key -> KafkaClients.send(producer, new ProducerRecord<>(topic, key, "v"))
                                    .partition()));
        }
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** C2: commits of groups of either protocol live in an internal topic, and survive the broker's restart and its death. */
@Lab
final class C2DurableCommitsLab {
    private static final List<String> VALUES = List.of("1", "2", "3", "4", "5");

    @Test
    void commitsLiveInAnInternalTopicAndSurviveRestartAndKill(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(Map.of());
        String topic = broker.newTopic("c2", 1);
        broker.clients().produce(topic, 0, VALUES);
        for (GroupProtocol protocol : GroupProtocol.values()) {
            try (KafkaConsumer<String, String> consumer = subscriber(broker, topic, protocol)) {
                KafkaClients.poll(consumer, VALUES.size());
                consumer.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(3)));
            }
        }
        var offsets = KafkaClients.get(broker.admin()
                        .describeTopics(List.of("__consumer_offsets"))
                        .allTopicNames())
                .get("__consumer_offsets");
        assertThat(offsets.isInternal()).isTrue();
        assertThat(offsets.partitions()).hasSize(50);

        broker.restart();
        awaitCommitted(broker, topic);
        broker.kill();
        broker.start();
        awaitCommitted(broker, topic);
        for (GroupProtocol protocol : GroupProtocol.values()) {
            try (KafkaConsumer<String, String> restarted = subscriber(broker, topic, protocol)) {
                assertThat(KafkaClients.poll(restarted, 2))
                        .extracting(ConsumerRecord::value)
                        .containsExactly("4", "5");
            }
        }
    }

    private static void awaitCommitted(BrokerUnderTest broker, String topic) {
        for (GroupProtocol protocol : GroupProtocol.values()) {
            Awaitility.await()
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(KafkaClients.get(broker.admin()
                                            .listConsumerGroupOffsets(protocol.name())
                                            .partitionsToOffsetAndMetadata())
                                    .get(new TopicPartition(topic, 0))
                                    .offset())
                            .isEqualTo(3));
        }
    }

    private static KafkaConsumer<String, String> subscriber(
            BrokerUnderTest broker, String topic, GroupProtocol protocol) {
        KafkaConsumer<String, String> consumer =
                broker.clients().consumer(protocol.name(), protocol.with(Map.of("enable.auto.commit", "false")));
        consumer.subscribe(List.of(topic));
        return consumer;
    }
}

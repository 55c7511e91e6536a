package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** C2: automatic and manual commits, and what a consumer sees again after a crash or a restart. */
@Lab
@ParameterizedClass
@EnumSource
final class C2CommitsLab {
    private final GroupProtocol protocol;
    private final String group = BrokerUnderTest.freshName("c2-group");

    C2CommitsLab(GroupProtocol protocol) {
        this.protocol = protocol;
    }

    @Test
    void automaticCommitsHappenAtTheirInterval(BrokerUnderTest broker) {
        String topic = topicWithFive(broker);
        Map<String, String> configs = Map.of("enable.auto.commit", "true", "auto.commit.interval.ms", "200");
        try (KafkaConsumer<String, String> consumer = subscriber(broker, topic, configs)) {
            KafkaClients.poll(consumer, 5);
            Awaitility.await().untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(50));
                assertThat(committed(broker, topic)).isEqualTo(5);
            });
        }
    }

    @Test
    void aCrashBeforeTheAutomaticCommitMeansTheRecordsAreSeenTwice(BrokerUnderTest broker) {
        String topic = topicWithFive(broker);
        Map<String, String> configs = Map.of("enable.auto.commit", "true", "auto.commit.interval.ms", "60000");
        // closed without its commit, as if it had been stopped within the minute
        KafkaConsumer<String, String> crashing = subscriber(broker, topic, Map.of("enable.auto.commit", "false"));
        assertThat(values(KafkaClients.poll(crashing, 5))).containsExactly("1", "2", "3", "4", "5");
        crashing.close(CloseOptions.timeout(Duration.ofSeconds(5)));

        try (KafkaConsumer<String, String> restarted = subscriber(broker, topic, configs)) {
            assertThat(values(KafkaClients.poll(restarted, 5))).containsExactly("1", "2", "3", "4", "5");
        }
    }

    @Test
    void aRestartContinuesAfterTheLastSynchronousCommit(BrokerUnderTest broker) {
        String topic = topicWithFive(broker);
        try (KafkaConsumer<String, String> consumer = manual(broker, topic)) {
            KafkaClients.poll(consumer, 5);
            consumer.commitSync();
        }
        broker.clients().produce(topic, 0, List.of("6", "7", "8", "9", "10"));
        try (KafkaConsumer<String, String> restarted = manual(broker, topic)) {
            assertThat(values(KafkaClients.poll(restarted, 5))).containsExactly("6", "7", "8", "9", "10");
        }
    }

    @Test
    void anAsynchronousCommitReportsToItsCallback(BrokerUnderTest broker) {
        String topic = topicWithFive(broker);
        try (KafkaConsumer<String, String> consumer = manual(broker, topic)) {
            KafkaClients.poll(consumer, 5);
            CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> reported = new CompletableFuture<>();
            consumer.commitAsync((offsets, error) -> {
                assertThat(error).isNull();
                reported.complete(offsets);
            });
            Awaitility.await().untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(50));
                assertThat(reported).isCompleted();
            });
            assertThat(reported.join().get(new TopicPartition(topic, 0)).offset())
                    .isEqualTo(5);
            assertThat(committed(broker, topic)).isEqualTo(5);
        }
    }

    @Test
    void aMapCommitsAnyOffsetWithMetadata(BrokerUnderTest broker) {
        String topic = topicWithFive(broker);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = manual(broker, topic)) {
            KafkaClients.poll(consumer, 5);
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(2, "half way")));
            assertThat(consumer.committed(java.util.Set.of(partition))
                            .get(partition)
                            .metadata())
                    .isEqualTo("half way");
        }
        try (KafkaConsumer<String, String> restarted = manual(broker, topic)) {
            assertThat(values(KafkaClients.poll(restarted, 3))).containsExactly("3", "4", "5");
        }
    }

    private static String topicWithFive(BrokerUnderTest broker) {
        String topic = broker.newTopic("c2", 1);
        broker.clients()
                .produce(
                        topic,
                        0,
                        IntStream.rangeClosed(1, 5).mapToObj(Integer::toString).toList());
        return topic;
    }

    private KafkaConsumer<String, String> manual(BrokerUnderTest broker, String topic) {
        return subscriber(broker, topic, Map.of("enable.auto.commit", "false"));
    }

    private KafkaConsumer<String, String> subscriber(
            BrokerUnderTest broker, String topic, Map<String, String> configs) {
        KafkaConsumer<String, String> consumer = broker.clients().consumer(group, protocol.with(configs));
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private long committed(BrokerUnderTest broker, String topic) {
        OffsetAndMetadata offset = KafkaClients.get(
                        broker.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .get(new TopicPartition(topic, 0));
        return offset == null ? -1 : offset.offset();
    }

    private static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }
}

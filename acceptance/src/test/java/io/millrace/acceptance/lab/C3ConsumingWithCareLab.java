package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** C3: back-pressure by pulling: a consumer pauses, keeps its membership, and resumes where it was. */
@Lab
@ParameterizedClass
@EnumSource
final class C3ConsumingWithCareLab {
    private final GroupProtocol protocol;
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("c3-group");

    C3ConsumingWithCareLab(GroupProtocol protocol, BrokerUnderTest broker) {
        this.protocol = protocol;
        this.broker = broker;
        this.topic = broker.newTopic("c3", 2);
    }

    @Test
    void aPausedPartitionDeliversNothingUntilItIsResumed() {
        TopicPartition paused = new TopicPartition(topic, 0);
        broker.clients().produce(topic, 0, numbers(0, 5));
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, protocol.with(Map.of()))) {
            consumer.subscribe(List.of(topic));
            assertThat(KafkaClients.poll(consumer, 5)).hasSize(5);
            consumer.pause(List.of(paused));
            broker.clients().produce(topic, 0, numbers(5, 8));
            broker.clients().produce(topic, 1, numbers(100, 103));

            List<ConsumerRecord<String, String>> others = KafkaClients.poll(consumer, 3);
            assertThat(others).extracting(ConsumerRecord::partition).containsOnly(1);
            assertThat(consumer.poll(Duration.ofMillis(300))).isEmpty();
            assertThat(consumer.position(paused)).isEqualTo(5);

            consumer.resume(List.of(paused));
            assertThat(KafkaClients.poll(consumer, 3))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("5", "6", "7");
        }
    }

    @Test
    void maxPollRecordsBoundsWhatOnePollReturns() {
        broker.clients().produce(topic, 0, numbers(0, 50));
        Map<String, String> configs = Map.of("max.poll.records", "7");
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, protocol.with(configs))) {
            consumer.subscribe(List.of(topic));
            int seen = 0;
            while (seen < 50) {
                int batch = consumer.poll(Duration.ofSeconds(10)).count();
                assertThat(batch).isBetween(0, 7);
                seen += batch;
            }
            assertThat(seen).isEqualTo(50);
        }
    }

    private static List<String> numbers(int from, int toExclusive) {
        return IntStream.range(from, toExclusive).mapToObj(Integer::toString).toList();
    }
}

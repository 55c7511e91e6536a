package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.client.GroupProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** C1: where a group starts that has committed nothing, or whose offset is gone. */
@Lab
@ParameterizedClass
@EnumSource
final class C1AutoOffsetResetLab {
    private final GroupProtocol protocol;
    private final BrokerUnderTest broker;
    private final String topic;
    private final String group = BrokerUnderTest.freshName("c1-group");

    C1AutoOffsetResetLab(GroupProtocol protocol, BrokerUnderTest broker) {
        this.protocol = protocol;
        this.broker = broker;
        this.topic = broker.newTopic("c1", 1);
        broker.clients().produce(topic, 0, List.of("0", "1", "2"));
    }

    @Test
    void earliestReadsFromTheBeginning() {
        try (KafkaConsumer<String, String> consumer = subscriber("earliest")) {
            assertThat(KafkaClients.poll(consumer, 3))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("0", "1", "2");
        }
    }

    @Test
    void latestReadsWhatComesAfterItStarted() {
        try (KafkaConsumer<String, String> consumer = subscriber("latest")) {
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(50));
            }
            assertThat(consumer.position(new TopicPartition(topic, 0))).isEqualTo(3);
            broker.clients().produce(topic, 0, List.of("3"));
            assertThat(KafkaClients.poll(consumer, 1))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("3");
        }
    }

    @Test
    void noneRefusesToGuess() {
        try (KafkaConsumer<String, String> consumer = subscriber("none")) {
            assertThatThrownBy(() -> KafkaClients.poll(consumer, 1)).isInstanceOf(NoOffsetForPartitionException.class);
        }
    }

    @Test
    void aCommittedOffsetWinsOverTheSetting() {
        try (KafkaConsumer<String, String> consumer = subscriber("earliest")) {
            KafkaClients.poll(consumer, 3);
            consumer.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(2)));
            consumer.unsubscribe();
        }
        try (KafkaConsumer<String, String> consumer = subscriber("none")) {
            assertThat(KafkaClients.poll(consumer, 1))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("2");
        }
    }

    @Test
    void anOffsetThatWasDeletedIsResetToTheLogStart() {
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaClients.get(broker.admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(2)))
                .all());
        try (KafkaConsumer<String, String> none =
                        broker.clients().consumer(group, protocol.with(Map.of("auto.offset.reset", "none")));
                KafkaConsumer<String, String> earliest = broker.clients().consumer(group, protocol.with(Map.of()))) {
            none.assign(List.of(partition));
            none.seek(partition, 0);
            assertThatThrownBy(() -> KafkaClients.poll(none, 1)).isInstanceOf(OffsetOutOfRangeException.class);
            earliest.assign(List.of(partition));
            earliest.seek(partition, 0);
            assertThat(KafkaClients.poll(earliest, 1))
                    .extracting(ConsumerRecord::offset)
                    .containsExactly(2L);
        }
    }

    private KafkaConsumer<String, String> subscriber(String reset) {
        KafkaConsumer<String, String> consumer = broker.clients()
                .consumer(group, protocol.with(Map.of("auto.offset.reset", reset, "enable.auto.commit", "false")));
        consumer.subscribe(List.of(topic));
        return consumer;
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** E4: a record above the limit is refused with RECORD_TOO_LARGE; nothing else is disturbed. */
@Lab
final class E4RecordTooLargeLab {
    private static final String TWO_MIB = "x".repeat(2 * 1024 * 1024);

    private final BrokerUnderTest broker;

    E4RecordTooLargeLab(BrokerUnderTest broker) {
        this.broker = broker;
    }

    @Test
    void theBrokersDefaultLimitRefusesAndTheProducerGoesOn() {
        String topic = broker.newTopic("e4", 1);
        try (KafkaProducer<String, String> producer = bigRequests()) {
            KafkaClients.send(producer, new ProducerRecord<>(topic, "before"));
            assertThatThrownBy(() -> KafkaClients.send(producer, new ProducerRecord<>(topic, TWO_MIB)))
                    .isInstanceOf(RecordTooLargeException.class);
            KafkaClients.send(producer, new ProducerRecord<>(topic, "after"));
        }
        assertThat(broker.clients().readAll(topic, 0))
                .extracting(ConsumerRecord::value)
                .containsExactly("before", "after");
    }

    @Test
    void theTopicsOwnLimitAppliesAndCanBeRaisedWhileRunning() {
        String topic = broker.newTopic("e4", 1, Map.of("max.message.bytes", "1000"));
        try (KafkaProducer<String, String> producer = bigRequests()) {
            assertThatThrownBy(() -> KafkaClients.send(producer, new ProducerRecord<>(topic, "y".repeat(5000))))
                    .isInstanceOf(RecordTooLargeException.class);
            KafkaClients.get(broker.admin()
                    .incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", "3000000"), AlterConfigOp.OpType.SET))))
                    .all());
            Awaitility.await()
                    .ignoreException(RecordTooLargeException.class)
                    .untilAsserted(() -> assertThat(KafkaClients.send(producer, new ProducerRecord<>(topic, TWO_MIB))
                                    .offset())
                            .isZero());
        }
        assertThat(broker.clients().readAll(topic, 0)).hasSize(1);
    }

    private KafkaProducer<String, String> bigRequests() {
        return broker.clients().producer(Map.of("max.request.size", "10000000", "buffer.memory", "33554432"));
    }
}

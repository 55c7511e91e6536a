package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** B5: the future and the callback report partition and offset, or the error. */
@Lab
final class B5ResultsLab {
    private final BrokerUnderTest broker;
    private final String topic;

    B5ResultsLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("b5", 2, Map.of("max.message.bytes", "1000"));
    }

    @Test
    void theFutureReportsPartitionAndOffset() {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            List<RecordMetadata> results = IntStream.range(0, 5)
                    .mapToObj(number ->
                            KafkaClients.send(producer, new ProducerRecord<>(topic, 1, null, "value " + number)))
                    .toList();
            assertThat(results).extracting(RecordMetadata::partition).containsOnly(1);
            assertThat(results).extracting(RecordMetadata::offset).containsExactly(0L, 1L, 2L, 3L, 4L);
        }
    }

    @Test
    void theCallbackReportsPartitionAndOffset() throws Exception {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            CompletableFuture<RecordMetadata> result = new CompletableFuture<>();
            producer.send(new ProducerRecord<>(topic, 0, null, "value"), (metadata, error) -> {
                assertThat(error).isNull();
                result.complete(metadata);
            });
            assertThat(result.get(30, TimeUnit.SECONDS).offset()).isZero();
        }
    }

    @Test
    void bothReportTheError() {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            CompletableFuture<Exception> reported = new CompletableFuture<>();
            var result = producer.send(
                    new ProducerRecord<>(topic, 0, null, "x".repeat(2000)),
                    (metadata, error) -> reported.complete(error));
            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            assertThat(reported).isCompletedWithValueMatching(RecordTooLargeException.class::isInstance);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyAcksSettingDelivers(String acks) {
        Map<String, String> configs = Map.of("acks", acks, "enable.idempotence", "false");
        try (KafkaProducer<String, String> producer = broker.clients().producer(configs)) {
            RecordMetadata result = KafkaClients.send(producer, new ProducerRecord<>(topic, 0, null, acks));
            // with acks=0 nobody tells the producer the offset
            assertThat(result.offset()).isEqualTo(acks.equals("0") ? -1 : 0);
        }
        org.awaitility.Awaitility.await()
                .untilAsserted(
                        () -> assertThat(broker.clients().readAll(topic, 0)).hasSize(1));
    }
}

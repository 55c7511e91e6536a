package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.CuttingProxy;
import io.millrace.acceptance.broker.Lab;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** B6, first half: an idempotent producer that retries makes no duplicates and keeps the order. */
@Lab
final class B6IdempotenceLab {
    private static final int RECORDS = 300;

    /** The broker appends, the answer is lost with its connection, the producer sends again. */
    @Test
    void retriesAfterLostAnswersMakeNoDuplicates(Brokers brokers) throws Exception {
        BrokerUnderTest broker = brokers.prepare(Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:{secondPort}"));
        try (CuttingProxy proxy = new CuttingProxy(broker.secondPort(), broker.port())) {
            broker.start();
            String topic = broker.newTopic("b6", 1);
            Map<String, Object> configs = Map.of(
                    "bootstrap.servers", "127.0.0.1:" + broker.secondPort(),
                    "enable.idempotence", "true",
                    "acks", "all",
                    "linger.ms", "0",
                    "reconnect.backoff.ms", "10",
                    "retry.backoff.ms", "10",
                    "batch.size", "200");
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer())) {
                for (int number = 0; number < RECORDS; number++) {
                    Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, Integer.toString(number)));
                    if (number % 50 == 25) {
                        sent.get(30, TimeUnit.SECONDS);
                        proxy.loseNextAnswer();
                    }
                }
                producer.flush();
            }
            assertThat(proxy.answersLost()).isGreaterThanOrEqualTo(4);
            assertThat(broker.clients().readAll(topic, 0))
                    .extracting(ConsumerRecord::value)
                    .containsExactlyElementsOf(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** B4: what batch.size, linger.ms, buffer.memory and compression change, measured. */
@Lab
final class B4BatchingLab {
    private static final int RECORDS = 500;

    private final BrokerUnderTest broker;
    private final String topic;

    B4BatchingLab(BrokerUnderTest broker) {
        this.broker = broker;
        this.topic = broker.newTopic("b4", 1);
    }

    @Test
    void lingeringFillsBatchesAndSavesRequests() throws Exception {
        double unbatched = recordsPerRequest(Map.of("batch.size", "0", "linger.ms", "0"));
        double batched = recordsPerRequest(Map.of("batch.size", "65536", "linger.ms", "50"));
        assertThat(unbatched).isLessThan(2);
        assertThat(batched).isGreaterThan(20);
        assertThat(broker.clients().readAll(topic, 0)).hasSize(2 * RECORDS);
    }

    @Test
    void aSmallBufferHoldsTheProducerBackWithoutLosingAnything() throws Exception {
        recordsPerRequest(Map.of("buffer.memory", "65536", "batch.size", "16384"));
        assertThat(broker.clients().readAll(topic, 0)).hasSize(RECORDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
    void compressedBatchesStayCompressedOnDisk(String compression) throws Exception {
        recordsPerRequest(Map.of("compression.type", compression, "linger.ms", "50", "batch.size", "65536"));

        assertThat(sizeBytes()).isPositive().isLessThan(RECORDS * 1000L / 4);
        assertThat(broker.clients().readAll(topic, 0))
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(IntStream.range(0, RECORDS)
                        .mapToObj(B4BatchingLab::value)
                        .toList());
    }

    @Test
    void uncompressedBatchesTakeTheirFullSize() throws Exception {
        recordsPerRequest(Map.of("compression.type", "none", "linger.ms", "50", "batch.size", "65536"));
        assertThat(sizeBytes()).isGreaterThan(RECORDS * 1000L);
    }

    private double recordsPerRequest(Map<String, String> configs) throws Exception {
        try (KafkaProducer<String, String> producer = broker.clients().producer(configs)) {
            var pending = IntStream.range(0, RECORDS)
                    .mapToObj(number -> producer.send(new ProducerRecord<>(topic, value(number))))
                    .toList();
            for (var acknowledgement : pending) {
                acknowledgement.get(30, TimeUnit.SECONDS);
            }
            return producer.metrics().entrySet().stream()
                    .filter(metric -> metric.getKey().name().equals("records-per-request-avg")
                            && metric.getKey().group().equals("producer-metrics"))
                    .mapToDouble(metric -> (Double) metric.getValue().metricValue())
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String value(int number) {
        return "message " + number + " " + "compressible ".repeat(80);
    }

    private long sizeBytes() {
        return KafkaClients.get(broker.admin().describeLogDirs(List.of(1)).allDescriptions()).get(1).values().stream()
                .map(directory -> directory.replicaInfos().get(new TopicPartition(topic, 0)))
                .filter(java.util.Objects::nonNull)
                .mapToLong(replica -> replica.size())
                .sum();
    }
}

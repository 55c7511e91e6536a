package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** E1: a partition is a row of segments with indexes; retention by size and by time removes whole ones from the front. */
@Lab
final class E1RetentionLab {
    private static final String KILOBYTE = "x".repeat(1000);
    private static final Map<String, String> QUICK_CHECKS = Map.of(
            "log.retention.check.interval.ms",
            "300",
            "log.segment.delete.delay.ms",
            "100",
            "log.initial.task.delay.ms",
            "100");
    /** The smallest segment that Apache Kafka 4 accepts is 1 MiB. */
    private static final String SEGMENT_BYTES = Integer.toString(1024 * 1024);

    @Test
    void segmentsRollBySizeAndKeepTheirIndexes(BrokerUnderTest broker) {
        String topic = broker.newTopic("e1", 1, Map.of("segment.bytes", SEGMENT_BYTES));
        fill(broker, topic, 2500);

        assertThat(files(broker, topic, ".log")).hasSizeGreaterThanOrEqualTo(3).contains("00000000000000000000.log");
        assertThat(files(broker, topic, ".index")).hasSameSizeAs(files(broker, topic, ".log"));
        assertThat(files(broker, topic, ".timeindex")).hasSameSizeAs(files(broker, topic, ".log"));
    }

    @Test
    void recordsStayAfterTheyAreConsumed(BrokerUnderTest broker) {
        String topic = broker.newTopic("e1", 1);
        fill(broker, topic, 10);
        try (KafkaConsumer<String, String> consumer =
                broker.clients().consumer(BrokerUnderTest.freshName("e1-group"), Map.of())) {
            consumer.subscribe(List.of(topic));
            KafkaClients.poll(consumer, 10);
            consumer.commitSync();
        }
        assertThat(broker.clients().readAll(topic, 0)).hasSize(10);
    }

    @Test
    void retentionBySizeRemovesTheOldestSegments(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(QUICK_CHECKS);
        Map<String, String> configs = Map.of("segment.bytes", SEGMENT_BYTES, "retention.bytes", "1500000");
        String topic = broker.newTopic("e1", 1, configs);
        fill(broker, topic, 5000);

        awaitStartAfter(broker, topic, 2000);

        assertThat(broker.clients().endOffset(new TopicPartition(topic, 0))).isEqualTo(5000);
        Awaitility.await()
                .untilAsserted(() -> assertThat(files(broker, topic, ".log")).hasSizeLessThanOrEqualTo(3));
    }

    @Test
    void retentionByTimeRemovesWhatIsTooOldAndItsSettingChangesAtRunTime(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(QUICK_CHECKS);
        TopicPartition partition =
                new TopicPartition(broker.newTopic("e1", 1, Map.of("segment.bytes", SEGMENT_BYTES)), 0);
        long hourAgoMs = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
        produceAt(broker, partition.topic(), hourAgoMs);
        assertThat(broker.clients().startOffset(partition)).isZero();

        KafkaClients.get(broker.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, partition.topic()),
                        List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "60000"), AlterConfigOp.OpType.SET))))
                .all());

        awaitStartAfter(broker, partition.topic(), 9);
        // an expired active segment is rolled and removed as well, so that the log becomes empty
        assertThat(broker.clients().readAll(partition.topic(), 0)).isEmpty();
        assertThat(broker.clients().endOffset(partition)).isEqualTo(10);
    }

    @Test
    void brokerWideRetentionAppliesToTopicsWithoutTheirOwn(Brokers brokers) {
        Map<String, String> properties = new java.util.HashMap<>(QUICK_CHECKS);
        properties.put("log.retention.ms", "60000");
        BrokerUnderTest broker = brokers.start(properties);
        long hourAgoMs = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
        String brief = broker.newTopic("e1-brief", 1);
        String kept = broker.newTopic("e1-kept", 1, Map.of("retention.ms", "-1"));
        produceAt(broker, brief, hourAgoMs);
        produceAt(broker, kept, hourAgoMs);

        awaitStartAfter(broker, brief, 9);

        assertThat(broker.clients().startOffset(new TopicPartition(kept, 0))).isZero();
    }

    @Test
    void offsetsAreFoundByTimestampAcrossSegments(BrokerUnderTest broker) {
        String topic = broker.newTopic("e1", 1, Map.of("segment.bytes", SEGMENT_BYTES));
        long firstMs = System.currentTimeMillis() - 10_000;
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of("linger.ms", "5"))) {
            for (int number = 0; number < 2500; number++) {
                producer.send(new ProducerRecord<>(topic, 0, firstMs + number, null, KILOBYTE));
            }
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        assertThat(broker.clients().offset(partition, OffsetSpec.forTimestamp(firstMs + 1234)))
                .isEqualTo(1234);
        assertThat(broker.clients().offset(partition, OffsetSpec.forTimestamp(firstMs + 2500)))
                .isEqualTo(-1);
        assertThat(broker.clients().offset(partition, OffsetSpec.maxTimestamp()))
                .isEqualTo(2499);
    }

    /** There is none, so everything that a log has is local and nothing waits to be brought away. */
    @Test
    void offsetsOfTieredStorageAreAnsweredWithoutIt(BrokerUnderTest broker) {
        String topic = broker.newTopic("e1-local", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        fill(broker, topic, 10);
        KafkaClients.get(broker.clients()
                .admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                .all());

        assertThat(broker.clients().offset(partition, OffsetSpec.earliestLocal()))
                .isEqualTo(4);
        assertThat(broker.clients().offset(partition, OffsetSpec.latestTiered()))
                .isEqualTo(-1);
        assertThat(broker.clients().offset(partition, OffsetSpec.earliestPendingUpload()))
                .isEqualTo(-1);
    }

    private static void awaitStartAfter(BrokerUnderTest broker, String topic, long offset) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(broker.clients().startOffset(new TopicPartition(topic, 0)))
                        .isGreaterThan(offset));
    }

    private static void fill(BrokerUnderTest broker, String topic, int kilobytes) {
        broker.clients().produce(topic, 0, Collections.nCopies(kilobytes, KILOBYTE));
    }

    private static void produceAt(BrokerUnderTest broker, String topic, long timestampMs) {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            for (int number = 0; number < 10; number++) {
                KafkaClients.send(producer, new ProducerRecord<>(topic, 0, timestampMs, null, "old"));
            }
        }
    }

    private static List<String> files(BrokerUnderTest broker, String topic, String suffix) {
        try (Stream<java.nio.file.Path> files = Files.list(broker.partitionDirectory(topic, 0))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

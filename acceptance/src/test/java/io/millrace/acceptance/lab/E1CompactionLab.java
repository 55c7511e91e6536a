package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** E1: a compacted topic keeps the last record of each key, where it was; tombstones take a key away; the groups' offsets shrink. */
@Lab
final class E1CompactionLab {
    private static final String KILOBYTE = "x".repeat(1000);
    private static final int KEYS = 100;
    private static final int ROUNDS = 50;
    private static final String OFFSETS = "__consumer_offsets";

    private static final Map<String, String> EAGER = Map.of(
            "log.cleaner.backoff.ms",
            "200",
            "log.cleaner.min.cleanable.ratio",
            "0.01",
            "log.segment.delete.delay.ms",
            "100",
            "log.retention.check.interval.ms",
            "300",
            "log.initial.task.delay.ms",
            "100",
            "offsets.topic.num.partitions",
            "1",
            "offsets.topic.segment.bytes",
            "1048576");

    private static final Map<String, String> COMPACTED =
            Map.of("cleanup.policy", "compact", "segment.bytes", "1048576", "delete.retention.ms", "1000");

    private final Map<String, String> expected = new TreeMap<>();

    @Test
    void theLastRecordOfEachKeyStaysAndTombstonesTakeKeysAway(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(EAGER);
        TopicPartition partition = new TopicPartition(broker.newTopic("e1-compacted", 1, COMPACTED), 0);
        produce(broker, partition, "first", Map.of());
        List<String> deleted = IntStream.range(0, KEYS)
                .filter(key -> key % 10 == 0)
                .mapToObj(E1CompactionLab::key)
                .toList();
        tombstones(broker, partition, deleted);
        long endOffset = broker.clients().endOffset(partition);

        // Further records make the tombstones, too, older than the active segment.
        produce(broker, partition, "second", Map.of("compression.type", "lz4"));
        awaiting().untilAsserted(() -> assertCompacted(broker, partition));
        deleted.forEach(expected::remove);
        tombstones(broker, partition, deleted);
        awaiting().untilAsserted(() -> {
            produceOther(broker, partition);
            assertThat(read(broker, partition)).extracting(ConsumerRecord::key).doesNotContainAnyElementsOf(deleted);
        });
        assertCompacted(broker, partition);
        assertThat(broker.clients().endOffset(partition)).isGreaterThan(endOffset);
        broker.stop();
        assertSound(broker, partition);
    }

    @Test
    void theOffsetsOfGroupsShrinkAndAreFoundAgain(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(EAGER);
        TopicPartition partition = new TopicPartition(broker.newTopic("e1-grouped", 1), 0);
        String group = BrokerUnderTest.freshName("e1-group");
        TopicPartition offsets = new TopicPartition(OFFSETS, 0);
        commit(broker, group, partition, 3000);

        awaiting().untilAsserted(() -> {
            assertThat(broker.clients().endOffset(offsets)).isGreaterThanOrEqualTo(3000);
            assertThat(sizeBytes(broker, offsets)).isLessThan(4 * 1024 * 1024);
        });
        broker.stop();
        assertSound(broker, offsets);
        broker.start();
        broker.kill();
        broker.start();
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, Map.of())) {
            assertThat(consumer.committed(java.util.Set.of(partition))
                            .get(partition)
                            .offset())
                    .isEqualTo(2999);
        }
    }

    @Test
    void aTopicMayBeCompactedAndHaveRetention(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(EAGER);
        Map<String, String> configs = new HashMap<>(COMPACTED);
        configs.put("cleanup.policy", "compact,delete");
        configs.put("retention.bytes", "1500000");
        TopicPartition partition = new TopicPartition(broker.newTopic("e1-both", 1, configs), 0);
        produce(broker, partition, "kept", Map.of());
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of("linger.ms", "5"))) {
            for (int number = 0; number < 4000; number++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, "once-" + number, KILOBYTE));
            }
        }
        awaiting().untilAsserted(() -> {
            assertThat(broker.clients().startOffset(partition)).isGreaterThan((long) KEYS * ROUNDS);
            assertThat(sizeBytes(broker, partition)).isLessThan(3 * 1024 * 1024);
        });
    }

    @Test
    void whatOneSoftwareCompactedTheOtherReadsAndCompacts(Brokers brokers) {
        BrokerUnderTest broker = brokers.start(EAGER);
        TopicPartition partition = new TopicPartition(broker.newTopic("e1-both-ways", 1, COMPACTED), 0);
        int round = 0;
        for (Distribution next :
                List.of(Distribution.apacheKafka(), Distribution.millrace(), Distribution.apacheKafka())) {
            produce(broker, partition, "round-" + round++, Map.of("compression.type", "zstd"));
            awaiting().untilAsserted(() -> assertCompacted(broker, partition));
            broker.stop();
            assertSound(broker, partition);
            broker.runAs(next);
            broker.start();
            assertCompacted(broker, partition);
        }
        assertThat(broker.process().linesMatching("damaged|Corrupt|corrupt|uncleanable"))
                .isEmpty();
    }

    private static String key(int number) {
        return "key-" + number;
    }

    private static ConditionFactory awaiting() {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(300));
    }

    /** Every key again and again; the last values are those to be found. */
    private void produce(
            BrokerUnderTest broker, TopicPartition partition, String prefix, Map<String, String> producerConfigs) {
        Map<String, String> configs = new HashMap<>(producerConfigs);
        configs.put("linger.ms", "5");
        try (KafkaProducer<String, String> producer = broker.clients().producer(configs)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int number = 0; number < KEYS; number++) {
                    String value = prefix + "-" + round + "-" + number + KILOBYTE;
                    producer.send(new ProducerRecord<>(partition.topic(), 0, key(number), value));
                    expected.put(key(number), value);
                }
            }
        }
        produceOther(broker, partition);
    }

    /** Enough for the active segment to be another one. */
    private static void produceOther(BrokerUnderTest broker, TopicPartition partition) {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of("linger.ms", "5"))) {
            for (int number = 0; number < 1100; number++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, "other", KILOBYTE));
            }
        }
    }

    private void tombstones(BrokerUnderTest broker, TopicPartition partition, List<String> keys) {
        try (KafkaProducer<String, String> producer = broker.clients().producer(Map.of())) {
            for (String key : keys) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, key, null));
            }
        }
    }

    private static void commit(BrokerUnderTest broker, String group, TopicPartition partition, int commits) {
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer(group, Map.of())) {
            consumer.assign(List.of(partition));
            for (int offset = 0; offset < commits; offset++) {
                Map<TopicPartition, OffsetAndMetadata> commit =
                        Map.of(partition, new OffsetAndMetadata(offset, KILOBYTE + KILOBYTE + KILOBYTE + offset));
                if (offset % 50 == 0 || offset == commits - 1) {
                    consumer.commitSync(commit);
                } else {
                    consumer.commitAsync(commit, null);
                }
            }
        }
    }

    private static List<ConsumerRecord<String, String>> read(BrokerUnderTest broker, TopicPartition partition) {
        return broker.clients().readAll(partition.topic(), partition.partition());
    }

    private void assertCompacted(BrokerUnderTest broker, TopicPartition partition) {
        List<ConsumerRecord<String, String>> found = read(broker, partition);
        Map<String, String> last = new TreeMap<>();
        found.forEach(record -> last.put(record.key(), record.value()));
        last.remove("other");
        assertThat(last).isEqualTo(expected);
        assertThat(found).extracting(ConsumerRecord::offset).isSorted().doesNotHaveDuplicates();
        // Each key once, and what the active segment and one that is not clean yet may hold.
        assertThat(found).hasSizeLessThan(KEYS + 3000);
    }

    /** What kafka-dump-log says of every record and index entry of a broker that is stopped. */
    private static void assertSound(BrokerUnderTest broker, TopicPartition partition) {
        String segments = files(broker, partition, ".log");
        String dump = broker.distribution()
                .run("kafka-dump-log", List.of("--files", segments, "--deep-iteration"))
                .succeeded()
                .output();
        assertThat(dump).contains("isvalid: true").doesNotContain("isvalid: false");
        String indexes = files(broker, partition, ".index") + "," + files(broker, partition, ".timeindex");
        for (String check : List.of("--index-sanity-check", "--verify-index-only")) {
            assertThat(broker.distribution()
                            .run("kafka-dump-log", List.of("--files", indexes, check))
                            .succeeded()
                            .output())
                    .doesNotContain("Mismatches")
                    .doesNotContain("not found");
        }
    }

    private static String files(BrokerUnderTest broker, TopicPartition partition, String suffix) {
        return list(broker, partition)
                .map(Path::toString)
                .filter(name -> name.endsWith(suffix))
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static long sizeBytes(BrokerUnderTest broker, TopicPartition partition) {
        return list(broker, partition)
                .filter(file -> file.toString().endsWith(".log"))
                .mapToLong(file -> file.toFile().length())
                .sum();
    }

    private static Stream<Path> list(BrokerUnderTest broker, TopicPartition partition) {
        try (Stream<Path> files = Files.list(broker.partitionDirectory(partition.topic(), partition.partition()))) {
            return new ArrayList<>(files.toList()).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

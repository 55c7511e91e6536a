package io.millrace.acceptance.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import io.millrace.acceptance.hostile.RawPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.junit.jupiter.api.Test;

/**
 * A node's data directory, metadata included, goes from Apache Kafka to Millrace and back to Apache Kafka: each reads what the other
 * wrote, to the last header, goes on where it ended, and {@code kafka-dump-log} finds nothing wrong with any of it.
 */
@Lab
final class InterchangeIT {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final String TRANSACTIONS = "transactions";
    private static final long FIRST_TIMESTAMP_MS = 1_700_000_000_000L;
    private static final String FINDINGS =
            "damaged|[Cc]orrupt|uncleanable|(WARN|ERROR) (?!.*set aside).*\\(io\\.millrace\\.broker\\.log\\)";
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final String KILOBYTE = "x".repeat(1024);

    private static final Map<String, String> PROPERTIES = Map.of(
            "log.segment.bytes", "" + SEGMENT_BYTES,
            "log.cleaner.backoff.ms", "100",
            "log.retention.ms", "-1",
            "offsets.topic.num.partitions", "2",
            "transaction.state.log.num.partitions", "2");

    /** A record with everything that a consumer can see of it. */
    private record Seen(long offset, String key, String value, String headers, long timestampMs, String timestampType) {
        static Seen of(ConsumerRecord<String, String> record) {
            String headers = Stream.of(record.headers().toArray())
                    .map(header -> header.key() + "=" + new String(header.value()))
                    .collect(Collectors.joining(","));
            return new Seen(
                    record.offset(),
                    record.key(),
                    record.value(),
                    headers,
                    record.timestamp(),
                    record.timestampType().toString());
        }
    }

    @Test
    void aDataDirectoryGoesFromApacheKafkaToMillraceAndBack(Brokers brokers) throws Exception {
        BrokerUnderTest node = brokers.prepare(Distribution.apacheKafka(), PROPERTIES);
        node.start();
        write(node, "apache");
        writeTransactions(node);
        Retry retry = Retry.first(node);
        commit(node, "apache");
        Map<String, List<Seen>> written = readEverything(node);
        assertThat(written.get(TRANSACTIONS + " read_committed"))
                .hasSizeLessThan(written.get(TRANSACTIONS + " read_uncommitted").size());

        continueWith(Distribution.millrace(), node, "gone");
        assertSetAside(node, "gone");
        assertThat(readEverything(node)).isEqualTo(written);
        retry.sendAgain(node);
        assertCommitted(node, "apache");
        write(node, "millrace");
        append(node, TRANSACTIONS, "none", "after the transactions", 50);
        commit(node, "millrace");
        Retry millracesRetry = Retry.first(node);
        Map<String, List<Seen>> more = readEverything(node);
        written.forEach(
                (topic, records) -> assertThat(more.get(topic)).as(topic).startsWith(records.toArray(Seen[]::new)));

        continueWith(Distribution.apacheKafka(), node, "gone-too");
        assertSetAside(node, "gone-too");
        assertSetAside(node, "gone");
        assertThat(readEverything(node)).isEqualTo(more);
        retry.sendAgain(node);
        millracesRetry.sendAgain(node);
        assertCommitted(node, "apache");
        assertCommitted(node, "millrace");
        append(node, "millrace-lz4", "lz4", "once more", 10);
        stop(node);
    }

    private static void continueWith(Distribution other, BrokerUnderTest node, String stray) throws IOException {
        stop(node);
        leaveALogOfNoTopic(node, stray);
        node.runAs(other);
        node.start();
    }

    /** As it is left when a topic is deleted while its broker is down. */
    private static void leaveALogOfNoTopic(BrokerUnderTest node, String name) throws IOException {
        Path left = Files.createDirectory(node.partitionDirectory(name, 0));
        try (Stream<Path> files = Files.list(node.partitionDirectory("apache-none", 0))) {
            for (Path file : files.toList()) {
                Files.copy(file, left.resolve(file.getFileName()));
            }
        }
        Files.writeString(left.resolve("partition.metadata"), "version: 0\ntopic_id: " + Uuid.randomUuid() + "\n");
    }

    private static void assertSetAside(BrokerUnderTest node, String name) {
        await().untilAsserted(() -> {
            try (Stream<Path> paths = Files.list(node.dataDirectory())) {
                assertThat(paths.filter(path -> path.getFileName().toString().matches(name + "-0.*")))
                        .singleElement()
                        .satisfies(path ->
                                assertThat(path.getFileName().toString()).matches(name + "-0\\.[0-9a-f]{32}-stray"))
                        .satisfies(path -> assertThat(path.resolve("00000000000000000000.log"))
                                .isNotEmptyFile());
            }
        });
    }

    /** Neither the broker nor the tool finds anything wrong. */
    private static void stop(BrokerUnderTest node) {
        node.stop();
        assertThat(node.process().linesMatching(FINDINGS)).as(node.name()).isEmpty();
        assertSound(node);
    }

    /** A batch of an idempotent producer that does not know whether it was appended. */
    private record Retry(String topic, ProduceRequest request, long offset) {
        static Retry first(BrokerUnderTest node) {
            String topic = node.newTopic("retried", 1);
            append(node, topic, "none", "before", 5);
            try (RawPeer peer = new RawPeer(node.port())) {
                var init =
                        new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000);
                InitProducerIdResponseData id = ((InitProducerIdResponse)
                                peer.ask(new InitProducerIdRequest.Builder(init).build((short) 4)))
                        .data();
                var partition = new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.withIdempotentRecords(
                                Compression.NONE,
                                id.producerId(),
                                id.producerEpoch(),
                                0,
                                record("once"),
                                record("and only once")));
                var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
                data.topicData()
                        .add(new ProduceRequestData.TopicProduceData()
                                .setName(topic)
                                .setPartitionData(List.of(partition)));
                ProduceRequest request = new ProduceRequest(data, (short) 9);
                return new Retry(topic, request, offsetOf(peer, request));
            }
        }

        /** Of today: producers that have been silent for a day are forgotten. */
        private static SimpleRecord record(String value) {
            return new SimpleRecord(System.currentTimeMillis(), value.getBytes(StandardCharsets.UTF_8));
        }

        void sendAgain(BrokerUnderTest node) {
            try (RawPeer peer = new RawPeer(node.port())) {
                assertThat(offsetOf(peer, request))
                        .as("offset of a retry on %s", node.name())
                        .isEqualTo(offset);
            }
            assertThat(node.clients().endOffset(new TopicPartition(topic, 0))).isEqualTo(offset + 2);
        }

        private static long offsetOf(RawPeer peer, ProduceRequest request) {
            ProduceResponse answer = (ProduceResponse) peer.ask(request);
            var partition = answer.data()
                    .responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .getFirst();
            assertThat(Errors.forCode(partition.errorCode())).isEqualTo(Errors.NONE);
            return partition.baseOffset();
        }
    }

    private static void commit(BrokerUnderTest node, String writer) throws Exception {
        node.admin()
                .alterConsumerGroupOffsets("readers-of-" + writer, Map.of(partition(writer), new OffsetAndMetadata(42)))
                .all()
                .get();
    }

    private static void assertCommitted(BrokerUnderTest node, String writer) throws Exception {
        assertThat(node.admin()
                        .listConsumerGroupOffsets("readers-of-" + writer)
                        .partitionsToOffsetAndMetadata()
                        .get())
                .containsEntry(partition(writer), new OffsetAndMetadata(42));
    }

    private static TopicPartition partition(String writer) {
        return new TopicPartition(writer + "-none", 0);
    }

    /** Topics of one writer: each codec, several segments with the first records deleted, compacted; all by idempotent producers. */
    private static void write(BrokerUnderTest broker, String writer) throws Exception {
        for (String codec : CODECS) {
            broker.clients().createTopic(writer + "-" + codec, 1, Map.of());
            append(broker, writer + "-" + codec, codec, writer, 300);
        }
        broker.clients().createTopic(writer + "-segments", 1, Map.of("segment.bytes", "" + SEGMENT_BYTES));
        append(broker, writer + "-segments", "none", writer + KILOBYTE, 2500);
        broker.admin()
                .deleteRecords(Map.of(new TopicPartition(writer + "-segments", 0), RecordsToDelete.beforeOffset(1234)))
                .all()
                .get();
        String compacted = writer + "-compacted";
        broker.clients()
                .createTopic(compacted, 1, Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
        append(broker, compacted, "none", writer + KILOBYTE, 2500);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        read(broker, compacted, "read_uncommitted").getFirst().offset() > 0);
    }

    private static void append(BrokerUnderTest broker, String topic, String codec, String value, int count) {
        Map<String, String> configs = Map.of("compression.type", codec, "linger.ms", "5", "enable.idempotence", "true");
        try (KafkaProducer<String, String> producer = broker.clients().producer(configs)) {
            for (int i = 0; i < count; i++) {
                producer.send(record(topic, i, value));
            }
        }
    }

    private static ProducerRecord<String, String> record(String topic, int number, String value) {
        boolean compacted = topic.endsWith("compacted");
        String key = number % 7 == 0 && !compacted ? null : "key-" + number % 50;
        String text = number % 11 == 0 ? null : value + "-" + number;
        return new ProducerRecord<>(
                topic,
                0,
                FIRST_TIMESTAMP_MS + number,
                key,
                text,
                List.of(new RecordHeader("number", Integer.toString(number).getBytes())));
    }

    /** Committed and aborted ones in turns, beside a producer without transactions. */
    private static void writeTransactions(BrokerUnderTest broker) {
        broker.clients().createTopic(TRANSACTIONS, 1, Map.of());
        try (KafkaProducer<String, String> producer =
                broker.clients().producer(Map.of("transactional.id", "interchange", "linger.ms", "5"))) {
            producer.initTransactions();
            for (int transaction = 0; transaction < 6; transaction++) {
                producer.beginTransaction();
                for (int i = 0; i < 20; i++) {
                    producer.send(record(TRANSACTIONS, i, "transaction " + transaction));
                }
                producer.flush();
                append(broker, TRANSACTIONS, "none", "beside transaction " + transaction, 3);
                if (transaction % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
    }

    private static Map<String, List<Seen>> readEverything(BrokerUnderTest broker) throws Exception {
        Map<String, List<Seen>> everything = new TreeMap<>();
        for (String topic : broker.admin().listTopics().names().get()) {
            if (!topic.endsWith("compacted")) {
                everything.put(topic + " read_uncommitted", read(broker, topic, "read_uncommitted"));
                everything.put(topic + " read_committed", read(broker, topic, "read_committed"));
            } else {
                // Which record is the last of its key compaction does not change; which others are left it may.
                Map<String, Seen> last = new TreeMap<>();
                read(broker, topic, "read_committed").forEach(seen -> last.put(seen.key, seen));
                everything.put(topic, List.copyOf(last.values()));
            }
        }
        return everything;
    }

    private static List<Seen> read(BrokerUnderTest broker, String topic, String isolation) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<Seen> seen = new ArrayList<>();
        long end = broker.clients().endOffset(partition);
        Map<String, String> configs = Map.of("enable.auto.commit", "false", "isolation.level", isolation);
        try (KafkaConsumer<String, String> consumer = broker.clients().consumer("unused", configs)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            await().until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> seen.add(Seen.of(record)));
                return consumer.position(partition) >= end;
            });
        }
        return seen;
    }

    /** What the software's own kafka-dump-log says of every record and index entry of a broker that is stopped. */
    private static void assertSound(BrokerUnderTest broker) {
        String segments = files(broker, ".log");
        assertThat(dump(broker, segments, "--deep-iteration"))
                .contains("isvalid: true")
                .doesNotContain("isvalid: false");
        String indexes = files(broker, ".index") + "," + files(broker, ".timeindex");
        for (String check : List.of("--index-sanity-check", "--verify-index-only")) {
            assertThat(dump(broker, indexes, check))
                    .doesNotContainIgnoringCase("mismatch", "not found", "out of order");
        }
    }

    private static String dump(BrokerUnderTest broker, String files, String option) {
        return broker.distribution()
                .run("kafka-dump-log", List.of("--files", files, option))
                .succeeded()
                .output();
    }

    /** Files of all partitions but the metadata's; the indexes of strays Apache Kafka leaves as long as those of a log that grows. */
    private static String files(BrokerUnderTest broker, String suffix) {
        try (Stream<Path> files = Files.walk(broker.dataDirectory())) {
            return files.map(Path::toString)
                    .filter(name ->
                            name.endsWith(suffix) && !name.contains("__cluster_metadata") && !name.contains("-stray/"))
                    .sorted()
                    .collect(Collectors.joining(","));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

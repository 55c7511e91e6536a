package io.millrace.admin.topic;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.operation.Work.Report;
import io.millrace.admin.problem.KafkaProblems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Copies what a topic holds when the copy is made to the partitions of the same numbers of another: keys, values, headers
 * and timestamps stay, offsets do not. Records of aborted transactions are left out.
 *
 * @param from the beginning of each partition of the source
 * @param to its end, exclusive
 */
record RecordCopy(
        Cluster cluster, String source, String target, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {

    /** What a finished copy did. */
    record Copied(String topic, long recordsCopied) {}

    static RecordCopy of(Cluster cluster, String source, String target, int partitions) {
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) all.add(new TopicPartition(source, i));
        return new RecordCopy(
                cluster,
                source,
                target,
                ask(cluster, all, OffsetSpec.earliest()),
                ask(cluster, all, OffsetSpec.latest()));
    }

    private static Map<TopicPartition, Long> ask(Cluster cluster, List<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        Map<TopicPartition, ListOffsetsResultInfo> answer =
                cluster.await(cluster.admin().listOffsets(wanted).all());
        answer.forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    /** Offsets to go through: an upper bound of the records. */
    long offsets() {
        return to.entrySet().stream()
                .mapToLong(end -> end.getValue() - Objects.requireNonNull(from.get(end.getKey())))
                .sum();
    }

    Copied run(Report report) throws InterruptedException {
        Map<TopicPartition, Long> open = new HashMap<>(from);
        open.entrySet().removeIf(entry -> entry.getValue() >= end(entry.getKey()));
        long copied = 0;
        report.progress(0, offsets(), "records");
        try (Consumer<byte[], byte[]> consumer = cluster.newConsumer(
                Map.of("max.poll.records", 2_000, "fetch.max.wait.ms", 50, "isolation.level", "read_committed"))) {
            consumer.assign(open.keySet());
            open.forEach(consumer::seek);
            while (!open.isEmpty()) {
                List<Future<RecordMetadata>> acknowledgements = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    TopicPartition partition = new TopicPartition(source, record.partition());
                    if (record.offset() < end(partition)) acknowledgements.add(send(record));
                }
                for (Future<RecordMetadata> acknowledgement : acknowledgements) await(acknowledgement);
                copied += acknowledgements.size();
                open.replaceAll((partition, before) -> consumer.position(partition));
                long left = 0;
                for (Map.Entry<TopicPartition, Long> at : open.entrySet()) {
                    left += Math.max(0, end(at.getKey()) - at.getValue());
                }
                report.progress(offsets() - left, offsets(), "records");
                if (open.entrySet().removeIf(entry -> entry.getValue() >= end(entry.getKey()))) {
                    consumer.assign(open.keySet());
                    open.forEach(consumer::seek);
                }
            }
        }
        return new Copied(target, copied);
    }

    private long end(TopicPartition partition) {
        return Objects.requireNonNull(to.get(partition));
    }

    private Future<RecordMetadata> send(ConsumerRecord<byte[], byte[]> record) {
        return cluster.producer()
                .send(new ProducerRecord<>(
                        target,
                        record.partition(),
                        Math.max(0, record.timestamp()),
                        record.key(),
                        record.value(),
                        record.headers()));
    }

    private static void await(Future<RecordMetadata> acknowledgement) throws InterruptedException {
        try {
            acknowledgement.get();
        } catch (ExecutionException failure) {
            throw KafkaProblems.of(failure);
        }
    }
}

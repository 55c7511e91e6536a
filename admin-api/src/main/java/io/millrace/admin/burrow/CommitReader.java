package io.millrace.admin.burrow;

import io.millrace.admin.burrow.CommitWindow.Commit;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows {@code __consumer_offsets} and keeps each group's latest commits.
 *
 * <p>One virtual thread. Bounded by groups × partitions × {@value CommitWindow#INTERVALS}; what a tombstone deletes is
 * forgotten. It starts {@value #BACKLOG} records before each partition's end, so that windows fill soon.
 */
final class CommitReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommitReader.class);
    private static final String TOPIC = "__consumer_offsets";
    private static final long BACKLOG = 20_000;
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final Clusters clusters;
    private final Map<String, Map<TopicPartition, CommitWindow>> windows = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private final long startedAtMs = System.currentTimeMillis();

    CommitReader(Cluster cluster, Clusters clusters) {
        this.cluster = cluster;
        this.clusters = clusters;
        this.thread = Thread.ofVirtual().name("commits-" + cluster.id()).start(this::run);
    }

    /** The window, empty when nothing was committed since this reader's backlog begins. */
    List<Commit> commits(String group, TopicPartition partition) {
        Map<TopicPartition, CommitWindow> ofGroup = windows.get(group);
        CommitWindow window = ofGroup == null ? null : ofGroup.get(partition);
        return window == null ? List.of() : window.commits();
    }

    void forget(String group, @Nullable String topic) {
        if (topic == null) {
            windows.remove(group);
            return;
        }
        Map<TopicPartition, CommitWindow> ofGroup = windows.get(group);
        if (ofGroup != null)
            ofGroup.keySet().removeIf(partition -> partition.topic().equals(topic));
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    follow();
                } catch (InterruptException end) {
                    return;
                } catch (KafkaException | ApiException failure) {
                    LOG.debug("reading commits of cluster {} failed; trying again", cluster.id(), failure);
                }
                Thread.sleep(RETRY);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() throws InterruptedException {
        ClusterSnapshot first = clusters.peek(cluster.id());
        while (first == null || !first.topics().containsKey(TOPIC)) {
            Thread.sleep(RETRY);
            first = clusters.peek(cluster.id());
        }
        List<TopicPartition> partitions = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = cluster.newConsumer(Map.of("exclude.internal.topics", false))) {
            consumer.partitionsFor(TOPIC).forEach(p -> partitions.add(new TopicPartition(TOPIC, p.partition())));
            consumer.assign(partitions);
            consumer.endOffsets(partitions).forEach((p, end) -> consumer.seek(p, Math.max(0, end - BACKLOG)));
            try {
                while (!closed) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) read(record);
                }
            } finally {
                // An interrupt means that this reader ends; its consumer must still be able to say goodbye to the
                // broker.
                boolean _ = Thread.interrupted();
            }
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) return;
        ByteBuffer key = ByteBuffer.wrap(record.key());
        short keyVersion = key.getShort();
        // Versions 0 and 1 are commits; the others describe groups.
        if (keyVersion > OffsetCommitKey.HIGHEST_SUPPORTED_VERSION && keyVersion > 1) return;
        OffsetCommitKey commit = new OffsetCommitKey(new ByteBufferAccessor(key), (short) 0);
        TopicPartition partition = new TopicPartition(commit.topic(), commit.partition());
        if (record.value() == null) {
            Map<TopicPartition, CommitWindow> ofGroup = windows.get(commit.group());
            if (ofGroup != null && ofGroup.remove(partition) != null && ofGroup.isEmpty()) {
                windows.remove(commit.group());
            }
            return;
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        OffsetCommitValue body = new OffsetCommitValue(new ByteBufferAccessor(value), value.getShort());
        long nowMs = System.currentTimeMillis();
        windows.computeIfAbsent(commit.group(), ignored -> new ConcurrentHashMap<>())
                .computeIfAbsent(partition, ignored -> new CommitWindow())
                .add(new Commit(
                        body.offset(),
                        body.commitTimestamp(),
                        nowMs,
                        body.commitTimestamp() < startedAtMs ? null : lag(partition, body.offset())));
    }

    private @Nullable Long lag(TopicPartition partition, long committed) {
        ClusterSnapshot snapshot = clusters.peek(cluster.id());
        PartitionState state = snapshot == null ? null : snapshot.partition(partition);
        return state == null || state.endOffset() == null ? null : (Long) Math.max(0, state.endOffset() - committed);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}

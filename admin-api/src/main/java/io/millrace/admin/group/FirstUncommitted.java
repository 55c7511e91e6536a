package io.millrace.admin.group;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.group.Lags.Basis;
import io.millrace.admin.group.Lags.PartitionLag;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads the timestamp of the first uncommitted record where nobody watched it being appended.
 *
 * <p>Remembers up to {@value #REMEMBERED} timestamps: a stuck group is asked about again and again.
 */
@Component
class FirstUncommitted {
    private static final int REMEMBERED = 20_000;
    private static final int PARTITIONS_AT_MOST = 200;
    private static final Duration LIMIT = Duration.ofMillis(1_500);
    private final Map<Position, Long> timestamps = new ConcurrentHashMap<>();

    private record Position(String cluster, TopicPartition partition, long offset) {}

    List<PartitionLag> complete(Cluster cluster, List<PartitionLag> lags) {
        Map<TopicPartition, Long> wanted = new HashMap<>();
        for (PartitionLag lag : lags) {
            Position position = position(cluster, lag);
            if (position != null && !timestamps.containsKey(position) && wanted.size() < PARTITIONS_AT_MOST) {
                wanted.put(position.partition(), position.offset());
            }
        }
        if (!wanted.isEmpty()) read(cluster, wanted);
        long nowMs = System.currentTimeMillis();
        return lags.stream()
                .map(lag -> {
                    Position position = position(cluster, lag);
                    Long timestamp = position == null ? null : timestamps.get(position);
                    return timestamp == null
                            ? lag
                            : lag.withSeconds(Math.max(0, nowMs - timestamp) / 1000.0, Basis.RECORD_TIMESTAMP);
                })
                .toList();
    }

    private static @Nullable Position position(Cluster cluster, PartitionLag lag) {
        if (lag.basis() != Basis.UNKNOWN || lag.committed() == null || lag.endOffset() == null) return null;
        long from = lag.beginningOffset() == null ? lag.committed() : Math.max(lag.committed(), lag.beginningOffset());
        return new Position(cluster.id(), new TopicPartition(lag.topic(), lag.partition()), from);
    }

    private void read(Cluster cluster, Map<TopicPartition, Long> wanted) {
        if (timestamps.size() > REMEMBERED) timestamps.clear();
        try (Consumer<byte[], byte[]> consumer =
                cluster.newConsumer(Map.of("max.partition.fetch.bytes", 1_024, "max.poll.records", 1_000))) {
            consumer.assign(wanted.keySet());
            wanted.forEach(consumer::seek);
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (!consumer.assignment().isEmpty() && System.nanoTime() < deadline) {
                var polled = consumer.poll(Duration.ofMillis(200));
                for (TopicPartition partition : polled.partitions()) {
                    ConsumerRecord<byte[], byte[]> first =
                            polled.records(partition).getFirst();
                    long asked = Objects.requireNonNull(wanted.get(partition));
                    timestamps.put(new Position(cluster.id(), partition, asked), first.timestamp());
                    wanted.remove(partition);
                }
                consumer.assign(wanted.keySet().stream().toList());
                wanted.forEach(consumer::seek);
            }
        }
    }
}

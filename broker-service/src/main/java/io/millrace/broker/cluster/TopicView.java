package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.image.TopicImage;
import org.jspecify.annotations.Nullable;

/**
 * A topic of Kafka's image as other packages see it. Immutable to its readers: partitions are translated when first asked for, and
 * two threads that do so at once arrive at equal values.
 */
final class TopicView implements ClusterImage.Topic {

    private final TopicImage topic;
    private final AtomicReferenceArray<ClusterImage.@Nullable PartitionRegistration> partitions;

    TopicView(TopicImage topic) {
        this.topic = topic;
        this.partitions = new AtomicReferenceArray<>(topic.partitions().size());
    }

    /** The next state of a topic; partitions that did not change keep their translation. */
    static TopicView after(@Nullable TopicView before, TopicImage topic) {
        TopicView next = new TopicView(topic);
        if (before != null) {
            int shared = Math.min(before.partitionCount(), next.partitionCount());
            for (int p = 0; p < shared; p++) {
                if (Objects.equals(
                        before.topic.partitions().get(p), topic.partitions().get(p))) {
                    next.partitions.setPlain(p, before.partitions.getAcquire(p));
                }
            }
        }
        return next;
    }

    @Override
    public String name() {
        return topic.name();
    }

    @Override
    public Uuid id() {
        return topic.id();
    }

    @Override
    public int partitionCount() {
        return partitions.length();
    }

    @Override
    public ClusterImage.@Nullable PartitionRegistration partition(int partition) {
        if (partition < 0 || partition >= partitions.length()) {
            return null;
        }
        ClusterImage.PartitionRegistration known = partitions.getAcquire(partition);
        if (known == null) {
            var registration = topic.partitions().get(partition);
            if (registration == null) {
                throw new IllegalStateException(
                        "topic " + name() + " has " + partitionCount() + " partitions but no partition " + partition);
            }
            known = translate(partition, registration);
            partitions.setRelease(partition, known);
        }
        return known;
    }

    private static ClusterImage.PartitionRegistration translate(
            int number, org.apache.kafka.metadata.PartitionRegistration partition) {
        List<Integer> replicas = list(partition.replicas);
        // Most partitions are fully in sync, in the order of their replicas: share the list.
        List<Integer> isr = list(partition.isr);
        return new ClusterImage.PartitionRegistration(
                number,
                partition.leader,
                partition.leaderEpoch,
                partition.partitionEpoch,
                replicas,
                isr.equals(replicas) ? replicas : isr,
                list(partition.addingReplicas),
                list(partition.removingReplicas),
                list(partition.elr),
                list(partition.lastKnownElr),
                List.of(partition.directories));
    }

    private static List<Integer> list(int[] ids) {
        if (ids.length == 0) {
            return List.of();
        }
        List<Integer> list = new ArrayList<>(ids.length);
        for (int id : ids) {
            list.add(id);
        }
        return List.copyOf(list);
    }
}

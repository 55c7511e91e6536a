package io.millrace.broker.cluster;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What is measured of the cluster's metadata, as this broker knows it: partitions are counted by the broker that leads them, so that sums
 * over all brokers count each once; those without a leader by the first of their replicas. Counted when somebody asks.
 */
public final class ClusterMetrics implements ImageListener {
    private final int brokerId;
    private final Cluster cluster;
    private final Counter shrinks;
    private final Counter expansions;
    private final Counter elections;

    public ClusterMetrics(int brokerId, Cluster cluster, MeterRegistry registry) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        gauge(
                registry,
                "millrace.partitions",
                "Partitions with a replica here",
                p -> p.replicas().contains(brokerId));
        gauge(registry, "millrace.partitions.led", "Partitions that this broker leads", this::led);
        gauge(
                registry,
                "millrace.partitions.under.replicated",
                "Partitions led here with fewer in-sync replicas than replicas",
                p -> led(p) && p.isr().size() < p.replicas().size());
        gauge(
                registry,
                "millrace.partitions.offline",
                "Partitions without a leader whose preferred leader is this broker",
                p -> p.leader() < 0 && p.replicas().getFirst() == brokerId);
        Gauge.builder(
                        "millrace.controller.active",
                        cluster,
                        one -> one.controllerId().orElse(-1) == brokerId ? 1 : 0)
                .description("1 on the node that is the active controller")
                .register(registry);
        Gauge.builder(
                        "millrace.brokers.fenced",
                        cluster,
                        one -> one.image().brokers().stream()
                                .filter(ClusterImage.Broker::fenced)
                                .count())
                .description("Registered brokers that are not served, as this node knows")
                .register(registry);
        shrinks = Counter.builder("millrace.isr.changes")
                .tag("kind", "shrink")
                .description("In-sync replicas lost or won by partitions led here")
                .register(registry);
        expansions =
                Counter.builder("millrace.isr.changes").tag("kind", "expand").register(registry);
        elections = Counter.builder("millrace.leader.elections")
                .description("Partitions that this broker came to lead")
                .register(registry);
    }

    private boolean led(PartitionRegistration partition) {
        return partition.leader() == brokerId;
    }

    private void gauge(
            MeterRegistry registry, String name, String description, Predicate<PartitionRegistration> counted) {
        Gauge.builder(name, cluster, one -> count(one.image(), counted))
                .description(description)
                .register(registry);
    }

    private static long count(ClusterImage image, Predicate<PartitionRegistration> counted) {
        long count = 0;
        for (Topic topic : image.topics()) {
            for (int number = 0; number < topic.partitionCount(); number++) {
                PartitionRegistration partition = topic.partition(number);
                if (partition != null && counted.test(partition)) {
                    count++;
                }
            }
        }
        return count;
    }

    @Override
    public void imageChanged(ImageChange change) {
        for (Uuid id : change.changedTopics()) {
            Topic before = change.before().topic(id);
            Topic after = change.after().topic(id);
            for (int number = 0; after != null && number < after.partitionCount(); number++) {
                compare(before == null ? null : before.partition(number), after.partition(number));
            }
        }
    }

    private void compare(@Nullable PartitionRegistration before, @Nullable PartitionRegistration after) {
        if (after == null || !led(after)) {
            return;
        }
        if (before == null || before.leader() != brokerId) {
            elections.increment();
        }
        if (before != null) {
            int difference = after.isr().size() - before.isr().size();
            (difference < 0 ? shrinks : expansions).increment(Math.abs(difference));
        }
    }
}

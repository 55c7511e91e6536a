package io.millrace.admin.burrow;

import io.millrace.admin.burrow.Evaluations.GroupVerdict;
import io.millrace.admin.burrow.Evaluations.PartitionVerdict;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.group.GroupViews;
import io.millrace.admin.metrics.ClusterGauges;
import io.millrace.admin.metrics.Gauges;
import org.springframework.stereotype.Component;

/** Burrow's gauges under Burrow's names, so that its dashboards and alerts go on; from the latest snapshots. */
@Component
final class BurrowGauges implements ClusterGauges {
    private final GroupViews groups;
    private final Evaluations evaluations;

    BurrowGauges(GroupViews groups, Evaluations evaluations) {
        this.groups = groups;
        this.evaluations = evaluations;
    }

    @Override
    public void add(Gauges gauges, String cluster, ClusterSnapshot snapshot) {
        groups.peek(cluster, snapshot)
                .forEach((group, views) ->
                        add(gauges, cluster, group, evaluations.evaluate(cluster, group, views, snapshot)));
        addEnds(gauges, cluster, snapshot);
    }

    private static void add(Gauges gauges, String cluster, String group, GroupVerdict verdict) {
        String[] ofGroup = {"cluster", cluster, "consumer_group", group};
        gauges.add(
                "burrow_kafka_consumer_lag_total",
                "The sum of all partition current lag values for the group",
                verdict.totalLag(),
                ofGroup);
        gauges.add(
                "burrow_kafka_consumer_status",
                "The status of the consumer group: 1 OK, 2 WARN, 3 ERR",
                verdict.status().number,
                ofGroup);
        for (PartitionVerdict one : verdict.partitions()) {
            String[] labels = {
                "cluster",
                cluster,
                "consumer_group",
                group,
                "topic",
                one.view().partition().topic(),
                "partition",
                String.valueOf(one.view().partition().partition())
            };
            gauges.add(
                    "burrow_kafka_consumer_partition_lag",
                    "The latest lag of the group in the partition",
                    one.view().lag(),
                    labels);
            gauges.add(
                    "burrow_kafka_topic_partition_status",
                    "The status of the group in the partition: 1 OK, 2 WARN, 4 STOP, 5 STALL, 6 REWIND",
                    one.status().number,
                    labels);
            Long committed = one.view().committed();
            if (committed != null) {
                gauges.add(
                        "burrow_kafka_consumer_current_offset",
                        "Latest offset the group has committed for the partition",
                        committed,
                        labels);
            }
        }
    }

    private static void addEnds(Gauges gauges, String cluster, ClusterSnapshot snapshot) {
        snapshot.topics()
                .values()
                .forEach(topic -> topic.partitions().forEach(partition -> {
                    if (partition.endOffset() == null) return;
                    gauges.add(
                            "burrow_kafka_topic_partition_offset",
                            "Latest offset of the partition",
                            partition.endOffset(),
                            "cluster",
                            cluster,
                            "topic",
                            topic.name(),
                            "partition",
                            String.valueOf(partition.partition()));
                }));
    }
}

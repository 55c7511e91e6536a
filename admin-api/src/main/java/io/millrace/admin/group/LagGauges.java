package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.LagHistory.Trend;
import io.millrace.admin.group.Lags.PartitionLag;
import io.millrace.admin.group.Lags.Total;
import io.millrace.admin.metrics.ClusterGauges;
import io.millrace.admin.metrics.Gauges;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Every group's lag for Prometheus, from the latest snapshots: a scrape asks the cluster nothing. */
@Component
final class LagGauges implements ClusterGauges {
    private final Clusters clusters;
    private final Groups groups;
    private final LagHistory history;

    LagGauges(Clusters clusters, Groups groups, LagHistory history) {
        this.clusters = clusters;
        this.groups = groups;
        this.history = history;
    }

    @Override
    public void add(Gauges gauges, String cluster, ClusterSnapshot snapshot) {
        GroupSnapshot known = groups.peek(cluster);
        if (known == null) return;
        for (GroupState group : known.groups().values()) add(gauges, cluster, group, snapshot);
    }

    private void add(Gauges gauges, String cluster, GroupState group, ClusterSnapshot snapshot) {
        List<PartitionLag> lags = Lags.of(group, cluster, clusters, snapshot);
        String[] ofGroup = {"cluster", cluster, "group", group.groupId()};
        gauges.add(
                "millrace_consumer_group_members",
                "Members of the group",
                group.members().size(),
                ofGroup);
        Total total = Lags.total(lags);
        add(gauges, "millrace_consumer_group_lag", "of the group", total.lag(), total.lagSeconds(), ofGroup);
        Trend trend = history.trend(cluster, group.groupId());
        if (trend != null) {
            gauges.add(
                    "millrace_consumer_group_lag_trend_records_per_second",
                    "Growth of the lag over the last minute; negative while the group catches up",
                    trend.recordsPerSecond(),
                    ofGroup);
            if (trend.catchUpSeconds() != null) {
                gauges.add(
                        "millrace_consumer_group_catch_up_seconds",
                        "Time until the group has caught up at its present pace",
                        trend.catchUpSeconds(),
                        ofGroup);
            }
        }
        Map<String, List<PartitionLag>> byTopic =
                lags.stream().collect(Collectors.groupingBy(PartitionLag::topic, TreeMap::new, Collectors.toList()));
        byTopic.forEach((topic, some) -> {
            Total sum = Lags.total(some);
            add(
                    gauges,
                    "millrace_consumer_group_topic_lag",
                    "of the group in one topic",
                    sum.lag(),
                    sum.lagSeconds(),
                    "cluster",
                    cluster,
                    "group",
                    group.groupId(),
                    "topic",
                    topic);
        });
        for (PartitionLag lag : lags) {
            if (lag.lag() == null) continue;
            add(
                    gauges,
                    "millrace_consumer_group_partition_lag",
                    "of the group in one partition, with the client that reads it",
                    lag.lag(),
                    lag.lagSeconds(),
                    "cluster",
                    cluster,
                    "group",
                    group.groupId(),
                    "topic",
                    lag.topic(),
                    "partition",
                    String.valueOf(lag.partition()),
                    "client_id",
                    lag.clientId() == null ? "" : lag.clientId());
        }
    }

    private static void add(
            Gauges gauges, String name, String whose, long records, @Nullable Double seconds, String... labels) {
        gauges.add(name + "_records", "Records not consumed yet, " + whose, records, labels);
        if (seconds != null) {
            gauges.add(
                    name + "_seconds",
                    "Time since the first uncommitted record was appended, " + whose,
                    seconds,
                    labels);
        }
    }
}

package io.millrace.admin.group;

import io.millrace.admin.cluster.Clusters;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What other packages may see of the groups: their names, and each partition's commit and owner. */
@Component
public final class GroupViews {
    private final Groups groups;
    private final Clusters clusters;

    GroupViews(Groups groups, Clusters clusters) {
        this.groups = groups;
        this.clusters = clusters;
    }

    /** A partition that a group committed for or owns; the owner is a host such as /127.0.0.1. */
    public record PartitionView(
            TopicPartition partition, @Nullable Long committed, long lag, String owner, String clientId) {}

    public Set<String> names(String clusterId) {
        return groups.snapshot(clusterId).groups().keySet();
    }

    /** In order of topic and partition; absent when there is no such group. */
    public @Nullable List<PartitionView> partitions(String clusterId, String groupId) {
        GroupSnapshot.GroupState group = groups.snapshot(clusterId).groups().get(groupId);
        if (group == null) return null;
        return Lags.of(group, clusterId, clusters, clusters.snapshot(clusterId)).stream()
                .map(lag -> new PartitionView(
                        new TopicPartition(lag.topic(), lag.partition()),
                        lag.committed(),
                        lag.lag() == null ? 0 : lag.lag(),
                        lag.host() == null ? "" : lag.host(),
                        lag.clientId() == null ? "" : lag.clientId()))
                .toList();
    }
}

package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

    /** All groups of the latest snapshot, if there is one; does not count as somebody looking. */
    public Map<String, List<PartitionView>> peek(String clusterId, ClusterSnapshot snapshot) {
        GroupSnapshot known = groups.peek(clusterId);
        Map<String, List<PartitionView>> result = new TreeMap<>();
        if (known != null) {
            known.groups().forEach((id, group) -> result.put(id, views(group, clusterId, snapshot)));
        }
        return result;
    }

    /** In order of topic and partition; absent when there is no such group. */
    public @Nullable List<PartitionView> partitions(String clusterId, String groupId) {
        GroupSnapshot.GroupState group = groups.snapshot(clusterId).groups().get(groupId);
        if (group == null) return null;
        return views(group, clusterId, clusters.snapshot(clusterId));
    }

    private List<PartitionView> views(GroupSnapshot.GroupState group, String clusterId, ClusterSnapshot snapshot) {
        return Lags.of(group, clusterId, clusters, snapshot).stream()
                .map(lag -> new PartitionView(
                        new TopicPartition(lag.topic(), lag.partition()),
                        lag.committed(),
                        lag.lag() == null ? 0 : lag.lag(),
                        lag.host() == null ? "" : lag.host(),
                        lag.clientId() == null ? "" : lag.clientId()))
                .toList();
    }
}

package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.Lags.PartitionLag;
import io.millrace.admin.group.Lags.Total;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Every group's total lag, found once for each new snapshot and not once for each list: ten thousand groups are sorted by
 * their lag many times between two looks at the cluster.
 *
 * <p>Safe for any thread; two that come at once may both do the work.
 */
@Component
final class GroupLags {
    private final Clusters clusters;
    private final Map<String, Known> byCluster = new ConcurrentHashMap<>();

    GroupLags(Clusters clusters) {
        this.clusters = clusters;
    }

    /** A group's total and the topics that it is made of. */
    record GroupLag(int topics, Total total) {
        static GroupLag of(List<PartitionLag> lags) {
            int topics = 0;
            @Nullable String last = null;
            // They are in the order of their topics.
            for (PartitionLag lag : lags) {
                if (!lag.topic().equals(last)) topics++;
                last = lag.topic();
            }
            return new GroupLag(topics, Lags.total(lags));
        }
    }

    private record Known(Instant groupsAsOf, Instant clusterAsOf, Map<String, GroupLag> lags) {
        GroupLag of(GroupState group) {
            return Objects.requireNonNull(lags.get(group.groupId()), "a group of the snapshot that these lags are of");
        }
    }

    /** The lag of each group of this snapshot. */
    Function<GroupState, GroupLag> of(String clusterId, GroupSnapshot groups, ClusterSnapshot cluster) {
        Known known = byCluster.get(clusterId);
        if (known == null
                || !known.groupsAsOf().equals(groups.asOf())
                || !known.clusterAsOf().equals(cluster.asOf())) {
            Map<String, GroupLag> lags = HashMap.newHashMap(groups.groups().size());
            for (GroupState group : groups.groups().values()) {
                lags.put(group.groupId(), GroupLag.of(Lags.of(group, clusterId, clusters, cluster)));
            }
            known = new Known(groups.asOf(), cluster.asOf(), lags);
            byCluster.put(clusterId, known);
        }
        return known::of;
    }
}

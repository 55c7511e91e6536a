package io.millrace.admin.group;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.cluster.Watch;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.problem.ApiException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The group snapshots of all clusters. */
@Component
final class Groups implements DisposableBean {
    private final Clusters clusters;
    private final Map<String, Watch<GroupSnapshot>> watches = new ConcurrentHashMap<>();

    Groups(Clusters clusters, LagHistory history) {
        this.clusters = clusters;
        for (String id : clusters.ids()) {
            Cluster cluster = clusters.get(id);
            GroupLoader loader = new GroupLoader(cluster, () -> clusters.peek(id));
            watches.put(id, new Watch<>("groups-" + id, () -> {
                GroupSnapshot snapshot = loader.load();
                history.observe(id, snapshot);
                return snapshot;
            }));
        }
    }

    GroupSnapshot snapshot(String clusterId) {
        return Objects.requireNonNull(watches.get(clusters.get(clusterId).id())).current();
    }

    @Nullable
    GroupSnapshot peek(String clusterId) {
        return Objects.requireNonNull(watches.get(clusterId)).peek();
    }

    void refresh(String clusterId) {
        Objects.requireNonNull(watches.get(clusterId)).refresh();
    }

    /** The group, looked for once more in a fresh snapshot when the current one does not have it. */
    GroupState require(String clusterId, String groupId) {
        GroupState group = snapshot(clusterId).groups().get(groupId);
        if (group != null) return group;
        refresh(clusterId);
        group = snapshot(clusterId).groups().get(groupId);
        if (group != null) return group;
        throw ApiException.notFound(
                "UNKNOWN_GROUP", "there is no consumer group '" + groupId + "' in cluster '" + clusterId + "'");
    }

    @Override
    public void destroy() {
        watches.values().forEach(Watch::close);
    }
}

package io.millrace.admin.cluster;

import io.millrace.admin.problem.ApiException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Every configured cluster by its id, with its background snapshot. */
@Component
public final class Clusters implements DisposableBean {
    private final Map<String, Entry> byId = new LinkedHashMap<>();

    Clusters(MillraceProperties properties) {
        for (MillraceProperties.ClusterEntry configured : properties.clusters()) {
            Cluster cluster = new Cluster(configured, properties.requestTimeout());
            SnapshotLoader loader = new SnapshotLoader(cluster);
            byId.put(
                    configured.id(),
                    new Entry(cluster, loader, new Watch<>("snapshot-" + configured.id(), loader::load)));
        }
    }

    public List<String> ids() {
        return List.copyOf(byId.keySet());
    }

    public Cluster get(String clusterId) {
        return entry(clusterId).cluster();
    }

    /** The latest snapshot, at most a few seconds old while somebody looks. */
    public ClusterSnapshot snapshot(String clusterId) {
        return entry(clusterId).watch().current();
    }

    /** The latest snapshot for what runs in the background: it does not make the cluster be asked more often. */
    public @Nullable ClusterSnapshot peek(String clusterId) {
        return entry(clusterId).watch().peek();
    }

    /** Called after a change, so that the next list shows it. */
    public void refresh(String clusterId) {
        Entry entry = entry(clusterId);
        entry.loader().forget();
        entry.watch().refresh();
    }

    /** Where each partition's log ended over the last hour. */
    public OffsetHistory history(String clusterId) {
        return entry(clusterId).loader().history();
    }

    private Entry entry(String clusterId) {
        Entry entry = byId.get(clusterId);
        if (entry == null) {
            throw ApiException.notFound(
                    "UNKNOWN_CLUSTER",
                    "there is no cluster '" + clusterId + "'; configured are: " + String.join(", ", byId.keySet()));
        }
        return entry;
    }

    @Override
    public void destroy() {
        for (Entry entry : byId.values()) {
            entry.watch().close();
            entry.cluster().close();
        }
    }

    private record Entry(Cluster cluster, SnapshotLoader loader, Watch<ClusterSnapshot> watch) {}
}

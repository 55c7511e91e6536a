package io.millrace.admin.ticker;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.rebalance.Rebalances;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** A ticker for each cluster. */
@Component
final class Tickers implements DisposableBean {
    private final Clusters clusters;
    private final Map<String, ClusterTicker> byCluster = new HashMap<>();

    Tickers(Clusters clusters, AuditLog audit, Rebalances rebalances) {
        this.clusters = clusters;
        for (String id : clusters.ids()) byCluster.put(id, new ClusterTicker(id, clusters, audit, rebalances));
    }

    /** Also notes that somebody looks. */
    ClusterTicker of(String clusterId) {
        ClusterTicker ticker =
                Objects.requireNonNull(byCluster.get(clusters.get(clusterId).id()));
        ticker.asked();
        return ticker;
    }

    @Override
    public void destroy() {
        byCluster.values().forEach(ClusterTicker::close);
    }
}

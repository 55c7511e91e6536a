package io.millrace.admin.metrics;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import org.springframework.stereotype.Component;

/** Everything that is measured of clusters, collected anew for each scrape; a cluster without a snapshot has no measures. */
@Component
final class ClusterMetrics implements MultiCollector {
    private final Clusters clusters;
    private final List<ClusterGauges> sources;

    ClusterMetrics(Clusters clusters, List<ClusterGauges> sources, PrometheusRegistry registry) {
        this.clusters = clusters;
        this.sources = sources;
        registry.register(this);
    }

    @Override
    public MetricSnapshots collect() {
        Gauges gauges = new Gauges();
        for (String cluster : clusters.ids()) {
            ClusterSnapshot snapshot = clusters.peek(cluster);
            if (snapshot == null) continue;
            for (ClusterGauges source : sources) source.add(gauges, cluster, snapshot);
        }
        return gauges.snapshots();
    }
}

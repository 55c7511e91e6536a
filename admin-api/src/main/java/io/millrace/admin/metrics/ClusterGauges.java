package io.millrace.admin.metrics;

import io.millrace.admin.cluster.ClusterSnapshot;

/** Some measures of a cluster, taken from the latest snapshots. */
public interface ClusterGauges {
    void add(Gauges gauges, String clusterId, ClusterSnapshot snapshot);
}

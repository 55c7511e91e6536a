package io.millrace.broker.replication;

import java.util.Map;

/**
 * What replication needs of the node's configuration.
 *
 * @param minInsyncReplicas {@code min.insync.replicas} of topics that do not set it
 * @param replicaLagTimeMaxMs {@code replica.lag.time.max.ms}: how long a follower may be behind and stay in sync
 * @param given the node's settings as they were written, which logs inherit and dynamic settings override
 */
public record ReplicationConfig(
        int brokerId, int minInsyncReplicas, long replicaLagTimeMaxMs, Map<String, String> given) {

    public ReplicationConfig {
        given = Map.copyOf(given);
    }
}

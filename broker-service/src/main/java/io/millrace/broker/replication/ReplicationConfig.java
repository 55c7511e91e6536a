package io.millrace.broker.replication;

/**
 * What replication needs of the node's configuration.
 *
 * @param minInsyncReplicas {@code min.insync.replicas} of topics that do not set it
 * @param replicaLagTimeMaxMs {@code replica.lag.time.max.ms}: how long a follower may be behind and stay in sync
 */
public record ReplicationConfig(int brokerId, int minInsyncReplicas, long replicaLagTimeMaxMs) {}

package io.millrace.broker.cluster;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.raft.MetadataLogConfig;
import org.apache.kafka.raft.QuorumConfig;

/**
 * The engine's settings, read once from Kafka's keys.
 *
 * @param brokerDefaults every key given or defaulted: what the controller takes for a broker's static configuration
 * @param leaderImbalanceCheckNs how often leaders go back to preferred replicas; empty where they never do by themselves
 * @param requestTimeoutMs how long a request to the controller may take before it is answered with a timeout
 */
record ClusterSettings(
        AbstractConfig brokerDefaults,
        QuorumConfig quorum,
        MetadataLogConfig metadataLog,
        int sessionTimeoutMs,
        int heartbeatIntervalMs,
        short defaultReplicationFactor,
        int defaultNumPartitions,
        OptionalLong leaderImbalanceCheckNs,
        OptionalLong maxIdleIntervalNs,
        long uncleanElectionCheckMs,
        long snapshotMaxNewRecordBytes,
        long snapshotMaxIntervalMs,
        int requestTimeoutMs,
        boolean deleteTopicEnable,
        boolean unstableFeatures) {

    /** Records wait this long for others before they are written: none, for a voter's fsync gathers those that come meanwhile. */
    private static final String APPEND_LINGER_MS = "0";

    static ClusterSettings from(ClusterConfig config) {
        Map<String, String> properties = new HashMap<>(config.properties());
        properties.putIfAbsent(QuorumConfig.QUORUM_LINGER_MS_CONFIG, APPEND_LINGER_MS);
        properties.putIfAbsent("node.id", Integer.toString(config.nodeId()));
        AbstractConfig values = new AbstractConfig(config.definitions(), properties, false);
        int idleMs = values.getInt(MetadataLogConfig.METADATA_MAX_IDLE_INTERVAL_MS_CONFIG);
        return new ClusterSettings(
                values,
                new QuorumConfig(values),
                new MetadataLogConfig(values),
                values.getInt("broker.session.timeout.ms"),
                values.getInt("broker.heartbeat.interval.ms"),
                values.getInt("default.replication.factor").shortValue(),
                values.getInt("num.partitions"),
                values.getBoolean("auto.leader.rebalance.enable")
                        ? OptionalLong.of(
                                TimeUnit.SECONDS.toNanos(values.getLong("leader.imbalance.check.interval.seconds")))
                        : OptionalLong.empty(),
                idleMs > 0 ? OptionalLong.of(TimeUnit.MILLISECONDS.toNanos(idleMs)) : OptionalLong.empty(),
                values.getLong("unclean.leader.election.interval.ms"),
                values.getLong(MetadataLogConfig.METADATA_SNAPSHOT_MAX_NEW_RECORD_BYTES_CONFIG),
                values.getLong(MetadataLogConfig.METADATA_SNAPSHOT_MAX_INTERVAL_MS_CONFIG),
                values.getInt("request.timeout.ms"),
                values.getBoolean("delete.topic.enable"),
                values.getBoolean("unstable.feature.versions.enable"));
    }
}

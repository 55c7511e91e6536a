package io.millrace.broker.config;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.coordinator.share.ShareCoordinatorConfig;
import org.apache.kafka.coordinator.transaction.AddPartitionsToTxnConfig;
import org.apache.kafka.coordinator.transaction.TransactionLogConfig;
import org.apache.kafka.coordinator.transaction.TransactionStateManagerConfig;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.raft.KRaftConfigs;
import org.apache.kafka.raft.MetadataLogConfig;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.config.DelegationTokenManagerConfigs;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ReplicationConfigs;
import org.apache.kafka.server.config.ServerConfigs;
import org.apache.kafka.server.log.remote.storage.RemoteLogManagerConfig;
import org.apache.kafka.server.metrics.MetricConfigs;
import org.apache.kafka.storage.internals.log.CleanerConfig;
import org.apache.kafka.storage.internals.log.LogConfig;

/** The keys a node knows: Kafka's own definitions with their types, defaults, checks and documentation, and Millrace's few. */
public final class ConfigKeys {

    /** Apache Kafka's is 9 s; see ADR 10. */
    private static final int SESSION_TIMEOUT_MS = 6_000;

    /**
     * The system's own, which grows with the need. With Apache Kafka's 64 KiB leader and follower wake each other up sixteen times for each
     * MiB that one has for the other.
     */
    private static final int REPLICA_SOCKET_RECEIVE_BUFFER_BYTES = -1;

    /** Every key of a broker or controller; not to be changed. */
    public static final ConfigDef NODE = Utils.mergeConfigs(List.of(
            ServerConfigs.CONFIG_DEF,
            withDefault(KRaftConfigs.CONFIG_DEF, KRaftConfigs.BROKER_SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS),
            MetadataLogConfig.CONFIG_DEF,
            QuorumConfig.CONFIG_DEF,
            SocketServerConfigs.CONFIG_DEF,
            withDefault(
                    ReplicationConfigs.CONFIG_DEF,
                    ReplicationConfigs.REPLICA_SOCKET_RECEIVE_BUFFER_BYTES_CONFIG,
                    REPLICA_SOCKET_RECEIVE_BUFFER_BYTES),
            GroupCoordinatorConfig.CONFIG_DEF,
            CleanerConfig.CONFIG_DEF,
            LogConfig.SERVER_CONFIG_DEF,
            TransactionLogConfig.CONFIG_DEF,
            TransactionStateManagerConfig.CONFIG_DEF,
            AddPartitionsToTxnConfig.CONFIG_DEF,
            MetricConfigs.CONFIG_DEF,
            QuotaConfig.CONFIG_DEF,
            BrokerSecurityConfigs.CONFIG_DEF,
            DelegationTokenManagerConfigs.CONFIG_DEF,
            ShareGroupConfig.CONFIG_DEF,
            ShareCoordinatorConfig.CONFIG_DEF,
            RemoteLogManagerConfig.configDef(),
            own()));

    /** Keys that can only be set while brokers run. */
    public static final ConfigDef DYNAMIC_ONLY = QuotaConfig.brokerQuotaConfigs();

    /** Keys of ours begin with this. */
    public static final String OWN_PREFIX = "millrace.";

    private ConfigKeys() {}

    /** Kafka's definitions with another default for one of them. */
    private static ConfigDef withDefault(ConfigDef definitions, String name, Object value) {
        ConfigDef keys = new ConfigDef(definitions);
        ConfigDef.ConfigKey key = Objects.requireNonNull(keys.configKeys().remove(name), name);
        return keys.define(key.name, key.type, value, key.validator, key.importance, key.documentation);
    }

    private static ConfigDef own() {
        return new ConfigDef()
                .define(
                        "millrace.validation",
                        ConfigDef.Type.STRING,
                        "header",
                        ConfigDef.ValidString.in("header", "strict"),
                        ConfigDef.Importance.LOW,
                        "What is checked of produced record batches: their header and CRC, or every record as well.")
                .define(
                        "millrace.metrics.listener",
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.Importance.MEDIUM,
                        "Where this node answers GET /metrics in Prometheus' format, as HOST:PORT (127.0.0.1:9404); empty for nowhere.")
                .define(
                        "millrace.group.journal.enable",
                        ConfigDef.Type.BOOLEAN,
                        true,
                        ConfigDef.Importance.MEDIUM,
                        "Whether this broker writes what happens in the groups that it coordinates to the topic __group_journal.")
                .define(
                        "millrace.group.journal.num.partitions",
                        ConfigDef.Type.INT,
                        4,
                        ConfigDef.Range.atLeast(1),
                        ConfigDef.Importance.LOW,
                        "Partitions of __group_journal when it is created.")
                .define(
                        "millrace.group.journal.replication.factor",
                        ConfigDef.Type.INT,
                        -1,
                        ConfigDef.LambdaValidator.with(
                                (key, value) -> {
                                    int factor = (Integer) value;
                                    if ((factor != -1 && factor < 1) || factor > Short.MAX_VALUE) {
                                        throw new ConfigException(key, value, "it must be at least 1, or -1");
                                    }
                                },
                                () -> "at least 1, or -1 for that of offsets.topic.replication.factor"),
                        ConfigDef.Importance.LOW,
                        "Replicas of __group_journal when it is created; -1 for as many as __consumer_offsets has.")
                .define(
                        "millrace.group.journal.retention.ms",
                        ConfigDef.Type.LONG,
                        TimeUnit.DAYS.toMillis(7),
                        ConfigDef.Range.atLeast(-1),
                        ConfigDef.Importance.LOW,
                        "How long __group_journal keeps events, when it is created; -1 for ever.")
                .define(
                        "millrace.group.journal.retention.bytes",
                        ConfigDef.Type.LONG,
                        64L * 1024 * 1024,
                        ConfigDef.Range.atLeast(-1),
                        ConfigDef.Importance.LOW,
                        "How much a partition of __group_journal keeps, when it is created; -1 without limit.");
    }
}

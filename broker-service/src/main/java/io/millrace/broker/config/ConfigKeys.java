package io.millrace.broker.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
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

    /** Every key of a broker or controller; not to be changed. */
    public static final ConfigDef NODE = Utils.mergeConfigs(List.of(
            ServerConfigs.CONFIG_DEF,
            KRaftConfigs.CONFIG_DEF,
            MetadataLogConfig.CONFIG_DEF,
            QuorumConfig.CONFIG_DEF,
            SocketServerConfigs.CONFIG_DEF,
            ReplicationConfigs.CONFIG_DEF,
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

    /** Keys of ours begin with this. */
    public static final String OWN_PREFIX = "millrace.";

    private ConfigKeys() {}

    private static ConfigDef own() {
        return new ConfigDef()
                .define(
                        "millrace.validation",
                        ConfigDef.Type.STRING,
                        "header",
                        ConfigDef.ValidString.in("header", "strict"),
                        ConfigDef.Importance.LOW,
                        "What is checked of produced record batches: their header and CRC, or every record as well.");
    }
}

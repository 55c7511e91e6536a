package io.millrace.broker.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.transaction.TransactionLogConfig;
import org.apache.kafka.server.config.ServerLogConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * The broker's own settings of storage, as opposed to those of one log. Immutable.
 *
 * @param recoveryThreads logs of one directory that are opened at a time
 * @param retentionCheckIntervalMs pause between two looks for segments that are too old
 * @param initialTaskDelayMs before the first such look after the start
 * @param recoveryCheckpointIntervalMs longest time between two writes of the recovery points
 * @param producerExpirationMs an idempotent producer that is silent for so long is forgotten
 */
record BrokerLogSettings(
        List<Path> directories,
        int recoveryThreads,
        long retentionCheckIntervalMs,
        long initialTaskDelayMs,
        long recoveryCheckpointIntervalMs,
        long startCheckpointIntervalMs,
        int producerExpirationMs,
        int producerExpirationCheckIntervalMs) {

    private static final ConfigDef DEFINITIONS = definitions();

    private static ConfigDef definitions() {
        ConfigDef all = new ConfigDef(LogConfig.SERVER_CONFIG_DEF);
        TransactionLogConfig.CONFIG_DEF.configKeys().values().forEach(all::define);
        return all;
    }

    static BrokerLogSettings of(Map<String, String> brokerSettings) {
        Map<String, String> known = new HashMap<>(brokerSettings);
        known.keySet().retainAll(DEFINITIONS.names());
        AbstractConfig config = new AbstractConfig(DEFINITIONS, known, false);
        List<String> names = config.getList(ServerLogConfigs.LOG_DIRS_CONFIG);
        if (names == null || names.isEmpty()) {
            names = config.getList(ServerLogConfigs.LOG_DIR_CONFIG);
        }
        List<Path> directories = new ArrayList<>();
        for (String name : names) {
            directories.add(Path.of(name.strip()).toAbsolutePath().normalize());
        }
        return new BrokerLogSettings(
                List.copyOf(directories),
                config.getInt(ServerLogConfigs.NUM_RECOVERY_THREADS_PER_DATA_DIR_CONFIG),
                config.getLong(ServerLogConfigs.LOG_CLEANUP_INTERVAL_MS_CONFIG),
                config.getLong(ServerLogConfigs.LOG_INITIAL_TASK_DELAY_MS_CONFIG),
                config.getInt(ServerLogConfigs.LOG_FLUSH_OFFSET_CHECKPOINT_INTERVAL_MS_CONFIG),
                config.getInt(ServerLogConfigs.LOG_FLUSH_START_OFFSET_CHECKPOINT_INTERVAL_MS_CONFIG),
                config.getInt(TransactionLogConfig.PRODUCER_ID_EXPIRATION_MS_CONFIG),
                config.getInt(TransactionLogConfig.PRODUCER_ID_EXPIRATION_CHECK_INTERVAL_MS_CONFIG));
    }
}

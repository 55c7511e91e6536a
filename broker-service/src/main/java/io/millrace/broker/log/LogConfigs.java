package io.millrace.broker.log;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The settings of all logs: the broker's, and what the topics set themselves. Any thread. */
final class LogConfigs {

    /** Found logs lose nothing to retention or compaction before it is known how their topics want it. */
    static final Map<String, String> TOPIC_NOT_KNOWN =
            Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");

    private static final String MOVES_BYTES_PER_SECOND = "replica.alter.log.dirs.io.max.bytes.per.second";

    private final Map<PartitionLog, Map<String, String>> overrides = new ConcurrentHashMap<>();
    private volatile Map<String, String> brokerSettings;
    private volatile Map<Map<String, String>, LogConfig> configs = new ConcurrentHashMap<>();

    LogConfigs(Map<String, String> brokerSettings) {
        this.brokerSettings = Map.copyOf(brokerSettings);
    }

    /** Logs with the same settings share one object: there may be tens of thousands. */
    LogConfig of(Map<String, String> topicOverrides) {
        return configs.computeIfAbsent(Map.copyOf(topicOverrides), own -> LogConfig.of(brokerSettings, own));
    }

    /** On the log's loop. */
    void configure(PartitionLog log, Map<String, String> topicOverrides) {
        overrides.put(log, Map.copyOf(topicOverrides));
        log.reconfigure(of(topicOverrides));
    }

    /** Each log hears of it on its loop. */
    void configureBroker(Map<String, String> newSettings, Collection<PartitionLog> logs) {
        brokerSettings = Map.copyOf(newSettings);
        configs = new ConcurrentHashMap<>();
        for (PartitionLog log : logs) {
            log.loop().run(() -> log.reconfigure(of(overrides.getOrDefault(log, TOPIC_NOT_KNOWN))));
        }
    }

    /** {@code copy} is wanted as {@code original} was, which is used no more. */
    void replace(PartitionLog original, PartitionLog copy) {
        configure(copy, overrides.getOrDefault(original, Map.of()));
        forget(original);
    }

    void forget(PartitionLog log) {
        overrides.remove(log);
    }

    /** How fast replicas may be copied between the directories, all together. */
    double movesBytesPerSecond() {
        String limit = brokerSettings.get(MOVES_BYTES_PER_SECOND);
        return limit == null ? Double.MAX_VALUE : Double.parseDouble(limit.strip());
    }
}

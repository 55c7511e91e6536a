package io.millrace.broker.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;

/**
 * How one log behaves: the topic's settings with the broker's in place of what the topic does not set. Immutable, any thread.
 *
 * @param segmentSizeBytes the active segment is rolled before it would grow beyond this
 * @param compression what batches must be compressed with; empty to keep the producer's
 * @param flushIntervalMessages an append that makes this many records wait for the disk is acknowledged only after they are on it
 * @param strictValidation look at every record of an append, not at batch headers only
 */
public record LogConfig(
        int segmentSizeBytes,
        long segmentMs,
        long segmentJitterMs,
        int indexSizeBytes,
        int indexIntervalBytes,
        long flushIntervalMessages,
        long flushIntervalMs,
        long retentionBytes,
        long retentionMs,
        int maxMessageBytes,
        long fileDeleteDelayMs,
        boolean compact,
        boolean delete,
        long deleteRetentionMs,
        long minCompactionLagMs,
        long maxCompactionLagMs,
        double minCleanableDirtyRatio,
        Optional<Compression> compression,
        boolean preallocate,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        boolean strictValidation) {

    /** Key of the switch between header and per-record validation; {@code header} or {@code strict}. */
    public static final String VALIDATION = "millrace.validation";

    /**
     * Reads the settings.
     *
     * @param brokerSettings the broker's, by the broker's keys ({@code log.retention.hours} …); keys that do not concern logs are ignored
     * @param topicOverrides the topic's own, by the topic's keys ({@code retention.ms} …)
     * @throws org.apache.kafka.common.config.ConfigException a value is not allowed
     */
    public static LogConfig of(Map<String, String> brokerSettings, Map<String, String> topicOverrides) {
        Map<String, String> values = new HashMap<>();
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach((topicKey, synonyms) -> {
            String value = brokerValue(brokerSettings, synonyms);
            if (value != null) {
                values.put(topicKey, value);
            }
        });
        values.putAll(topicOverrides);
        boolean strict = "strict".equals(brokerSettings.get(VALIDATION));
        return of(new org.apache.kafka.storage.internals.log.LogConfig(values), strict);
    }

    private static @org.jspecify.annotations.Nullable String brokerValue(
            Map<String, String> settings, List<ConfigSynonym> synonyms) {
        for (ConfigSynonym synonym : synonyms) {
            String value = settings.get(synonym.name());
            if (value != null) {
                return synonym.converter().apply(value);
            }
        }
        return null;
    }

    private static LogConfig of(org.apache.kafka.storage.internals.log.LogConfig parsed, boolean strict) {
        return new LogConfig(
                parsed.segmentSize(),
                parsed.maxSegmentMs(), // No record may escape compaction in the active segment for longer than
                // max.compaction.lag.ms.
                parsed.segmentJitterMs,
                parsed.maxIndexSize,
                parsed.indexInterval,
                parsed.flushInterval,
                parsed.flushMs,
                parsed.retentionSize,
                parsed.retentionMs,
                parsed.getInt(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                parsed.fileDeleteDelayMs,
                parsed.compact,
                parsed.delete,
                parsed.deleteRetentionMs,
                parsed.compactionLagMs,
                parsed.maxCompactionLagMs,
                parsed.minCleanableRatio,
                parsed.compression,
                parsed.preallocate,
                parsed.messageTimestampType,
                parsed.messageTimestampBeforeMaxMs,
                parsed.messageTimestampAfterMaxMs,
                strict);
    }
}

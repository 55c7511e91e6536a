package io.millrace.broker.coordinator.group;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.jspecify.annotations.Nullable;

/**
 * The settings of group coordination; names, defaults and meanings are those of Kafka's keys.
 *
 * @param offsetsTopicPartitions {@code offsets.topic.num.partitions}, used until the topic exists
 * @param offsetsTopicReplicationFactor {@code offsets.topic.replication.factor}
 * @param offsetsTopicSegmentBytes {@code offsets.topic.segment.bytes}
 * @param offsetsTopicCompression {@code offsets.topic.compression.codec}
 * @param offsetsLoadBufferSizeBytes {@code offsets.load.buffer.size}
 * @param offsetsCommitTimeoutMs {@code offsets.commit.timeout.ms}
 * @param offsetMetadataMaxBytes {@code offset.metadata.max.bytes}
 * @param offsetsRetentionMs {@code offsets.retention.minutes}, in milliseconds
 * @param offsetsRetentionCheckIntervalMs {@code offsets.retention.check.interval.ms}
 */
public record GroupConfig(
        int offsetsTopicPartitions,
        short offsetsTopicReplicationFactor,
        int offsetsTopicSegmentBytes,
        CompressionType offsetsTopicCompression,
        int offsetsLoadBufferSizeBytes,
        long offsetsCommitTimeoutMs,
        int offsetMetadataMaxBytes,
        long offsetsRetentionMs,
        long offsetsRetentionCheckIntervalMs,
        Classic classic,
        Consumer consumer) {

    /** Kafka's own constant is marked for removal, with the key, in Kafka 5. */
    private static final String REBALANCE_PROTOCOLS = "group.coordinator.rebalance.protocols";

    /** The definitions of all keys that {@link #from} reads, and more. */
    public static final ConfigDef CONFIG_DEF = GroupCoordinatorConfig.CONFIG_DEF;

    /**
     * The classic protocol.
     *
     * @param minSessionTimeoutMs {@code group.min.session.timeout.ms}
     * @param maxSessionTimeoutMs {@code group.max.session.timeout.ms}
     * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}
     * @param maxSize {@code group.max.size}
     */
    public record Classic(int minSessionTimeoutMs, int maxSessionTimeoutMs, int initialRebalanceDelayMs, int maxSize) {}

    /**
     * The consumer protocol; {@code group.consumer.*}. Expressions are looked at again by the first heartbeat after any change of topics, so
     * {@code group.consumer.regex.refresh.interval.ms} has nothing to say.
     *
     * @param enabled whether {@code group.coordinator.rebalance.protocols} has it
     * @param session {@code group.consumer.session.timeout.ms} and its limits
     * @param heartbeat {@code group.consumer.heartbeat.interval.ms} and its limits
     * @param assignment {@code group.consumer.assignment.interval.ms} and its limits
     * @param assignors names of the server-side assignors, the default first
     */
    public record Consumer(
            boolean enabled,
            Limited session,
            Limited heartbeat,
            Limited assignment,
            int maxSize,
            List<String> assignors,
            MigrationPolicy migrationPolicy) {}

    /** A time in milliseconds that a group may have of its own, within limits. */
    public record Limited(int valueMs, int minMs, int maxMs) {

        /** The group's own value, brought within the limits as they are now; the broker's if the group has none. */
        public int forGroup(@Nullable String own) {
            return own == null ? valueMs : Math.clamp(Integer.parseInt(own.trim()), minMs, maxMs);
        }
    }

    /** Which way a group may change its protocol while it has members; {@code group.consumer.migration.policy}. */
    public enum MigrationPolicy {
        DISABLED(false, false),
        UPGRADE(true, false),
        DOWNGRADE(false, true),
        BIDIRECTIONAL(true, true);

        private final boolean upgrade;
        private final boolean downgrade;

        MigrationPolicy(boolean upgrade, boolean downgrade) {
            this.upgrade = upgrade;
            this.downgrade = downgrade;
        }

        public boolean allowsUpgrade() {
            return upgrade;
        }

        public boolean allowsDowngrade() {
            return downgrade;
        }
    }

    public static GroupConfig defaults() {
        return from(CONFIG_DEF.parse(Map.of()));
    }

    /** Reads the keys from values that {@link #CONFIG_DEF}, or a definition that contains it, has parsed. */
    public static GroupConfig from(Map<String, ?> parsed) {
        var values = new Values(parsed);
        return new GroupConfig(
                values.number(GroupCoordinatorConfig.OFFSETS_TOPIC_PARTITIONS_CONFIG)
                        .intValue(),
                values.number(GroupCoordinatorConfig.OFFSETS_TOPIC_REPLICATION_FACTOR_CONFIG)
                        .shortValue(),
                values.number(GroupCoordinatorConfig.OFFSETS_TOPIC_SEGMENT_BYTES_CONFIG)
                        .intValue(),
                CompressionType.forId(values.number(GroupCoordinatorConfig.OFFSETS_TOPIC_COMPRESSION_CODEC_CONFIG)
                        .intValue()),
                values.number(GroupCoordinatorConfig.OFFSETS_LOAD_BUFFER_SIZE_CONFIG)
                        .intValue(),
                values.number(GroupCoordinatorConfig.OFFSET_COMMIT_TIMEOUT_MS_CONFIG)
                        .longValue(),
                values.number(GroupCoordinatorConfig.OFFSET_METADATA_MAX_SIZE_CONFIG)
                        .intValue(),
                TimeUnit.MINUTES.toMillis(values.number(GroupCoordinatorConfig.OFFSETS_RETENTION_MINUTES_CONFIG)
                        .longValue()),
                values.number(GroupCoordinatorConfig.OFFSETS_RETENTION_CHECK_INTERVAL_MS_CONFIG)
                        .longValue(),
                classic(values),
                consumer(values));
    }

    private static Classic classic(Values values) {
        return new Classic(
                values.number(GroupCoordinatorConfig.GROUP_MIN_SESSION_TIMEOUT_MS_CONFIG)
                        .intValue(),
                values.number(GroupCoordinatorConfig.GROUP_MAX_SESSION_TIMEOUT_MS_CONFIG)
                        .intValue(),
                values.number(GroupCoordinatorConfig.GROUP_INITIAL_REBALANCE_DELAY_MS_CONFIG)
                        .intValue(),
                values.number(GroupCoordinatorConfig.GROUP_MAX_SIZE_CONFIG).intValue());
    }

    private static Consumer consumer(Values values) {
        return new Consumer(
                values.list(REBALANCE_PROTOCOLS).contains("consumer"),
                values.limited(
                        GroupCoordinatorConfig.CONSUMER_GROUP_SESSION_TIMEOUT_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MIN_SESSION_TIMEOUT_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MAX_SESSION_TIMEOUT_MS_CONFIG),
                values.limited(
                        GroupCoordinatorConfig.CONSUMER_GROUP_HEARTBEAT_INTERVAL_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MIN_HEARTBEAT_INTERVAL_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MAX_HEARTBEAT_INTERVAL_MS_CONFIG),
                values.limited(
                        GroupCoordinatorConfig.CONSUMER_GROUP_ASSIGNMENT_INTERVAL_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MIN_ASSIGNMENT_INTERVAL_MS_CONFIG,
                        GroupCoordinatorConfig.CONSUMER_GROUP_MAX_ASSIGNMENT_INTERVAL_MS_CONFIG),
                values.number(GroupCoordinatorConfig.CONSUMER_GROUP_MAX_SIZE_CONFIG)
                        .intValue(),
                values.list(GroupCoordinatorConfig.CONSUMER_GROUP_ASSIGNORS_CONFIG),
                MigrationPolicy.valueOf(values.text(GroupCoordinatorConfig.CONSUMER_GROUP_MIGRATION_POLICY_CONFIG)
                        .toUpperCase(Locale.ROOT)));
    }

    private record Values(Map<String, ?> parsed) {
        Object value(String key) {
            Object value = parsed.get(key);
            if (value == null) {
                throw new IllegalArgumentException("no value for '" + key + "'; parse with GroupConfig.CONFIG_DEF");
            }
            return value;
        }

        Number number(String key) {
            return (Number) value(key);
        }

        Limited limited(String valueKey, String minKey, String maxKey) {
            return new Limited(
                    number(valueKey).intValue(),
                    number(minKey).intValue(),
                    number(maxKey).intValue());
        }

        String text(String key) {
            return value(key).toString();
        }

        List<String> list(String key) {
            return ((List<?>) value(key)).stream().map(Object::toString).toList();
        }
    }
}

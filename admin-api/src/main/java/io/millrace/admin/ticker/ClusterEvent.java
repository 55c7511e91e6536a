package io.millrace.admin.ticker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened.
 *
 * @param sequence grows by one with each event of a cluster
 * @param at when it was seen; a snapshot of the cluster is some seconds old at worst
 * @param topic, group, broker, partition what it happened to, as far as it is one thing
 * @param before, after for example the leaders or the number of replicas in sync
 * @param count of partitions or topics, where several changed in one way at once
 * @param detail of a rebalance its cause, of a change what was done and by whom
 */
record ClusterEvent(
        long sequence,
        Instant at,
        Kind kind,
        @Nullable String topic,
        @Nullable String group,
        @Nullable Integer broker,
        @Nullable Integer partition,
        @Nullable String before,
        @Nullable String after,
        int count,
        @Nullable String detail) {

    enum Kind {
        TOPIC_CREATED,
        TOPIC_DELETED,
        PARTITIONS_ADDED,
        LEADER_CHANGED,
        LEADER_LOST,
        LEADER_BACK,
        ISR_SHRUNK,
        ISR_EXPANDED,
        BROKER_DOWN,
        BROKER_UP,
        CONTROLLER_CHANGED,
        REBALANCE,
        CHANGE
    }

    ClusterEvent numbered(long number) {
        return new ClusterEvent(number, at, kind, topic, group, broker, partition, before, after, count, detail);
    }

    static ClusterEvent ofTopic(Instant at, Kind kind, @Nullable String topic, int count) {
        return new ClusterEvent(0, at, kind, topic, null, null, null, null, null, count, null);
    }

    static ClusterEvent ofPartition(
            Instant at, Kind kind, String topic, int partition, @Nullable Object before, @Nullable Object after) {
        return new ClusterEvent(0, at, kind, topic, null, null, partition, text(before), text(after), 1, null);
    }

    static ClusterEvent ofBroker(Instant at, Kind kind, int broker) {
        return new ClusterEvent(0, at, kind, null, null, broker, null, null, null, 1, null);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}

package io.millrace.broker.request;

import org.apache.kafka.common.replica.ReplicaSelector;
import org.jspecify.annotations.Nullable;

/**
 * What request handlers need of the node's configuration.
 *
 * @param autoCreateTopics {@code auto.create.topics.enable}
 * @param maxPartitionsPerDescription {@code max.request.partition.size.limit}: the most partitions that one description names
 * @param fetchMaxBytes {@code fetch.max.bytes}: the most that one fetch returns
 * @param fetchSessionSlots {@code max.incremental.fetch.session.cache.slots}
 * @param offsetsTopic shape of {@code __consumer_offsets}
 * @param transactionsTopic shape of {@code __transaction_state}
 * @param replicaSelector {@code replica.selector.class}; null where consumers read from leaders
 */
public record RequestConfig(
        int brokerId,
        boolean autoCreateTopics,
        int maxPartitionsPerDescription,
        int fetchMaxBytes,
        int fetchSessionSlots,
        InternalTopic offsetsTopic,
        InternalTopic transactionsTopic,
        @Nullable ReplicaSelector replicaSelector) {

    /**
     * How an internal topic is created.
     *
     * @param minInsyncReplicas 0 to leave it to the cluster's default
     */
    public record InternalTopic(int partitions, short replicationFactor, int segmentBytes, int minInsyncReplicas) {}
}

package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * Since which member epoch a member has had each of its partitions: a commit of an earlier epoch of the member is still good for a
 * partition that it has had all the time (KIP-1251). Immutable.
 */
record PartitionEpochs(Map<Uuid, Map<Integer, Integer>> byTopic) {
    static final int NOT_OWNED = Integer.MAX_VALUE;

    static final PartitionEpochs NONE = new PartitionEpochs(Map.of());

    /** The epoch since which a partition is owned; {@link #NOT_OWNED} if it is not. */
    int of(Uuid topicId, int partition) {
        return byTopic.getOrDefault(topicId, Map.of()).getOrDefault(partition, NOT_OWNED);
    }

    /** The epochs of what is owned now; what was not owned before is owned since {@code epoch}. */
    PartitionEpochs with(int epoch, TopicPartitions... owned) {
        var all = new HashMap<Uuid, Map<Integer, Integer>>();
        for (TopicPartitions partitions : owned) {
            partitions.byTopic().forEach((topicId, numbers) -> {
                Map<Integer, Integer> before = byTopic.getOrDefault(topicId, Map.of());
                Map<Integer, Integer> now = all.computeIfAbsent(topicId, id -> new HashMap<>());
                numbers.forEach(number -> now.put(number, before.getOrDefault(number, epoch)));
            });
        }
        return all.isEmpty() ? NONE : new PartitionEpochs(all);
    }
}

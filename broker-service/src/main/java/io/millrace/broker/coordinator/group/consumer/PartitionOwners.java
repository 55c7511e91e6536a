package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Who owns each partition of a group, those about to give it up included. On the shard's loop. */
final class PartitionOwners {
    private final Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
    private int count;

    /** Partitions that have an owner. */
    int count() {
        return count;
    }

    @Nullable
    String of(Uuid topicId, int partition) {
        Map<Integer, String> partitions = owners.get(topicId);
        return partitions == null ? null : partitions.get(partition);
    }

    void own(ConsumerMember member) {
        ofEachTopic(member, (topicId, numbers) -> own(member.id(), topicId, numbers));
    }

    private static void ofEachTopic(ConsumerMember member, BiConsumer<Uuid, Set<Integer>> action) {
        member.progress().assigned().byTopic().forEach(action);
        member.progress().pendingRevocation().byTopic().forEach(action);
    }

    private void own(String memberId, Uuid topicId, Set<Integer> numbers) {
        Map<Integer, String> owned = owners.computeIfAbsent(topicId, id -> new HashMap<>());
        for (int number : numbers) {
            count += owned.put(number, memberId) == null ? 1 : 0;
        }
    }

    void release(ConsumerMember member) {
        ofEachTopic(member, (topicId, numbers) -> release(member.id(), topicId, numbers));
    }

    private void release(String memberId, Uuid topicId, Set<Integer> numbers) {
        Map<Integer, String> owned = owners.get(topicId);
        if (owned != null) {
            for (int number : numbers) {
                count -= owned.remove(number, memberId) ? 1 : 0;
            }
            if (owned.isEmpty()) {
                owners.remove(topicId);
            }
        }
    }
}

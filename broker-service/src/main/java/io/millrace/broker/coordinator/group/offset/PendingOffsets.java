package io.millrace.broker.coordinator.group.offset;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Offsets that open transactions have committed and that are not decided yet; changed by replay alone. */
public final class PendingOffsets {
    /** A partition of a group. */
    private record Key(String groupId, String topic, int partition) {}

    private final Map<Long, Map<Key, CommittedOffset>> byProducer = new HashMap<>();
    private final Map<Key, Set<Long>> producersByKey = new HashMap<>();
    private final Map<String, Integer> openByGroup = new HashMap<>();

    public void put(long producerId, String groupId, String topic, int partition, CommittedOffset committed) {
        var key = new Key(groupId, topic, partition);
        byProducer.computeIfAbsent(producerId, id -> new LinkedHashMap<>()).put(key, committed);
        if (producersByKey.computeIfAbsent(key, k -> new HashSet<>()).add(producerId)) {
            openByGroup.merge(groupId, 1, Integer::sum);
        }
    }

    /** Ends a producer's transaction; committed offsets go to the store. */
    public void end(long producerId, boolean commit, OffsetStore store) {
        Map<Key, CommittedOffset> offsets = byProducer.remove(producerId);
        if (offsets == null) {
            return;
        }
        offsets.forEach((key, committed) -> {
            forget(producerId, key);
            if (commit) {
                store.put(key.groupId, key.topic, key.partition, committed);
            }
        });
    }

    private void forget(long producerId, Key key) {
        Set<Long> producers = producersByKey.get(key);
        if (producers != null && producers.remove(producerId)) {
            if (producers.isEmpty()) {
                producersByKey.remove(key);
            }
            openByGroup.computeIfPresent(key.groupId, (id, count) -> count == 1 ? null : count - 1);
        }
    }

    public boolean isPending(String groupId, String topic, int partition) {
        return !producersByKey.isEmpty() && producersByKey.containsKey(new Key(groupId, topic, partition));
    }

    public boolean hasAny(String groupId) {
        return openByGroup.containsKey(groupId);
    }
}

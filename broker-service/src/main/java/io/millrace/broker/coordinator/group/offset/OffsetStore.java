package io.millrace.broker.coordinator.group.offset;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The committed offsets of one shard by group, topic and partition; changed by replay alone. */
public final class OffsetStore {
    private final Map<String, Map<String, Map<Integer, CommittedOffset>>> groups = new HashMap<>();

    public void put(String groupId, String topic, int partition, CommittedOffset committed) {
        groups.computeIfAbsent(groupId, id -> new HashMap<>())
                .computeIfAbsent(topic, name -> new HashMap<>())
                .put(partition, committed);
    }

    public void remove(String groupId, String topic, int partition) {
        Map<String, Map<Integer, CommittedOffset>> topics = groups.get(groupId);
        Map<Integer, CommittedOffset> partitions = topics == null ? null : topics.get(topic);
        if (topics == null || partitions == null) {
            return;
        }
        partitions.remove(partition);
        if (partitions.isEmpty()) {
            topics.remove(topic);
            if (topics.isEmpty()) {
                groups.remove(groupId);
            }
        }
    }

    public @Nullable CommittedOffset get(String groupId, String topic, int partition) {
        return topic(groupId, topic).get(partition);
    }

    /** By partition; empty if there are none. */
    public Map<Integer, CommittedOffset> topic(String groupId, String topic) {
        return group(groupId).getOrDefault(topic, Map.of());
    }

    /** By topic; empty if there are none. */
    public Map<String, Map<Integer, CommittedOffset>> group(String groupId) {
        return groups.getOrDefault(groupId, Map.of());
    }

    public boolean has(String groupId) {
        return groups.containsKey(groupId);
    }

    public int groupCount() {
        return groups.size();
    }
}

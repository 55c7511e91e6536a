package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/** An immutable set of partitions, by topic id; topics without partitions are not in it. */
record TopicPartitions(Map<Uuid, Set<Integer>> byTopic) {
    static final TopicPartitions NONE = new TopicPartitions(Map.of());

    /** Whether a partition belongs to a result. */
    interface Filter {
        boolean test(Uuid topicId, int partition);
    }

    static TopicPartitions of(Map<Uuid, ? extends Set<Integer>> byTopic) {
        var copy = new TreeMap<Uuid, Set<Integer>>();
        byTopic.forEach((topicId, partitions) -> {
            if (!partitions.isEmpty()) {
                copy.put(topicId, Set.copyOf(partitions));
            }
        });
        return copy.isEmpty() ? NONE : new TopicPartitions(copy);
    }

    boolean isEmpty() {
        return byTopic.isEmpty();
    }

    int size() {
        return byTopic.values().stream().mapToInt(Set::size).sum();
    }

    boolean contains(Uuid topicId, int partition) {
        Set<Integer> partitions = byTopic.get(topicId);
        return partitions != null && partitions.contains(partition);
    }

    TopicPartitions filter(Filter filter) {
        var kept = new HashMap<Uuid, Set<Integer>>();
        byTopic.forEach((topicId, partitions) -> partitions.forEach(partition -> {
            if (filter.test(topicId, partition)) {
                kept.computeIfAbsent(topicId, id -> new TreeSet<>()).add(partition);
            }
        }));
        return of(kept);
    }

    TopicPartitions and(TopicPartitions other) {
        return filter(other::contains);
    }

    TopicPartitions minus(TopicPartitions other) {
        return filter((topicId, partition) -> !other.contains(topicId, partition));
    }

    TopicPartitions plus(TopicPartitions other) {
        var all = new HashMap<Uuid, Set<Integer>>();
        byTopic.forEach((topicId, partitions) -> all.put(topicId, new TreeSet<>(partitions)));
        other.byTopic.forEach((topicId, partitions) ->
                all.computeIfAbsent(topicId, id -> new TreeSet<>()).addAll(partitions));
        return of(all);
    }

    boolean containsAll(TopicPartitions other) {
        return other.minus(this).isEmpty();
    }

    /** In order, whatever the sets' own order is. */
    @Override
    public String toString() {
        var sorted = new TreeMap<Uuid, Set<Integer>>();
        byTopic.forEach((topicId, partitions) -> sorted.put(topicId, new TreeSet<>(partitions)));
        return sorted.toString();
    }
}

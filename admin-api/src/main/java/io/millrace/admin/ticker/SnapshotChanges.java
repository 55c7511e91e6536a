package io.millrace.admin.ticker;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.BrokerState;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.ticker.ClusterEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What changed between two snapshots of a cluster. More than {@value #APART} changes of one kind are one event with their number: a
 * broker that dies moves the leaders of a thousand partitions.
 */
final class SnapshotChanges {
    private static final int APART = 5;

    private final Instant at;
    private final Map<Kind, List<ClusterEvent>> found = new EnumMap<>(Kind.class);

    private SnapshotChanges(Instant at) {
        this.at = at;
    }

    static List<ClusterEvent> between(ClusterSnapshot before, ClusterSnapshot after) {
        SnapshotChanges changes = new SnapshotChanges(after.asOf());
        changes.brokers(before, after);
        changes.topics(before, after);
        List<ClusterEvent> events = new ArrayList<>();
        changes.found.forEach((kind, all) -> events.addAll(all.size() <= APART ? all : List.of(together(kind, all))));
        return events;
    }

    private static ClusterEvent together(Kind kind, List<ClusterEvent> all) {
        ClusterEvent first = all.getFirst();
        boolean oneTopic = all.stream().allMatch(event -> Objects.equals(event.topic(), first.topic()));
        return ClusterEvent.ofTopic(first.at(), kind, oneTopic ? first.topic() : null, all.size());
    }

    private void add(ClusterEvent event) {
        found.computeIfAbsent(event.kind(), ignored -> new ArrayList<>()).add(event);
    }

    private void brokers(ClusterSnapshot before, ClusterSnapshot after) {
        Map<Integer, Boolean> online = new HashMap<>();
        before.brokers().forEach(broker -> online.put(broker.id(), broker.online()));
        for (BrokerState broker : after.brokers()) {
            boolean was = online.getOrDefault(broker.id(), false);
            if (was != broker.online()) {
                add(ClusterEvent.ofBroker(at, broker.online() ? Kind.BROKER_UP : Kind.BROKER_DOWN, broker.id()));
            }
            online.remove(broker.id());
        }
        // Brokers without a replica leave no trace when they go.
        online.forEach((id, was) -> {
            if (was) add(ClusterEvent.ofBroker(at, Kind.BROKER_DOWN, id));
        });
        Integer controller = after.controllerId();
        if (controller != null && before.controllerId() != null && !controller.equals(before.controllerId())) {
            add(ClusterEvent.ofBroker(at, Kind.CONTROLLER_CHANGED, controller));
        }
    }

    private void topics(ClusterSnapshot before, ClusterSnapshot after) {
        for (TopicState topic : after.topics().values()) {
            TopicState old = before.topics().get(topic.name());
            if (old == null) {
                add(ClusterEvent.ofTopic(at, Kind.TOPIC_CREATED, topic.name(), 1));
            } else if (!old.id().equals(topic.id())) {
                add(ClusterEvent.ofTopic(at, Kind.TOPIC_DELETED, topic.name(), 1));
                add(ClusterEvent.ofTopic(at, Kind.TOPIC_CREATED, topic.name(), 1));
            } else {
                partitions(old, topic);
            }
        }
        for (String name : before.topicNames()) {
            if (!after.topics().containsKey(name)) add(ClusterEvent.ofTopic(at, Kind.TOPIC_DELETED, name, 1));
        }
    }

    private void partitions(TopicState before, TopicState after) {
        int shared = Math.min(before.partitions().size(), after.partitions().size());
        for (int i = 0; i < shared; i++) {
            partition(
                    after.name(), before.partitions().get(i), after.partitions().get(i));
        }
        if (after.partitions().size() > shared) {
            add(new ClusterEvent(
                    0,
                    at,
                    Kind.PARTITIONS_ADDED,
                    after.name(),
                    null,
                    null,
                    null,
                    String.valueOf(shared),
                    String.valueOf(after.partitions().size()),
                    after.partitions().size() - shared,
                    null));
        }
    }

    private void partition(String topic, PartitionState before, PartitionState after) {
        Integer was = before.leader();
        Integer is = after.leader();
        if (!Objects.equals(was, is)) {
            add(ClusterEvent.ofPartition(at, leaderChange(was, is), topic, after.partition(), was, is));
        }
        if (!before.isr().equals(after.isr())) {
            Kind kind = after.isr().containsAll(before.isr()) ? Kind.ISR_EXPANDED : Kind.ISR_SHRUNK;
            add(ClusterEvent.ofPartition(at, kind, topic, after.partition(), before.isr(), after.isr()));
        }
    }

    private static Kind leaderChange(@Nullable Integer was, @Nullable Integer is) {
        if (is == null) return Kind.LEADER_LOST;
        return was == null ? Kind.LEADER_BACK : Kind.LEADER_CHANGED;
    }
}

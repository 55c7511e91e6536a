package io.millrace.broker.coordinator.group.consumer.assignor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;

/**
 * {@code range}: each topic's partitions in contiguous ranges over its subscribers, who stand in the same order for every topic, so that
 * equal partitions of topics with equal partition counts go to the same member.
 */
public final class RangeAssignor implements ConsumerGroupPartitionAssignor {
    @Override
    public String name() {
        return "range";
    }

    @Override
    public GroupAssignment assign(GroupSpec group, SubscribedTopicDescriber topics) {
        Map<Uuid, List<String>> subscribers = new TreeMap<>();
        Comparator<String> order = Comparator.comparing((String memberId) ->
                        group.memberSubscription(memberId).instanceId().orElse(memberId))
                .thenComparing(Comparator.naturalOrder());
        group.memberIds().stream()
                .sorted(order)
                .forEach(memberId -> group.memberSubscription(memberId)
                        .subscribedTopicIds()
                        .forEach(topicId -> subscribers
                                .computeIfAbsent(topicId, id -> new ArrayList<>())
                                .add(memberId)));
        Map<String, Map<Uuid, Set<Integer>>> assignment = new HashMap<>();
        group.memberIds().forEach(memberId -> assignment.put(memberId, new HashMap<>()));
        subscribers.forEach((topicId, members) -> {
            int partitions = topics.numPartitions(topicId);
            for (int i = 0; i < members.size() && partitions > 0; i++) {
                int from = start(i, partitions, members.size());
                int to = start(i + 1, partitions, members.size());
                if (from < to) {
                    var range = new HashSet<Integer>();
                    for (int partition = from; partition < to; partition++) {
                        range.add(partition);
                    }
                    assignment.getOrDefault(members.get(i), new HashMap<>()).put(topicId, range);
                }
            }
        });
        return result(assignment);
    }

    /** First partition of the {@code index}-th member: the first members have one more where it does not come out even. */
    private static int start(int index, int partitions, int members) {
        return index * (partitions / members) + Math.min(index, partitions % members);
    }

    static GroupAssignment result(Map<String, Map<Uuid, Set<Integer>>> assignment) {
        Map<String, MemberAssignment> members = new HashMap<>();
        assignment.forEach((memberId, partitions) -> members.put(memberId, new Assigned(partitions)));
        return new GroupAssignment(members);
    }

    private record Assigned(Map<Uuid, Set<Integer>> partitions) implements MemberAssignment {}
}

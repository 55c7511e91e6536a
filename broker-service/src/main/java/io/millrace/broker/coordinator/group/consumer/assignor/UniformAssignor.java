package io.millrace.broker.coordinator.group.consumer.assignor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.jspecify.annotations.Nullable;

/**
 * {@code uniform}: all members have the same number of partitions, give or take one, as far as their subscriptions allow, and keep as many
 * as they can of those they have.
 *
 * <p>First everybody keeps what it has up to its fair share; then what is left goes to whoever has least. Where subscriptions differ,
 * partitions move from the fullest to the emptiest subscriber until no move makes it more even. Among equals, who comes first in the group's
 * order of members is the first to get something and to give something up: so moves concern those who are heard of soonest.
 */
public final class UniformAssignor implements ConsumerGroupPartitionAssignor {
    private record Partition(Uuid topicId, int number) {}

    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public GroupAssignment assign(GroupSpec group, SubscribedTopicDescriber topics) {
        return new Assignment(group, topics).build();
    }

    private static final class Member {
        private final String id;
        private final int rank;
        private final Set<Uuid> topicIds;
        private final Set<Partition> partitions = new HashSet<>();

        Member(String id, int rank, Set<Uuid> topicIds) {
            this.id = id;
            this.rank = rank;
            this.topicIds = topicIds;
        }

        int load() {
            return partitions.size();
        }
    }

    /** One computation. */
    private static final class Assignment {
        private static final Comparator<Member> EMPTIEST =
                Comparator.comparingInt(Member::load).thenComparingInt(member -> member.rank);

        private final GroupSpec group;
        private final List<Member> members = new ArrayList<>();
        private final Map<Uuid, List<Member>> subscribers = new TreeMap<>();
        private final Map<Partition, Member> owners = new HashMap<>();
        private final List<Partition> all = new ArrayList<>();
        private final boolean alike;

        Assignment(GroupSpec group, SubscribedTopicDescriber topics) {
            this.group = group;
            this.alike = group.subscriptionType() == SubscriptionType.HOMOGENEOUS;
            for (String memberId : group.memberIds()) {
                var member = new Member(
                        memberId,
                        members.size(),
                        group.memberSubscription(memberId).subscribedTopicIds());
                members.add(member);
                member.topicIds.forEach(topicId -> subscribers
                        .computeIfAbsent(topicId, id -> new ArrayList<>())
                        .add(member));
            }
            for (Uuid topicId : subscribers.keySet()) {
                int count = topics.numPartitions(topicId);
                for (int number = 0; number < count; number++) {
                    all.add(new Partition(topicId, number));
                }
            }
        }

        GroupAssignment build() {
            if (members.isEmpty()) {
                return RangeAssignor.result(Map.of());
            }
            keep();
            handOut();
            if (!alike) {
                even();
            }
            Map<String, Map<Uuid, Set<Integer>>> assignment = new HashMap<>();
            members.forEach(member -> {
                Map<Uuid, Set<Integer>> partitions = new HashMap<>();
                member.partitions.forEach(partition -> partitions
                        .computeIfAbsent(partition.topicId, id -> new HashSet<>())
                        .add(partition.number));
                assignment.put(member.id, partitions);
            });
            return RangeAssignor.result(assignment);
        }

        /** Members keep what they have, up to the fair share; those with most keep the odd ones. */
        private void keep() {
            var existing = new HashSet<>(all);
            int share = all.size() / members.size();
            int odd = all.size() % members.size();
            var byLoad = new ArrayList<>(members);
            byLoad.sort(Comparator.comparingInt(this::held)
                    .thenComparingInt(member -> member.rank)
                    .reversed());
            for (Member member : byLoad) {
                int quota = alike ? share + (odd > 0 ? 1 : 0) : Integer.MAX_VALUE;
                int kept = 0;
                for (Partition partition : heldBy(member)) {
                    boolean valid = existing.contains(partition)
                            && member.topicIds.contains(partition.topicId)
                            && !owners.containsKey(partition);
                    if (valid && kept < quota) {
                        give(partition, member);
                        kept++;
                    }
                }
                if (alike && kept == share + 1) {
                    odd--;
                }
            }
        }

        private int held(Member member) {
            return group.memberAssignment(member.id).partitions().values().stream()
                    .mapToInt(Set::size)
                    .sum();
        }

        private List<Partition> heldBy(Member member) {
            var held = new ArrayList<Partition>();
            new TreeMap<>(group.memberAssignment(member.id).partitions())
                    .forEach((topicId, numbers) ->
                            new TreeSet<>(numbers).forEach(number -> held.add(new Partition(topicId, number))));
            return held;
        }

        private void give(Partition partition, Member member) {
            owners.put(partition, member);
            member.partitions.add(partition);
        }

        private void handOut() {
            var free = new ArrayDeque<Partition>();
            all.stream().filter(partition -> !owners.containsKey(partition)).forEach(free::add);
            if (alike) {
                var emptiest = new PriorityQueue<>(EMPTIEST);
                emptiest.addAll(members);
                for (Partition partition : free) {
                    Member member = emptiest.remove();
                    give(partition, member);
                    emptiest.add(member);
                }
                return;
            }
            for (Partition partition : free) {
                Member member = emptiestOf(partition);
                if (member != null) {
                    give(partition, member);
                }
            }
        }

        private @Nullable Member emptiestOf(Partition partition) {
            return subscribers.getOrDefault(partition.topicId, List.of()).stream()
                    .min(EMPTIEST)
                    .orElse(null);
        }

        /** Each move lowers the sum of squared loads, so this ends; a pass without a move is the last. */
        private void even() {
            boolean moved = true;
            while (moved) {
                moved = false;
                for (Partition partition : all) {
                    Member owner = owners.get(partition);
                    Member emptiest = emptiestOf(partition);
                    if (owner != null && emptiest != null && owner.load() > emptiest.load() + 1) {
                        owner.partitions.remove(partition);
                        give(partition, emptiest);
                        moved = true;
                    }
                }
            }
        }
    }
}

package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.junit.jupiter.api.Test;

/** What an assignor of one's own is told of racks, and when. */
class AssignorRacksTest {

    /** Gives each member the partitions that are in its rack. */
    public static final class SameRack implements ConsumerGroupPartitionAssignor {
        private record Assigned(Map<Uuid, Set<Integer>> partitions) implements MemberAssignment {}

        @Override
        public String name() {
            return "same-rack";
        }

        @Override
        public GroupAssignment assign(GroupSpec group, SubscribedTopicDescriber topics) {
            Map<String, MemberAssignment> assignment = new HashMap<>();
            for (String memberId : group.memberIds()) {
                var wants = group.memberSubscription(memberId);
                Map<Uuid, Set<Integer>> partitions = new HashMap<>();
                for (Uuid topic : wants.subscribedTopicIds()) {
                    for (int partition = 0; partition < topics.numPartitions(topic); partition++) {
                        if (topics.racksForPartition(topic, partition)
                                .contains(wants.rackId().orElseThrow())) {
                            partitions
                                    .computeIfAbsent(topic, id -> new TreeSet<>())
                                    .add(partition);
                        }
                    }
                }
                assignment.put(memberId, new Assigned(partitions));
            }
            return new GroupAssignment(assignment);
        }
    }

    private final GroupBench bench = new GroupBench(
            1,
            GroupBench.configWith(Map.of(
                    "group.consumer.assignors",
                    SameRack.class.getName(),
                    "group.consumer.assignment.interval.ms",
                    "0")));

    private ConsumerGroupHeartbeatResponseData beat(String id, int epoch, String rack, List<Integer> owned) {
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g")
                .setMemberId(id)
                .setMemberEpoch(epoch)
                .setRackId(rack)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of("t"))
                .setTopicPartitions(
                        owned.isEmpty()
                                ? List.of()
                                : List.of(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                        .setTopicId(bench.image.topic("t").id())
                                        .setPartitions(owned)));
        var answer = bench.coordinator.consumerGroupHeartbeat(GroupBench.client(id, 1), request);
        bench.simulation.settle();
        return answer.join();
    }

    private static List<Integer> assigned(ConsumerGroupHeartbeatResponseData response) {
        return response.assignment().topicPartitions().stream()
                .flatMap(topic -> topic.partitions().stream())
                .sorted()
                .toList();
    }

    @Test
    void anAssignorSeesRacksOfMembersAndReplicasAndIsAskedAgainWhenTheyChange() {
        bench.image.add("t", 3);
        bench.image.broker(0, "east");
        bench.image.broker(1, "west");
        bench.image.broker(2, "east");
        var east = beat("a", 0, "east", List.of());
        assertThat(assigned(east)).containsExactly(0, 2);
        var west = beat("b", 0, "west", List.of());
        assertThat(assigned(west)).containsExactly(1);

        bench.image.broker(2, "west");
        var revoking = beat("a", east.memberEpoch(), "east", List.of(0, 2));
        assertThat(assigned(revoking)).containsExactly(0);
        assertThat(beat("a", revoking.memberEpoch(), "east", List.of(0)).memberEpoch())
                .isGreaterThan(west.memberEpoch());
        assertThat(assigned(beat("b", west.memberEpoch(), "west", List.of(1)))).containsExactly(1, 2);
    }
}

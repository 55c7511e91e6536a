package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.group.journal.GroupEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a group of the consumer protocol tells the journal, on simulated time. */
class ConsumerJournalTest {
    private final GroupBench bench = new GroupBench(1, GroupBench.onePartition());
    private final Map<String, Member> members = new LinkedHashMap<>();

    /** A client that takes over at once what it is told. */
    private final class Member {
        private final String id;
        private int epoch;
        private Map<Uuid, Set<Integer>> owned = new HashMap<>();

        Member(String id) {
            this.id = id;
        }

        void beat() {
            var request = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId("g")
                    .setMemberId(id)
                    .setMemberEpoch(epoch)
                    .setRebalanceTimeoutMs(60_000)
                    .setSubscribedTopicNames(List.of("t"))
                    .setTopicPartitions(owned.entrySet().stream()
                            .map(entry -> new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                    .setTopicId(entry.getKey())
                                    .setPartitions(List.copyOf(entry.getValue())))
                            .toList());
            var answer = bench.coordinator.consumerGroupHeartbeat(GroupBench.client(id, 1), request);
            bench.simulation.settle();
            ConsumerGroupHeartbeatResponseData response = answer.join();
            assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.NONE);
            epoch = response.memberEpoch();
            if (response.assignment() != null) {
                owned = new HashMap<>();
                response.assignment()
                        .topicPartitions()
                        .forEach(topic -> owned.put(topic.topicId(), new TreeSet<>(topic.partitions())));
            }
        }
    }

    @BeforeEach
    void topic() {
        bench.image.add("t", 2);
        bench.events.clear();
    }

    private Member member(String id) {
        return members.computeIfAbsent(id, Member::new);
    }

    /** Everybody's heartbeats, a tenth of a second apart, until nothing moves any more. */
    private void settle() {
        for (int i = 0; i < 30; i++) {
            members.values().forEach(member -> {
                bench.simulation.advance(100);
                member.beat();
            });
        }
    }

    private List<GroupEvent> told() {
        List<GroupEvent> told = bench.events.stream()
                .filter(GroupEvent.class::isInstance)
                .map(GroupEvent.class::cast)
                .toList();
        bench.events.clear();
        return told;
    }

    private static List<String> types(List<GroupEvent> events) {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }

    @Test
    void aPartitionThatMovesStandsStillBetweenTwoHeartbeatsAndTheOthersDoNot() {
        member("a");
        settle();
        List<GroupEvent> first = told();
        assertThat(types(first)).containsExactly("MemberJoined", "RebalanceStarted", "Assigned");
        assertThat(((GroupEvent.Assigned) first.getLast()).partitions()).isEqualTo(Map.of("a", List.of("t-0", "t-1")));
        assertThat(first.getFirst().header().protocol()).isEqualTo("consumer");

        member("b");
        settle();
        List<GroupEvent> second = told();
        assertThat(types(second)).containsExactly("MemberJoined", "RebalanceStarted", "Assigned");
        assertThat(((GroupEvent.RebalanceStarted) second.get(1)).cause()).isEqualTo("MEMBER_JOINED");
        var assigned = (GroupEvent.Assigned) second.getLast();
        assertThat(assigned.partitions().values())
                .allSatisfy(partitions -> assertThat(partitions).hasSize(1));
        assertThat(assigned.revoked().get("a")).hasSize(1);
        assertThat(assigned.standstillMs()).hasSize(1);
        assertThat(assigned.standstillMs().values().iterator().next()).isBetween(1L, 200L);
        assertThat(assigned.header().generation())
                .isEqualTo(second.get(1).header().generation() + 1);
    }

    @Test
    void whoFallsSilentIsToldOfAndItsPartitionsStandStillUntilTheyAreGivenAway() {
        member("a");
        member("b");
        settle();
        told();
        members.remove("b");
        for (int i = 0; i < 500; i++) {
            bench.simulation.advance(100);
            member("a").beat();
        }
        List<GroupEvent> events = told();
        assertThat(types(events)).containsExactly("MemberLeft", "RebalanceStarted", "Assigned");
        var left = (GroupEvent.MemberLeft) events.getFirst();
        assertThat(left.departure()).isEqualTo(GroupEvent.Departure.SESSION_EXPIRED);
        assertThat(left.owned()).hasSize(1);
        assertThat(((GroupEvent.Assigned) events.getLast()).standstillMs())
                .containsOnlyKeys(left.owned().getFirst());
    }

    @Test
    void aTopicThatGrowsIsTakenUp() {
        member("a");
        settle();
        told();
        bench.image.add("t", 3);
        settle();
        List<GroupEvent> events = told();
        assertThat(types(events)).containsExactly("RebalanceStarted", "Assigned");
        assertThat(((GroupEvent.RebalanceStarted) events.getFirst()).cause()).isEqualTo("PARTITIONS_CHANGED");
    }
}

package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** How often the members of many groups come, who do as they are told, on simulated time. */
class HeartbeatBudgetTest {
    private final GroupBench bench = new GroupBench(1, GroupBench.onePartition());
    private final PriorityQueue<Member> byTime =
            new PriorityQueue<>((one, other) -> Long.compare(one.dueMs, other.dueMs));
    private long beats;

    private final class Member {
        private final String group;
        private final String id;
        private int epoch;
        private int intervalMs;
        private long dueMs;
        private Map<Uuid, List<Integer>> owned = new HashMap<>();
        private boolean changed;
        /** How long it takes to do as it is told. */
        private int reactionMs = 1;

        Member(String group, String id) {
            this.group = group;
            this.id = id;
        }

        void beat() {
            var request = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId(group)
                    .setMemberId(id)
                    .setMemberEpoch(epoch);
            if (epoch == 0) {
                request.setRebalanceTimeoutMs(60_000).setSubscribedTopicNames(List.of("t"));
            }
            if (epoch == 0 || changed) {
                request.setTopicPartitions(owned.entrySet().stream()
                        .map(entry -> new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                .setTopicId(entry.getKey())
                                .setPartitions(entry.getValue()))
                        .toList());
            }
            changed = false;
            var answer = bench.coordinator.consumerGroupHeartbeat(GroupBench.client(id, 1), request);
            bench.simulation.settle();
            ConsumerGroupHeartbeatResponseData response = answer.join();
            assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.NONE);
            epoch = response.memberEpoch();
            intervalMs = response.heartbeatIntervalMs();
            if (response.assignment() != null) {
                owned = new HashMap<>();
                response.assignment()
                        .topicPartitions()
                        .forEach(topic -> owned.put(topic.topicId(), List.copyOf(topic.partitions())));
                changed = true;
            }
            beats++;
            dueMs = bench.simulation.nowMs() + (changed ? reactionMs : intervalMs);
        }
    }

    private void live(long ms) {
        long untilMs = bench.simulation.nowMs() + ms;
        while (byTime.peek().dueMs <= untilMs) {
            Member next = byTime.remove();
            bench.simulation.advance(Math.max(0, next.dueMs - bench.simulation.nowMs()));
            next.beat();
            byTime.add(next);
        }
        bench.simulation.advance(Math.max(0, untilMs - bench.simulation.nowMs()));
    }

    @Test
    void thousandsOfSettledMembersOfSmallGroupsStayWithinTheBudgetAndOneMoreGroupIsQuick() {
        bench.image.add("t", 3);
        var members = new ArrayList<Member>();
        for (int group = 0; group < 1_000; group++) {
            for (int i = 0; i < 3; i++) {
                members.add(new Member("g" + group, group + "-" + i));
            }
        }
        byTime.addAll(members);
        live(20_000);
        beats = 0;
        live(30_000);
        assertThat(members).allSatisfy(member -> {
            assertThat(member.owned.values()).hasSize(1);
            assertThat(member.intervalMs).isEqualTo(3_000);
        });
        assertThat(beats / 30).isBetween(950L, 1_050L);

        var one = new Member("new", "one");
        var two = new Member("new", "two");
        byTime.add(one);
        byTime.add(two);
        one.dueMs = bench.simulation.nowMs();
        two.dueMs = bench.simulation.nowMs() + 10;
        // The first, alone and settled, comes back when the crowd lets it; from then on the two are quick.
        live(4_500);
        assertThat(one.owned.values().iterator().next().size()
                        + two.owned.values().iterator().next().size())
                .isEqualTo(3);

        // The coordinator moves: the next one counts those it hears of.
        bench.failOver();
        one.beat();
        assertThat(one.intervalMs).isBetween(250, 500);
    }

    @Test
    void fewMembersOfALargeGroupThatWaitForWhatOneGivesUpAreNotHeldUpByTheOthers() {
        bench.image.add("t", 1_000);
        var first = new Member("g", "first");
        first.reactionMs = 100;
        var members = new ArrayList<>(List.of(first));
        for (int i = 1; i < 2_000; i++) {
            members.add(new Member("g", "member-" + i));
        }
        byTime.addAll(members);
        live(1_000);
        assertThat(first.owned.values().iterator().next())
                .as("it was alone when the first assignment was made, and the next may be made only now")
                .hasSize(1_000);
        live(600);
        assertThat(members.stream()
                        .flatMap(member -> member.owned.values().stream())
                        .mapToInt(List::size)
                        .sum())
                .as("partitions that have an owner again")
                .isEqualTo(1_000);
    }
}

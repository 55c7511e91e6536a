package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.junit.jupiter.api.Test;

/** Random members of a consumer group on simulated time; {@link RandomHistories} says how to play more of them. */
class ConsumerGroupPropertyTest {
    private static final String GROUP = "g";

    @Test
    void noPartitionIsEverOwnedTwiceAndEverythingSettles() {
        RandomHistories.play(150, seed -> new Run(seed).play());
    }

    private static final class Run {
        final SplittableRandom random;
        final GroupBench bench;
        final RandomHistories.Trouble trouble;
        final OffsetOracle offsets;
        final List<ConsumerClient> members = new ArrayList<>();
        int highestEpoch;

        Run(long seed) {
            random = new SplittableRandom(seed);
            bench = new GroupBench(
                    seed,
                    GroupBench.configWith(
                            Map.of("group.consumer.assignors", random.nextBoolean() ? "uniform" : "range,uniform")));
            trouble = new RandomHistories.Trouble(bench, random);
            offsets = new OffsetOracle(bench);
            bench.image.add("t0", 1 + random.nextInt(6));
            bench.image.add("t1", 1 + random.nextInt(6));
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                members.add(new ConsumerClient(bench, random, "c" + i, random.nextInt(3) == 0 ? "i" + i : null));
            }
        }

        void play() {
            int steps = 100 + random.nextInt(150);
            for (int i = 0; i < steps; i++) {
                ConsumerClient member = members.get(random.nextInt(members.size()));
                switch (random.nextInt(28)) {
                    case 0 -> member.crash();
                    case 1 -> member.leave();
                    case 2 -> member.paused = true;
                    case 3 -> member.paused = false;
                    case 4 -> member.topics = member.topics.size() == 1 ? Set.of("t0", "t1") : Set.of("t1");
                    case 5 -> trouble.refuseNextAppend();
                    case 6 -> trouble.hold();
                    case 7 -> trouble.release();
                    case 8 -> trouble.failOverOnceIn(3);
                    case 9 -> bench.image.add("t0", 1 + random.nextInt(8));
                    case 10 -> offsets.fetch();
                    case 11 -> commit(member);
                    case 12 -> haunt(member);
                    case 13, 14 -> bench.simulation.advance(random.nextInt(20_000));
                    default -> member.proceed();
                }
                bench.simulation.settle();
                if (!trouble.isHeld()) {
                    check();
                }
            }
            trouble.end();
            calmDown();
        }

        private ConsumerGroupDescribeResponseData.DescribedGroup describe() {
            return RandomHistories.describeConsumer(bench, GROUP);
        }

        private void commit(ConsumerClient member) {
            member.owned.stream().findAny().ifPresent(partition -> commit(member, partition));
        }

        /** An earlier life of a process, which the group may or may not know still. */
        private void haunt(ConsumerClient member) {
            if (member.earlierId != null
                    && !trouble.isHeld()
                    && !FormerMember.membersOf(bench).contains(member.earlierId)) {
                new FormerMember(bench, member.earlierId, member.instanceId, Math.max(member.epoch, 1)).canDoNothing();
            }
        }

        private void commit(ConsumerClient member, String partition) {
            int dash = partition.lastIndexOf('-');
            Uuid topicId = Uuid.fromString(partition.substring(0, dash));
            var sender = new OffsetCommitRequestData()
                    .setMemberId(member.memberId)
                    .setGroupInstanceId(member.instanceId)
                    .setGenerationIdOrMemberEpoch(Math.max(member.epoch, 1));
            String topic = bench.image.topic(topicId).name();
            int number = Integer.parseInt(partition.substring(dash + 1));
            offsets.commit(member.name, sender, topic, topicId, number, _ -> {});
        }

        private void check() {
            var group = describe();
            if (group.errorCode() != 0) {
                return;
            }
            assertThat(group.groupEpoch()).as("group epochs only grow").isGreaterThanOrEqualTo(highestEpoch);
            highestEpoch = group.groupEpoch();
            var assigned = new HashSet<String>();
            var known = new HashSet<String>();
            for (var member : group.members()) {
                known.add(member.memberId());
                member.assignment()
                        .topicPartitions()
                        .forEach(topic -> topic.partitions()
                                .forEach(partition -> assertThat(assigned.add(topic.topicId() + "-" + partition))
                                        .as("assigned once")
                                        .isTrue()));
            }
            var owned = new HashSet<String>();
            for (ConsumerClient member : members) {
                if (known.contains(member.memberId)) {
                    member.owned.forEach(partition -> assertThat(owned.add(partition))
                            .as("%s owned once", partition)
                            .isTrue());
                }
            }
        }

        private void calmDown() {
            for (ConsumerClient member : members) {
                member.paused = false;
                member.topics = Set.of("t0", "t1");
            }
            for (int i = 0; i < 200; i++) {
                members.forEach(ConsumerClient::proceed);
                bench.simulation.advance(1_000);
                check();
            }
            var group = describe();
            assertThat(group.groupState()).isEqualTo("Stable");
            assertThat(group.members()).hasSize(members.size());
            var owned = new TreeSet<String>();
            int least = Integer.MAX_VALUE;
            int most = 0;
            for (ConsumerClient member : members) {
                assertThat(member.epoch).isEqualTo(group.groupEpoch());
                owned.addAll(member.owned);
                least = Math.min(least, member.owned.size());
                most = Math.max(most, member.owned.size());
            }
            assertThat(owned)
                    .hasSize(bench.image.topic("t0").partitionCount()
                            + bench.image.topic("t1").partitionCount());
            if (group.assignorName().equals("uniform")) {
                assertThat(most - least).as("even").isLessThanOrEqualTo(1);
            }
        }
    }
}

package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Random members of a consumer group on simulated time; {@code -Dseeds=N}, {@code -Dseed=N} as for the classic protocol. */
class ConsumerGroupPropertyTest {
    private static final String GROUP = "g";

    @Test
    void noPartitionIsEverOwnedTwiceAndEverythingSettles() {
        Long one = Long.getLong("seed");
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger("io.millrace.broker.coordinator"))
                .setLevel(one == null ? ch.qos.logback.classic.Level.OFF : ch.qos.logback.classic.Level.INFO);
        int seeds = one == null ? Integer.getInteger("seeds", 150) : 1;
        for (int i = 0; i < seeds; i++) {
            long seed = one == null ? i : one;
            try {
                new Run(seed).play();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("failed with -Dseed=" + seed, e);
            }
        }
    }

    private static final class Run {
        final SplittableRandom random;
        final GroupBench bench;
        final List<ConsumerClient> members = new ArrayList<>();
        int highestEpoch;

        Run(long seed) {
            random = new SplittableRandom(seed);
            bench = new GroupBench(
                    seed,
                    GroupBench.configWith(
                            Map.of("group.consumer.assignors", random.nextBoolean() ? "uniform" : "range,uniform")));
            bench.image.add("t0", 1 + random.nextInt(6));
            bench.image.add("t1", 1 + random.nextInt(6));
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                members.add(new ConsumerClient(bench, random, "c" + i, random.nextInt(3) == 0 ? "i" + i : null));
            }
        }

        void play() {
            int steps = 100 + random.nextInt(150);
            boolean held = false;
            for (int i = 0; i < steps; i++) {
                ConsumerClient member = members.get(random.nextInt(members.size()));
                switch (random.nextInt(24)) {
                    case 0 -> member.crash();
                    case 1 -> member.leave();
                    case 2 -> member.paused = true;
                    case 3 -> member.paused = false;
                    case 4 -> member.topics = member.topics.size() == 1 ? Set.of("t0", "t1") : Set.of("t1");
                    case 5 -> {
                        if (!held) {
                            bench.log.failNextAppend(Errors.NOT_ENOUGH_REPLICAS);
                        }
                    }
                    case 6 -> {
                        held = true;
                        bench.log.holdHighWatermark();
                    }
                    case 7 -> {
                        held = false;
                        bench.log.releaseHighWatermark();
                    }
                    case 8 -> {
                        if (random.nextInt(3) == 0) {
                            held = false;
                            bench.log.releaseHighWatermark();
                            bench.failOver();
                        }
                    }
                    case 9 -> {
                        bench.image.add("t0", 1 + random.nextInt(8));
                    }
                    case 10, 11 -> bench.simulation.advance(random.nextInt(20_000));
                    default -> member.proceed();
                }
                bench.simulation.settle();
                if (!held) {
                    check();
                }
            }
            bench.log.releaseHighWatermark();
            bench.log.failNextAppend(Errors.NONE);
            calmDown();
        }

        private ConsumerGroupDescribeResponseData.DescribedGroup describe() {
            var future = bench.coordinator.consumerGroupDescribe(
                    GroupBench.client("", 1), new ConsumerGroupDescribeRequestData().setGroupIds(List.of(GROUP)));
            bench.simulation.settle();
            return future.join().groups().getFirst();
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

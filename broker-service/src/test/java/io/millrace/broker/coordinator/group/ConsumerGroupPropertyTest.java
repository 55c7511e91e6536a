package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
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
        final List<Member> members = new ArrayList<>();
        int highestEpoch;
        int incarnations;

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
                members.add(new Member(this, "c" + i, random.nextInt(3) == 0 ? "i" + i : null));
            }
        }

        void play() {
            int steps = 100 + random.nextInt(150);
            boolean held = false;
            for (int i = 0; i < steps; i++) {
                Member member = members.get(random.nextInt(members.size()));
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
            for (Member member : members) {
                if (known.contains(member.memberId)) {
                    member.owned.forEach(partition -> assertThat(owned.add(partition))
                            .as("%s owned once", partition)
                            .isTrue());
                }
            }
        }

        private void calmDown() {
            for (Member member : members) {
                member.paused = false;
                member.topics = Set.of("t0", "t1");
            }
            for (int i = 0; i < 200; i++) {
                members.forEach(Member::proceed);
                bench.simulation.advance(1_000);
                check();
            }
            var group = describe();
            assertThat(group.groupState()).isEqualTo("Stable");
            assertThat(group.members()).hasSize(members.size());
            var owned = new TreeSet<String>();
            int least = Integer.MAX_VALUE;
            int most = 0;
            for (Member member : members) {
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

    private static final class Member {
        final Run run;
        final String name;
        final String instanceId;
        Set<String> topics = Set.of("t0", "t1");
        Set<String> said = Set.of();
        boolean paused;
        String memberId;
        int epoch;
        Set<String> owned = new TreeSet<>();
        boolean ownedChanged;
        CompletableFuture<?> pending;

        Member(Run run, String name, String instanceId) {
            this.run = run;
            this.name = name;
            this.instanceId = instanceId;
            this.memberId = newId();
        }

        private String newId() {
            return name + "-" + run.incarnations++;
        }

        void crash() {
            memberId = newId();
            startAnew();
            pending = null;
        }

        private void startAnew() {
            epoch = 0;
            owned = new TreeSet<>();
            ownedChanged = false;
            said = Set.of();
        }

        void leave() {
            if (epoch <= 0 || paused) {
                return;
            }
            var unused = run.bench.coordinator.consumerGroupHeartbeat(
                    GroupBench.client(name, 1),
                    new ConsumerGroupHeartbeatRequestData()
                            .setGroupId(GROUP)
                            .setMemberId(memberId)
                            .setInstanceId(instanceId)
                            .setMemberEpoch(instanceId != null && run.random.nextBoolean() ? -2 : -1));
            crash();
        }

        void proceed() {
            if (paused || (pending != null && !pending.isDone())) {
                return;
            }
            var request = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId(GROUP)
                    .setMemberId(memberId)
                    .setInstanceId(instanceId)
                    .setMemberEpoch(epoch);
            if (epoch == 0 || !topics.equals(said)) {
                request.setSubscribedTopicNames(List.copyOf(topics));
                said = topics;
            }
            if (epoch == 0) {
                request.setRebalanceTimeoutMs(30_000).setTopicPartitions(List.of());
            } else if (ownedChanged) {
                request.setTopicPartitions(partitions());
                ownedChanged = false;
            }
            String asker = memberId;
            pending = run.bench
                    .coordinator
                    .consumerGroupHeartbeat(GroupBench.client(name, 1), request)
                    .thenAccept(response -> {
                        if (asker.equals(memberId)) {
                            answered(response);
                        }
                    });
            if (pending.isCompletedExceptionally()) {
                pending.join();
            }
        }

        private List<ConsumerGroupHeartbeatRequestData.TopicPartitions> partitions() {
            Map<Uuid, List<Integer>> byTopic = new HashMap<>();
            for (String partition : owned) {
                int dash = partition.lastIndexOf('-');
                byTopic.computeIfAbsent(Uuid.fromString(partition.substring(0, dash)), id -> new ArrayList<>())
                        .add(Integer.parseInt(partition.substring(dash + 1)));
            }
            var topics = new ArrayList<ConsumerGroupHeartbeatRequestData.TopicPartitions>();
            byTopic.forEach((id, numbers) -> topics.add(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                    .setTopicId(id)
                    .setPartitions(numbers)));
            return topics;
        }

        private void answered(ConsumerGroupHeartbeatResponseData response) {
            switch (Errors.forCode(response.errorCode())) {
                case NONE -> {
                    assertThat(response.heartbeatIntervalMs()).isPositive();
                    epoch = response.memberEpoch();
                    if (response.assignment() != null) {
                        var assigned = new TreeSet<String>();
                        response.assignment()
                                .topicPartitions()
                                .forEach(topic -> topic.partitions()
                                        .forEach(partition -> assigned.add(topic.topicId() + "-" + partition)));
                        ownedChanged |= !assigned.equals(owned);
                        owned = assigned;
                    }
                }
                case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_ID_NOT_FOUND -> startAnew();
                case UNRELEASED_INSTANCE_ID,
                        NOT_COORDINATOR,
                        COORDINATOR_NOT_AVAILABLE,
                        COORDINATOR_LOAD_IN_PROGRESS -> {
                    // What was said may not have been heard.
                    said = Set.of();
                    ownedChanged = true;
                }
                default ->
                    throw new AssertionError(Errors.forCode(response.errorCode()) + ": " + response.errorMessage());
            }
        }
    }
}

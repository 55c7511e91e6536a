package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.junit.jupiter.api.Test;

/**
 * Random processes that change their protocol when they are restarted, on simulated time: the group goes back and forth between the
 * protocols while it has members. {@link RandomHistories} says how to play more of them.
 */
class MixedGroupPropertyTest {
    private static final String GROUP = "g";

    @Test
    void noPartitionIsEverOwnedTwiceAndTheGroupEndsInTheProtocolOfItsMembers() {
        RandomHistories.play(200, seed -> new Run(seed).play());
    }

    /** A process in one of its two lives. */
    private static final class Process {
        final ClassicClient classic;
        final ConsumerClient consumer;
        boolean speaksConsumer;
        /** The id of its life before this one. */
        String formerId = "";

        Process(ClassicClient classic, ConsumerClient consumer) {
            this.classic = classic;
            this.consumer = consumer;
        }

        void restart(boolean inConsumerProtocol, boolean goodbye) {
            if (speaksConsumer || classic.generation > 0) {
                // An id that was given out but has not joined may still leave.
                formerId = memberId();
            }
            if (goodbye) {
                leave();
            }
            classic.crash();
            consumer.crash();
            speaksConsumer = inConsumerProtocol;
        }

        void leave() {
            if (speaksConsumer) {
                consumer.leave();
            } else {
                classic.leave();
            }
        }

        void pause(boolean paused) {
            classic.paused = paused;
            consumer.paused = paused;
        }

        void proceed() {
            if (speaksConsumer) {
                consumer.proceed();
            } else {
                classic.proceed();
            }
        }

        String memberId() {
            return speaksConsumer ? consumer.memberId : classic.memberId;
        }

        int generation() {
            return speaksConsumer ? Integer.MAX_VALUE : classic.generation;
        }

        Set<String> owned() {
            return speaksConsumer ? consumer.owned : classic.ownedById();
        }
    }

    private static final class Run {
        final SplittableRandom random;
        final GroupBench bench;
        final RandomHistories.Trouble trouble;
        final OffsetOracle offsets;
        final List<Process> processes = new ArrayList<>();
        int highestEpoch;

        Run(long seed) {
            random = new SplittableRandom(seed);
            bench = new GroupBench(seed, GroupBench.onePartition());
            trouble = new RandomHistories.Trouble(bench, random);
            offsets = new OffsetOracle(bench);
            bench.image.add("t0", 1 + random.nextInt(4));
            bench.image.add("t1", 1 + random.nextInt(4));
            boolean cooperative = random.nextBoolean();
            int count = 2 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                String instanceId = random.nextInt(3) == 0 ? "i" + i : null;
                var process = new Process(
                        new ClassicClient(bench, "c" + i, instanceId, cooperative),
                        new ConsumerClient(bench, random, "m" + i, instanceId));
                process.speaksConsumer = random.nextBoolean();
                processes.add(process);
            }
        }

        void play() {
            int steps = 100 + random.nextInt(200);
            for (int i = 0; i < steps; i++) {
                Process process = processes.get(random.nextInt(processes.size()));
                switch (random.nextInt(32)) {
                    case 0 -> process.restart(random.nextBoolean(), false);
                    case 1, 2 -> process.restart(!process.speaksConsumer, true);
                    case 3 -> process.pause(true);
                    case 4 -> process.pause(false);
                    case 5 -> trouble.refuseNextAppend();
                    case 6 -> trouble.hold();
                    case 7 -> trouble.release();
                    case 8 -> trouble.failOverOnceIn(4);
                    case 9, 10, 11 -> bench.simulation.advance(random.nextInt(12_000));
                    case 12, 13 -> commit(process);
                    case 14 -> offsets.fetch();
                    case 15 -> haunt(process);
                    default -> process.proceed();
                }
                bench.simulation.settle();
                if (trouble.isHeld()) {
                    highestEpoch = 0;
                } else {
                    check();
                }
            }
            trouble.end();
            calmDown();
        }

        /** Somebody commits for what it has, as the protocol of its life has it. */
        private void commit(Process process) {
            int generation = process.speaksConsumer ? process.consumer.epoch : process.classic.generation;
            process.owned().stream().filter(_ -> generation > 0).findAny().ifPresent(partition -> {
                int dash = partition.lastIndexOf('-');
                Uuid topicId = Uuid.fromString(partition.substring(0, dash));
                var sender = new OffsetCommitRequestData()
                        .setMemberId(process.memberId())
                        .setGroupInstanceId(process.consumer.instanceId)
                        .setGenerationIdOrMemberEpoch(generation);
                offsets.commit(
                        process.consumer.name,
                        sender,
                        bench.image.topic(topicId).name(),
                        topicId,
                        Integer.parseInt(partition.substring(dash + 1)),
                        _ -> {});
            });
        }

        private void haunt(Process process) {
            if (!process.formerId.isEmpty()
                    && !trouble.isHeld()
                    && !FormerMember.membersOf(bench).contains(process.formerId)) {
                int generation = 1 + random.nextInt(Math.max(1, highestEpoch));
                new FormerMember(bench, process.formerId, process.consumer.instanceId, generation).canDoNothing();
            }
        }

        private ConsumerGroupDescribeResponseData.DescribedGroup describe() {
            return RandomHistories.describeConsumer(bench, GROUP);
        }

        private void check() {
            var known = new HashSet<String>();
            var group = describe();
            if (group.errorCode() == 0) {
                assertThat(group.groupEpoch()).as("group epochs only grow").isGreaterThanOrEqualTo(highestEpoch);
                highestEpoch = group.members().isEmpty() ? 0 : group.groupEpoch();
                group.members().forEach(member -> known.add(member.memberId()));
            } else {
                var classic = RandomHistories.describeClassic(bench, GROUP);
                classic.members().forEach(member -> known.add(member.memberId()));
                if (classic.members().isEmpty()) {
                    highestEpoch = 0;
                }
            }
            // A static member of a classic group that misses a round keeps its place, not its partitions.
            int latest = group.errorCode() == 0
                    ? Integer.MIN_VALUE
                    : processes.stream()
                            .mapToInt(process -> process.classic.generation)
                            .max()
                            .orElseThrow();
            var owners = new HashMap<String, String>();
            for (Process process : processes) {
                if (known.contains(process.memberId()) && process.generation() >= latest) {
                    process.owned()
                            .forEach(partition -> assertThat(owners.put(partition, process.memberId()))
                                    .as("who owns %s beside %s", partition, process.memberId())
                                    .isNull());
                }
            }
        }

        private void calmDown() {
            int ending = random.nextInt(3);
            for (Process process : processes) {
                process.pause(false);
                boolean consumer = ending == 0 || (ending == 1 && random.nextBoolean());
                if (consumer != process.speaksConsumer) {
                    process.restart(consumer, true);
                    bench.simulation.settle();
                    check();
                }
            }
            for (int i = 0; i < 120; i++) {
                for (Process process : processes) {
                    process.proceed();
                    bench.simulation.settle();
                    check();
                }
                bench.simulation.advance(1_000);
                check();
            }
            var owned = new TreeSet<String>();
            processes.forEach(process -> owned.addAll(process.owned()));
            assertThat(owned)
                    .as("everything is owned")
                    .hasSize(bench.image.topic("t0").partitionCount()
                            + bench.image.topic("t1").partitionCount());
            boolean anyConsumer = processes.stream().anyMatch(process -> process.speaksConsumer);
            var group = describe();
            if (anyConsumer) {
                assertThat(group.groupState()).isEqualTo("Stable");
                assertThat(group.members()).hasSize(processes.size());
            } else {
                var classic = RandomHistories.describeClassic(bench, GROUP);
                assertThat(classic.groupState()).isEqualTo("Stable");
                assertThat(classic.members()).hasSize(processes.size());
            }
        }
    }
}

package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Random members of a classic group, on simulated time, against what must always hold; {@link RandomHistories} says how to play more of
 * them.
 */
class ClassicGroupPropertyTest {
    private static final int PARTITIONS = 5;
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 15_000;

    @Test
    void randomMembersNeverBreakTheGroup() {
        RandomHistories.play(1_000, seed -> new Run(seed).play());
    }

    /** One random history. */
    private static final class Run {
        final SplittableRandom random;
        final GroupBench bench;
        final RandomHistories.Trouble trouble;
        final List<Consumer> consumers = new ArrayList<>();
        /** Whose assignment each generation's leader sent. */
        final Map<Integer, Map<String, String>> assignments = new HashMap<>();

        final OffsetOracle offsets;
        int highestGeneration;
        /** The highest generation whose assignment was stored; a round that ends with its coordinator is forgotten. */
        int highestStored;

        Run(long seed) {
            random = new SplittableRandom(seed);
            bench = new GroupBench(
                    seed,
                    GroupBench.configWith(Map.of(
                            "group.initial.rebalance.delay.ms",
                            random.nextBoolean() ? "0" : "3000",
                            "group.max.size",
                            random.nextInt(4) == 0 ? "3" : "100")));
            trouble = new RandomHistories.Trouble(bench, random);
            offsets = new OffsetOracle(bench);
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                consumers.add(new Consumer(this, "c" + i, random.nextInt(3) == 0 ? "i" + random.nextInt(count) : null));
            }
        }

        void play() {
            int steps = 100 + random.nextInt(200);
            for (int i = 0; i < steps; i++) {
                step();
                bench.simulation.settle();
                check();
            }
            calmDown();
        }

        private void step() {
            Consumer consumer = consumers.get(random.nextInt(consumers.size()));
            switch (random.nextInt(26)) {
                case 0 -> consumer.restart();
                case 1 -> consumer.leave();
                case 2 -> consumer.alive = false;
                case 3 -> consumer.alive = true;
                case 4 -> consumer.changeSubscription();
                case 5 -> trouble.refuseNextAppend();
                case 6 -> trouble.hold();
                case 7 -> trouble.release();
                case 8 -> {
                    if (trouble.failOverOnceIn(4)) {
                        highestGeneration = highestStored;
                    }
                }
                case 9, 10, 11 -> bench.simulation.advance(random.nextInt(8_000));
                case 12, 13 -> consumer.commit();
                case 14 -> offsets.fetch();
                case 15 -> consumer.haunt();
                default -> consumer.proceed();
            }
        }

        private void check() {
            assignments.values().forEach(assignment -> {
                var seen = new TreeSet<String>();
                assignment.values().forEach(part -> {
                    for (String partition : part.split(",")) {
                        assertThat(partition.isEmpty() || seen.add(partition))
                                .as("partition %s given to two members", partition)
                                .isTrue();
                    }
                });
            });
        }

        /** Without trouble, everybody who lives becomes a member and every partition is owned once. */
        private void calmDown() {
            trouble.end();
            consumers.forEach(consumer -> consumer.alive = true);
            // Two processes with one instance id fence each other for ever: one of them gives up.
            Map<String, Consumer> byInstance = new HashMap<>();
            for (Consumer consumer : consumers) {
                if (consumer.instanceId != null && byInstance.putIfAbsent(consumer.instanceId, consumer) != null) {
                    consumer.alive = false;
                }
            }
            for (int i = 0; i < 120; i++) {
                consumers.forEach(Consumer::proceed);
                bench.simulation.advance(1_000);
                check();
            }
            // Heartbeats that wait for news are answered without.
            bench.simulation.advance(3_000);
            List<Consumer> living =
                    consumers.stream().filter(c -> c.alive && !c.refused).toList();
            var owned = new TreeSet<String>();
            for (Consumer consumer : living) {
                assertThat(consumer.stable)
                        .as("%s is stable in the end", consumer.name)
                        .isTrue();
                assertThat(consumer.generation).isEqualTo(highestGeneration);
                for (String partition : consumer.assignment.split(",")) {
                    if (!partition.isEmpty()) {
                        assertThat(owned.add(partition)).as("owned once").isTrue();
                    }
                }
            }
            if (!living.isEmpty()) {
                assertThat(owned).as("all partitions owned").hasSize(PARTITIONS);
            }
            for (Consumer consumer : consumers) {
                assertThat(consumer.pending == null || consumer.pending.isDone() || !consumer.alive)
                        .as("%s got its answer", consumer.name)
                        .isTrue();
            }
        }
    }

    /** A well-behaved consumer, except that it may stop at any time. */
    private static final class Consumer {
        final Run run;
        final String name;
        final String instanceId;
        final boolean patient;
        boolean alive = true;
        boolean refused;
        boolean stable;
        String memberId = "";
        int generation = -1;
        boolean joined;
        boolean leader;
        int topicVersion;
        List<String> members = List.of();
        String assignment = "";
        String protocol = "";
        CompletableFuture<?> pending;
        int incarnation;
        /** The id of a life before this one. */
        String formerId = "";

        int formerGeneration;

        Consumer(Run run, String name, String instanceId) {
            this.run = run;
            this.name = name;
            this.instanceId = instanceId;
            this.patient = run.random.nextBoolean();
        }

        void restart() {
            incarnation++;
            if (generation > 0) {
                // An id that was given out but has not joined may join later.
                formerId = memberId;
                formerGeneration = generation;
            }
            forget();
            alive = true;
            pending = null;
        }

        private void forget() {
            memberId = "";
            rejoin();
        }

        private void rejoin() {
            joined = false;
            stable = false;
            generation = -1;
            assignment = "";
        }

        void changeSubscription() {
            topicVersion++;
            if (stable) {
                rejoinWithId();
            }
        }

        private void rejoinWithId() {
            stable = false;
            joined = false;
        }

        void proceed() {
            if (!alive || refused || (pending != null && !pending.isDone())) {
                return;
            }
            if (!joined) {
                join();
            } else if (!stable) {
                sync();
            } else {
                heartbeat();
            }
        }

        private <T> void ask(CompletableFuture<T> future, java.util.function.Consumer<T> then) {
            int asked = incarnation;
            pending = future.thenAccept(response -> {
                if (asked == incarnation) {
                    then.accept(response);
                }
            });
            if (pending.isCompletedExceptionally()) {
                pending.join();
            }
        }

        private void join() {
            var buffer = ConsumerProtocol.serializeSubscription(new Subscription(List.of("t" + topicVersion)));
            var metadata = new byte[buffer.remaining()];
            buffer.get(metadata);
            var request = new JoinGroupRequestData()
                    .setGroupId("g")
                    .setMemberId(memberId)
                    .setGroupInstanceId(instanceId)
                    .setSessionTimeoutMs(SESSION_MS)
                    .setRebalanceTimeoutMs(REBALANCE_MS)
                    .setProtocolType("consumer")
                    .setProtocols(GroupBench.protocols(Map.of("range", metadata)));
            ask(run.bench.coordinator.joinGroup(GroupBench.client(name, 9), request), this::joined);
        }

        private void joined(JoinGroupResponseData response) {
            switch (Errors.forCode(response.errorCode())) {
                case NONE -> {
                    assertThat(response.generationId())
                            .as("generations only grow")
                            .isGreaterThanOrEqualTo(run.highestGeneration);
                    run.highestGeneration = response.generationId();
                    memberId = response.memberId();
                    generation = response.generationId();
                    protocol = response.protocolName();
                    leader = response.leader().equals(memberId) && !response.skipAssignment();
                    members = response.members().stream()
                            .map(JoinGroupResponseData.JoinGroupResponseMember::memberId)
                            .toList();
                    joined = true;
                }
                case MEMBER_ID_REQUIRED -> memberId = response.memberId();
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
                case GROUP_MAX_SIZE_REACHED -> forget();
                case NOT_COORDINATOR,
                        COORDINATOR_NOT_AVAILABLE,
                        COORDINATOR_LOAD_IN_PROGRESS,
                        REBALANCE_IN_PROGRESS -> {}
                default -> throw new AssertionError("join: " + Errors.forCode(response.errorCode()));
            }
            if (Errors.forCode(response.errorCode()) == Errors.GROUP_MAX_SIZE_REACHED) {
                refused = true;
            }
        }

        private void sync() {
            var request = new SyncGroupRequestData()
                    .setGroupId("g")
                    .setMemberId(memberId)
                    .setGroupInstanceId(instanceId)
                    .setGenerationId(generation)
                    .setProtocolType("consumer")
                    .setProtocolName(protocol);
            if (leader) {
                for (int m = 0; m < members.size(); m++) {
                    var part = new ArrayList<String>();
                    for (int p = m; p < PARTITIONS; p += members.size()) {
                        part.add(Integer.toString(p));
                    }
                    request.assignments()
                            .add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                                    .setMemberId(members.get(m))
                                    .setAssignment(String.join(",", part).getBytes()));
                }
            }
            ask(run.bench.coordinator.syncGroup(GroupBench.client(name, 5), request), this::synced);
        }

        private void synced(SyncGroupResponseData response) {
            switch (Errors.forCode(response.errorCode())) {
                case NONE -> {
                    stable = true;
                    run.highestStored = Math.max(run.highestStored, generation);
                    run.highestGeneration = Math.max(run.highestGeneration, generation);
                    assignment = new String(response.assignment());
                    // A static member that came back has its place under another id: places are told apart by instance.
                    String place = instanceId == null ? memberId : instanceId;
                    run.assignments
                            .computeIfAbsent(generation, g -> new HashMap<>())
                            .put(place, assignment);
                }
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
                case ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> rejoin();
                case COORDINATOR_LOAD_IN_PROGRESS -> {}
                default -> throw new AssertionError("sync: " + Errors.forCode(response.errorCode()));
            }
        }

        private void heartbeat() {
            var request = new HeartbeatRequestData()
                    .setGroupId("g")
                    .setMemberId(memberId)
                    .setGroupInstanceId(instanceId)
                    .setGenerationId(generation);
            ask(run.bench.coordinator.heartbeat(GroupBench.client(name, 4), request, patient), this::beaten);
        }

        private void beaten(HeartbeatResponseData response) {
            switch (Errors.forCode(response.errorCode())) {
                case NONE -> {}
                case REBALANCE_IN_PROGRESS -> rejoinWithId();
                case ILLEGAL_GENERATION -> rejoin();
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
                case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> {}
                default -> throw new AssertionError("heartbeat: " + Errors.forCode(response.errorCode()));
            }
        }

        /** An earlier life of the process, which the group may or may not know still. */
        void haunt() {
            if (!formerId.isEmpty()
                    && !run.trouble.isHeld()
                    && !FormerMember.membersOf(run.bench).contains(formerId)) {
                new FormerMember(run.bench, formerId, instanceId, formerGeneration).canDoNothing();
            }
        }

        void leave() {
            if (memberId.isEmpty() || !alive || instanceId != null) {
                return;
            }
            var unused = run.bench.coordinator.leaveGroup(
                    GroupBench.client(name, 5),
                    new LeaveGroupRequestData()
                            .setGroupId("g")
                            .setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId))));
            restart();
            alive = false;
        }

        void commit() {
            if (!stable) {
                return;
            }
            int committedGeneration = generation;
            var sender = new OffsetCommitRequestData()
                    .setMemberId(memberId)
                    .setGroupInstanceId(instanceId)
                    .setGenerationIdOrMemberEpoch(generation);
            run.offsets.commit(
                    name,
                    sender,
                    "t",
                    Uuid.ZERO_UUID,
                    run.random.nextInt(PARTITIONS),
                    error -> assertThat(committedGeneration)
                            .as("only the present generation commits: %s", error)
                            .matches(g -> error != Errors.NONE || g <= run.highestGeneration));
        }
    }
}

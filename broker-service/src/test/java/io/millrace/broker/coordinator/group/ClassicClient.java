package io.millrace.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;

/**
 * A process with a consumer of the classic protocol, well-behaved except that it may stop at any time: eager (gives everything up before
 * it joins) or cooperative (keeps what it has, gives up what the assignment took, then joins again). As leader it assigns.
 */
final class ClassicClient {
    private static final String GROUP = "g";
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 15_000;

    private final GroupBench bench;
    private final String name;
    private final String instanceId;
    private final boolean cooperative;

    boolean paused;
    String memberId = "";
    int generation = -1;
    boolean joined;
    boolean synced;
    Set<TopicPartition> owned = new HashSet<>();
    private boolean leader;
    private Map<String, Subscription> members = Map.of();
    private String protocol = "";
    private CompletableFuture<?> pending;
    private int incarnation;

    ClassicClient(GroupBench bench, String name, String instanceId, boolean cooperative) {
        this.bench = bench;
        this.name = name;
        this.instanceId = instanceId;
        this.cooperative = cooperative;
    }

    /** Killed and started again. */
    void crash() {
        incarnation++;
        pending = null;
        forget();
    }

    void leave() {
        if (memberId.isEmpty() || paused || instanceId != null) {
            return;
        }
        var unused = bench.coordinator.leaveGroup(
                GroupBench.client(name, 5),
                new LeaveGroupRequestData()
                        .setGroupId(GROUP)
                        .setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId))));
        crash();
    }

    private void forget() {
        memberId = "";
        lose();
    }

    private void lose() {
        owned = new HashSet<>();
        generation = -1;
        rejoin();
    }

    private void rejoin() {
        joined = false;
        synced = false;
    }

    void proceed() {
        if (paused || (pending != null && !pending.isDone())) {
            return;
        }
        if (!joined) {
            join();
        } else if (!synced) {
            sync();
        } else {
            heartbeat();
        }
    }

    private <T> void ask(CompletableFuture<T> future, Consumer<T> then) {
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
        if (!cooperative) {
            owned = new HashSet<>();
        }
        byte[] metadata = Utils.toArray(ConsumerProtocol.serializeSubscription(
                new Subscription(List.of("t0", "t1"), null, List.copyOf(owned))));
        var request = new JoinGroupRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setSessionTimeoutMs(SESSION_MS)
                .setRebalanceTimeoutMs(REBALANCE_MS)
                .setProtocolType("consumer")
                .setProtocols(GroupBench.protocols(Map.of("p", metadata)));
        ask(bench.coordinator.joinGroup(GroupBench.client(name, 9), request), this::joined);
    }

    private void joined(JoinGroupResponseData response) {
        switch (Errors.forCode(response.errorCode())) {
            case NONE -> {
                memberId = response.memberId();
                generation = response.generationId();
                protocol = response.protocolName();
                leader = response.leader().equals(memberId) && !response.skipAssignment();
                members = new TreeMap<>();
                response.members()
                        .forEach(member -> members.put(
                                member.memberId(),
                                ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(member.metadata()))));
                joined = true;
            }
            case MEMBER_ID_REQUIRED -> memberId = response.memberId();
            case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, REBALANCE_IN_PROGRESS -> {}
            default -> throw new AssertionError("join: " + Errors.forCode(response.errorCode()));
        }
    }

    private void sync() {
        var request = new SyncGroupRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setGenerationId(generation)
                .setProtocolType("consumer")
                .setProtocolName(protocol);
        if (leader) {
            assign().forEach((member, partitions) -> request.assignments()
                    .add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                            .setMemberId(member)
                            .setAssignment(
                                    Utils.toArray(ConsumerProtocol.serializeAssignment(new Assignment(partitions))))));
        }
        ask(bench.coordinator.syncGroup(GroupBench.client(name, 5), request), response -> {
            switch (Errors.forCode(response.errorCode())) {
                case NONE -> assigned(response.assignment());
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
                case ILLEGAL_GENERATION -> lose();
                case REBALANCE_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> rejoin();
                case COORDINATOR_LOAD_IN_PROGRESS -> {}
                default -> throw new AssertionError("sync: " + Errors.forCode(response.errorCode()));
            }
        });
    }

    /** Round robin; in a cooperative group what somebody else still has is nobody's for this round. */
    private Map<String, List<TopicPartition>> assign() {
        Map<TopicPartition, String> holders = new HashMap<>();
        Map<String, List<TopicPartition>> result = new TreeMap<>();
        members.forEach((member, subscription) -> {
            result.put(member, new ArrayList<>());
            subscription.ownedPartitions().forEach(partition -> holders.put(partition, member));
        });
        var names = new ArrayList<>(result.keySet());
        int turn = 0;
        for (String topic : List.of("t0", "t1")) {
            for (int number = 0; number < bench.image.topic(topic).partitionCount(); number++) {
                var partition = new TopicPartition(topic, number);
                String member = names.get(turn++ % names.size());
                String holder = holders.getOrDefault(partition, member);
                if (holder.equals(member)) {
                    result.get(member).add(partition);
                }
            }
        }
        return result;
    }

    private void assigned(byte[] bytes) {
        var assignment = bytes.length == 0
                ? new HashSet<TopicPartition>()
                : new HashSet<>(ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(bytes))
                        .partitions());
        boolean revokes = cooperative && !assignment.containsAll(owned);
        owned = assignment;
        synced = true;
        if (revokes) {
            rejoin();
        }
    }

    private void heartbeat() {
        var request = new HeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setGenerationId(generation);
        ask(bench.coordinator.heartbeat(GroupBench.client(name, 4), request, name.hashCode() % 2 == 0), response -> {
            switch (Errors.forCode(response.errorCode())) {
                case NONE, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> {}
                case REBALANCE_IN_PROGRESS -> rejoin();
                case ILLEGAL_GENERATION -> lose();
                case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> forget();
                default -> throw new AssertionError("heartbeat: " + Errors.forCode(response.errorCode()));
            }
        });
    }

    /** What it owns as {@code topicId-partition}. */
    Set<String> ownedById() {
        var ids = new TreeSet<String>();
        owned.forEach(partition -> ids.add(bench.image.topic(partition.topic()).id() + "-" + partition.partition()));
        return ids;
    }
}

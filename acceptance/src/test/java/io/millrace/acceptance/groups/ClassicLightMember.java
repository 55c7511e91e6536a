package io.millrace.acceptance.groups;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** A member of the classic protocol with the range assignor, which gives everything up in each rebalance. */
final class ClassicLightMember extends LightMember {
    private static final int HEARTBEAT_MS = 3_000;
    private static final String PROTOCOL = "range";

    private volatile String memberId = "";
    private int generation = -1;
    private boolean stable;

    ClassicLightMember(GroupOfMembers group) {
        super(group);
    }

    @Override
    void step() throws InterruptedException {
        if (stable) {
            heartbeat();
        } else {
            rejoin();
        }
    }

    private void rejoin() throws InterruptedException {
        take(Set.of());
        group().ownership().isBehind(this);
        JoinGroupResponseData joined = join();
        if (joined == null) {
            return;
        }
        var request = new SyncGroupRequestData()
                .setGroupId(group().id())
                .setMemberId(memberId)
                .setGenerationId(generation)
                .setProtocolType(ConsumerProtocol.PROTOCOL_TYPE)
                .setProtocolName(PROTOCOL);
        if (joined.leader().equals(memberId)) {
            request.setAssignments(assign(joined.members()));
        }
        var synced = (SyncGroupResponse) broker().ask(new SyncGroupRequest.Builder(request).build());
        if (synced.error() == Errors.NONE) {
            stable = true;
            take(partitions(synced.data().assignment()));
            group().ownership().isThere(this);
        } else {
            refused(synced.error());
        }
    }

    /** Null if it must be tried again. */
    private @Nullable JoinGroupResponseData join() throws InterruptedException {
        var subscription = new ConsumerPartitionAssignor.Subscription(List.of(group().topic()));
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                .setName(PROTOCOL)
                .setMetadata(Utils.toArray(ConsumerProtocol.serializeSubscription(subscription))));
        var joined = (JoinGroupResponse) broker().ask(new JoinGroupRequest.Builder(new JoinGroupRequestData()
                        .setGroupId(group().id())
                        .setMemberId(memberId)
                        .setSessionTimeoutMs(group().sessionTimeoutMs())
                        .setRebalanceTimeoutMs(group().rebalanceTimeoutMs())
                        .setProtocolType(ConsumerProtocol.PROTOCOL_TYPE)
                        .setProtocols(protocols))
                .build());
        switch (joined.error()) {
            case NONE -> {
                memberId = joined.data().memberId();
                generation = joined.data().generationId();
                return joined.data();
            }
            case MEMBER_ID_REQUIRED -> memberId = joined.data().memberId();
            default -> refused(joined.error());
        }
        return null;
    }

    private List<SyncGroupRequestData.SyncGroupRequestAssignment> assign(
            List<JoinGroupResponseData.JoinGroupResponseMember> members) {
        var ids = new TreeSet<String>();
        members.forEach(member -> ids.add(member.memberId()));
        int partitions = group().ownership().partitions();
        int next = 0;
        int index = 0;
        var assignments = new ArrayList<SyncGroupRequestData.SyncGroupRequestAssignment>();
        for (String id : ids) {
            int count = partitions / ids.size() + (index++ < partitions % ids.size() ? 1 : 0);
            var mine = new ArrayList<TopicPartition>();
            for (int end = next + count; next < end; next++) {
                mine.add(new TopicPartition(group().topic(), next));
            }
            ByteBuffer bytes = ConsumerProtocol.serializeAssignment(new ConsumerPartitionAssignor.Assignment(mine));
            assignments.add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                    .setMemberId(id)
                    .setAssignment(Utils.toArray(bytes)));
        }
        return assignments;
    }

    private static Set<Integer> partitions(byte[] assignment) {
        var partitions = new TreeSet<Integer>();
        if (assignment.length > 0) {
            ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(assignment))
                    .partitions()
                    .forEach(partition -> partitions.add(partition.partition()));
        }
        return partitions;
    }

    private void heartbeat() throws InterruptedException {
        long sentNs = System.nanoTime();
        var answer = (HeartbeatResponse) broker().ask(new HeartbeatRequest.Builder(new HeartbeatRequestData()
                        .setGroupId(group().id())
                        .setMemberId(memberId)
                        .setGenerationId(generation))
                .build());
        if (answer.error() == Errors.NONE) {
            pause(HEARTBEAT_MS - (System.nanoTime() - sentNs) / 1_000_000);
        } else {
            refused(answer.error());
        }
    }

    private void refused(Errors error) throws InterruptedException {
        stable = false;
        switch (error) {
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> {}
            case UNKNOWN_MEMBER_ID -> memberId = "";
            case COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS -> findCoordinator();
            default -> throw new AssertionError("a member of " + group().id() + " was refused: " + error);
        }
    }

    @Override
    AbstractRequest farewell() {
        return new LeaveGroupRequest.Builder(
                        group().id(), List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId)))
                .build();
    }
}

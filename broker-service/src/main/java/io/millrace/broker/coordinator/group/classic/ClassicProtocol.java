package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.ClassicSide;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.protocol.ClientContext;
import java.util.List;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.jspecify.annotations.Nullable;

/** The classic protocol as a shard uses it; on the shard's loop. */
public final class ClassicProtocol {
    private final ClassicRebalance rebalance;
    private final ClassicJoin join;
    private final ClassicSync sync;
    private final ClassicLeave leave;

    public ClassicProtocol(GroupContext context) {
        rebalance = new ClassicRebalance(context);
        join = new ClassicJoin(context, rebalance);
        sync = new ClassicSync(rebalance, new WaitingHeartbeats(context.deadlines()));
        leave = new ClassicLeave(rebalance);
    }

    /** The protocol as the consumer protocol sees it when a group changes from one to the other. */
    public ClassicSide conversion() {
        return new ClassicConversion(rebalance);
    }

    /** A group without members. */
    public ClassicGroup newGroup(String groupId, Moment now) {
        return new ClassicGroup(groupId, now.wallClockMs());
    }

    /** A group that is known only by its committed offsets, while loading. */
    public ClassicGroup restoreSimple(String groupId) {
        return new ClassicGroup(groupId, -1);
    }

    public ClassicGroup restore(String groupId, GroupMetadataValue value) {
        return ClassicRecords.restore(groupId, value);
    }

    public void loaded(ClassicGroup group, Moment now, Decision decision) {
        rebalance.loaded(group, now, decision);
    }

    public void join(
            ClassicGroup group,
            ClientContext client,
            JoinGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        join.join(group, JoinRequest.of(client, request), now, decision, reply);
    }

    public void sync(
            ClassicGroup group,
            SyncGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<SyncGroupResponseData> reply) {
        sync.sync(group, request, now, decision, reply);
    }

    /** {@code mayWait}: the answer may wait for news if there is none. */
    public void heartbeat(
            ClassicGroup group,
            HeartbeatRequestData request,
            boolean mayWait,
            Moment now,
            Decision decision,
            Reply<HeartbeatResponseData> reply) {
        sync.heartbeat(group, request, mayWait, now, decision, reply);
    }

    /** Answers a member's heartbeat if one waits: something else waits for its answer. */
    public void hurry(ClassicGroup group, String memberId, Decision decision) {
        ClassicMember member = group.member(memberId);
        if (member != null) {
            WaitingHeartbeats.answer(member, Errors.NONE, decision);
        }
    }

    public LeaveGroupResponseData leave(
            ClassicGroup group, List<MemberIdentity> members, Moment now, Decision decision) {
        return leave.leave(group, members, now, decision);
    }

    /** Notes that a topic of the group has another number of partitions; the group's leader will find out by itself. */
    public void partitionsChanged(
            ClassicGroup group, String topic, int before, int after, Moment now, Decision decision) {
        group.partitionsChanged = true;
        decision.event(ClassicEvents.partitionsChanged(group, topic, before, after, now));
    }

    /** Notes that a commit was refused because its sender's place has been taken. */
    public void commitFenced(
            ClassicGroup group, String memberId, @Nullable String instanceId, Moment now, Decision decision) {
        decision.event(ClassicEvents.fenced(group, memberId, instanceId, "OffsetCommit", now));
    }

    /** The error response of a join that never reached a group. */
    public static JoinGroupResponseData joinError(String memberId, Errors error) {
        return ClassicReplies.joinError(memberId, error);
    }

    /** Answers everybody who waits in the group; it goes away with its shard. */
    public void unload(ClassicGroup group, Errors error, Decision decision) {
        conversion().release(group, error, decision);
    }

    /** Drops a group that was deleted. */
    public void dispose(ClassicGroup group) {
        group.dispose(group.stateTimestampMs());
    }

    public DescribedGroup describe(ClassicGroup group) {
        boolean stable = group.isIn(ClassicState.STABLE);
        String protocol = group.protocolName();
        return new DescribedGroup()
                .setGroupId(group.groupId())
                .setGroupState(group.state())
                .setProtocolType(group.protocolType())
                .setProtocolData(stable && protocol != null ? protocol : "")
                .setMembers(group.members().all().stream()
                        .map(member -> describe(member, stable ? protocol : null))
                        .toList());
    }

    private static DescribedGroupMember describe(ClassicMember member, @Nullable String protocol) {
        var described = new DescribedGroupMember()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.instanceId())
                .setClientId(member.profile().clientId())
                .setClientHost(member.profile().clientHost());
        return protocol == null
                ? described
                : described.setMemberMetadata(member.metadata(protocol)).setMemberAssignment(member.assignment());
    }
}

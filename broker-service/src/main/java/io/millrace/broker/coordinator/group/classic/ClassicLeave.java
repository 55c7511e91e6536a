package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.classic.Trigger.Cause;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** LeaveGroup, of one member or of several, by member id or by instance id alone (KIP-345). On the shard's loop. */
final class ClassicLeave {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicLeave.class);

    private final ClassicRebalance rebalance;

    ClassicLeave(ClassicRebalance rebalance) {
        this.rebalance = rebalance;
    }

    LeaveGroupResponseData leave(ClassicGroup group, List<MemberIdentity> identities, Moment now, Decision decision) {
        if (group.isIn(ClassicState.DEAD)) {
            return new LeaveGroupResponseData().setErrorCode(Errors.COORDINATOR_NOT_AVAILABLE.code());
        }
        var responses = new ArrayList<MemberResponse>();
        var gone = new ArrayList<String>();
        for (MemberIdentity identity : identities) {
            Errors error = leaveOne(group, identity, gone, now, decision);
            responses.add(new MemberResponse()
                    .setMemberId(identity.memberId())
                    .setGroupInstanceId(identity.groupInstanceId())
                    .setErrorCode(error.code()));
        }
        if (!gone.isEmpty()) {
            String reason = "explicit `LeaveGroup` request for (" + String.join(", ", gone) + ") members.";
            rebalance.afterRemoval(group, new Trigger(Cause.MEMBER_LEFT, reason, gone.getFirst()), now, decision);
        }
        return new LeaveGroupResponseData().setMembers(responses);
    }

    private Errors leaveOne(
            ClassicGroup group, MemberIdentity identity, List<String> gone, Moment now, Decision decision) {
        String instanceId = identity.groupInstanceId();
        String memberId = identity.memberId();
        if (memberId.isEmpty() && instanceId != null) {
            String owner = group.members().idOf(instanceId);
            if (owner == null) {
                return Errors.UNKNOWN_MEMBER_ID;
            }
            memberId = owner;
        }
        var pending = group.pendingJoin.get(memberId);
        if (pending != null) {
            if (instanceId != null) {
                return Errors.UNKNOWN_MEMBER_ID;
            }
            pending.cancel();
            group.pendingJoin.remove(memberId);
            gone.add(memberId);
            LOG.info(
                    "[Group {}] Pending member {} has left group through explicit `LeaveGroup` request; client reason: {}",
                    group.groupId(),
                    memberId,
                    Trigger.clientReason(identity.reason()));
            return Errors.NONE;
        }
        Errors error = group.members().check(memberId, instanceId, "leave-group");
        ClassicMember member = group.member(memberId);
        if (error == Errors.FENCED_INSTANCE_ID) {
            decision.event(ClassicEvents.fenced(group, memberId, instanceId, "LeaveGroup", now));
        }
        if (error != Errors.NONE || member == null) {
            return error == Errors.NONE ? Errors.UNKNOWN_MEMBER_ID : error;
        }
        LOG.info(
                "[Group {}] Member {} has left group through explicit `LeaveGroup` request; client reason: {}",
                group.groupId(),
                memberId,
                Trigger.clientReason(identity.reason()));
        rebalance.remove(group, member, Departure.LEFT, identity.reason(), now, decision);
        gone.add(memberId);
        return Errors.NONE;
    }
}

package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.classic.Trigger.Cause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SyncGroup and Heartbeat: the sync barrier until the leader's assignment is stored, and the signs of life. On the shard's loop. */
final class ClassicSync {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicSync.class);

    private final ClassicRebalance rebalance;
    private final WaitingHeartbeats waiting;

    ClassicSync(ClassicRebalance rebalance, WaitingHeartbeats waiting) {
        this.rebalance = rebalance;
        this.waiting = waiting;
    }

    void sync(
            ClassicGroup group,
            SyncGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<SyncGroupResponseData> reply) {
        Errors error = check(group, request);
        ClassicMember member = group.member(request.memberId());
        if (error == Errors.FENCED_INSTANCE_ID) {
            decision.event(
                    ClassicEvents.fenced(group, request.memberId(), request.groupInstanceId(), "SyncGroup", now));
        }
        if (error != Errors.NONE || member == null) {
            decision.reply(reply, ClassicReplies.syncError(error == Errors.NONE ? Errors.UNKNOWN_MEMBER_ID : error));
            return;
        }
        switch (group.currentState()) {
            case EMPTY -> decision.reply(reply, ClassicReplies.syncError(Errors.UNKNOWN_MEMBER_ID));
            case PREPARING_REBALANCE -> decision.reply(reply, ClassicReplies.syncError(Errors.REBALANCE_IN_PROGRESS));
            case COMPLETING_REBALANCE -> {
                group.pendingSync.remove(member.memberId());
                var earlier = member.awaitingSync;
                if (earlier != null) {
                    decision.reply(earlier, ClassicReplies.syncError(Errors.REBALANCE_IN_PROGRESS));
                }
                member.awaitingSync = reply;
                if (group.isLeader(member.memberId())) {
                    store(group, member, request.assignments(), decision);
                }
            }
            case STABLE -> {
                group.pendingSync.remove(member.memberId());
                group.heardOf(member, now);
                decision.reply(reply, ClassicReplies.synced(group, member));
            }
            case DEAD -> decision.reply(reply, ClassicReplies.syncError(Errors.COORDINATOR_NOT_AVAILABLE));
        }
    }

    private static Errors check(ClassicGroup group, SyncGroupRequestData request) {
        if (group.isIn(ClassicState.DEAD)) {
            return Errors.COORDINATOR_NOT_AVAILABLE;
        }
        Errors error = group.members().check(request.memberId(), request.groupInstanceId(), "sync-group");
        if (error != Errors.NONE) {
            return error;
        }
        if (request.generationId() != group.generation()) {
            return Errors.ILLEGAL_GENERATION;
        }
        boolean consistent = agrees(request.protocolType(), group.protocolTypeOrNull())
                && agrees(request.protocolName(), group.protocolName());
        return consistent ? Errors.NONE : Errors.INCONSISTENT_GROUP_PROTOCOL;
    }

    /** Before version 5 the request does not say. */
    private static boolean agrees(@Nullable String said, @Nullable String known) {
        return said == null || known == null || said.equals(known);
    }

    /** The leader's assignment is made durable first; only then the group is stable and everybody gets its part. */
    private void store(
            ClassicGroup group,
            ClassicMember leader,
            List<SyncGroupRequestData.SyncGroupRequestAssignment> parts,
            Decision decision) {
        LOG.info(
                "Assignment received from leader {} for group {} for generation {}. The group has {} members, {} of which are static.",
                leader.memberId(),
                group.groupId(),
                group.generation(),
                group.size(),
                group.members().staticCount());
        Map<String, byte[]> assignments = new HashMap<>();
        parts.forEach(part -> assignments.put(part.memberId(), part.assignment()));
        var forgotten = new ArrayList<String>();
        for (ClassicMember member : group.members().all()) {
            if (assignments.putIfAbsent(member.memberId(), ClassicMember.NO_BYTES) == null) {
                forgotten.add(member.memberId());
            }
        }
        if (!forgotten.isEmpty()) {
            LOG.info(
                    "Setting empty assignments for members {} of {} for generation {}.",
                    forgotten,
                    group.groupId(),
                    group.generation());
        }
        int generation = group.generation();
        String leaderId = leader.memberId();
        decision.append(ClassicRecords.metadata(group, assignments));
        decision.afterCommit((then, next) -> stored(group, generation, assignments, then, next));
        decision.afterRefusal(error -> (then, next) -> notStored(group, generation, leaderId, error, then, next));
    }

    private static boolean overtaken(ClassicGroup group, int generation) {
        return !group.isIn(ClassicState.COMPLETING_REBALANCE) || group.generation() != generation;
    }

    private static void stored(
            ClassicGroup group, int generation, Map<String, byte[]> assignments, Moment now, Decision decision) {
        if (overtaken(group, generation)) {
            // Another round began meanwhile; who waited has been told so.
            return;
        }
        group.become(ClassicState.STABLE, now.wallClockMs());
        for (ClassicMember member : group.members().all()) {
            member.assign(assignments.getOrDefault(member.memberId(), ClassicMember.NO_BYTES));
            var reply = member.awaitingSync;
            if (reply != null) {
                member.awaitingSync = null;
                group.heardOf(member, now);
                if (member.assignment().length == 0) {
                    LOG.warn(
                            "Sending empty assignment to member {} of {} for generation {} with no errors",
                            member.memberId(),
                            group.groupId(),
                            group.generation());
                }
                decision.reply(reply, ClassicReplies.synced(group, member));
            }
        }
        group.partitionsChanged = false;
        decision.event(ClassicEvents.assigned(group, now));
    }

    private void notStored(
            ClassicGroup group, int generation, String leaderId, Errors error, Moment now, Decision decision) {
        if (overtaken(group, generation)) {
            return;
        }
        // Too large to be stored is no offset commit that was too large: nothing that the members could do about it.
        Errors told = error == Errors.INVALID_COMMIT_OFFSET_SIZE ? Errors.UNKNOWN_SERVER_ERROR : error;
        rebalance.dropAssignments(group, told, decision);
        String reason = "Error " + error + " when storing group assignmentduring SyncGroup (member: " + leaderId + ").";
        rebalance.prepareOrComplete(group, new Trigger(Cause.ASSIGNMENT_NOT_STORED, reason, leaderId), now, decision);
    }

    /** {@code mayWait}: the answer may wait for news if there is none. */
    void heartbeat(
            ClassicGroup group,
            HeartbeatRequestData request,
            boolean mayWait,
            Moment now,
            Decision decision,
            Reply<HeartbeatResponseData> reply) {
        Errors error = heard(group, request, now, decision);
        ClassicMember member = group.member(request.memberId());
        if (error == Errors.NONE && mayWait && member != null && group.isIn(ClassicState.STABLE)) {
            waiting.keep(member, reply, now, decision);
        } else {
            decision.reply(reply, WaitingHeartbeats.response(error));
        }
    }

    private static Errors heard(ClassicGroup group, HeartbeatRequestData request, Moment now, Decision decision) {
        if (group.isIn(ClassicState.DEAD)) {
            return Errors.COORDINATOR_NOT_AVAILABLE;
        }
        Errors error = group.members().check(request.memberId(), request.groupInstanceId(), "heartbeat");
        ClassicMember member = group.member(request.memberId());
        if (error == Errors.FENCED_INSTANCE_ID) {
            decision.event(
                    ClassicEvents.fenced(group, request.memberId(), request.groupInstanceId(), "Heartbeat", now));
        }
        if (error != Errors.NONE || member == null) {
            return error == Errors.NONE ? Errors.UNKNOWN_MEMBER_ID : error;
        }
        if (request.generationId() != group.generation()) {
            return Errors.ILLEGAL_GENERATION;
        }
        return switch (group.currentState()) {
            case EMPTY -> Errors.UNKNOWN_MEMBER_ID;
            case PREPARING_REBALANCE -> {
                group.heardOf(member, now);
                yield Errors.REBALANCE_IN_PROGRESS;
            }
            case COMPLETING_REBALANCE, STABLE -> {
                group.heardOf(member, now);
                yield Errors.NONE;
            }
            case DEAD -> Errors.COORDINATOR_NOT_AVAILABLE;
        };
    }
}

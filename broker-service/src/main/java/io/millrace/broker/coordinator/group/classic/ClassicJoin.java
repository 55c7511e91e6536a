package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.classic.ClassicMember.Profile;
import io.millrace.broker.coordinator.group.classic.Trigger.Cause;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** JoinGroup: who may come in, under which id, and whether that calls everybody to a new round. On the shard's loop. */
final class ClassicJoin {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicJoin.class);

    private final GroupContext context;
    private final ClassicRebalance rebalance;

    ClassicJoin(GroupContext context, ClassicRebalance rebalance) {
        this.context = context;
        this.rebalance = rebalance;
    }

    void join(
            ClassicGroup group,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        if (!admits(group, request.memberId())) {
            ClassicMember member = group.member(request.memberId());
            if (member != null) {
                rebalance.remove(group, member, Departure.OVER_CAPACITY, null, now, decision);
            }
            decision.reply(reply, ClassicReplies.joinError("", Errors.GROUP_MAX_SIZE_REACHED));
            return;
        }
        if (group.isIn(ClassicState.DEAD)) {
            refuse(request, Errors.COORDINATOR_NOT_AVAILABLE, decision, reply);
        } else if (!group.members().supports(request.protocolType(), request.protocols())) {
            refuse(request, Errors.INCONSISTENT_GROUP_PROTOCOL, decision, reply);
        } else if (!request.memberId().isEmpty()) {
            joinKnown(group, request, now, decision, reply);
        } else if (request.instanceId() != null) {
            joinStatic(group, request, request.instanceId(), now, decision, reply);
        } else {
            joinDynamic(group, request, now, decision, reply);
        }
        rebalance.tryComplete(group, now, decision);
    }

    private static void refuse(
            JoinRequest request, Errors error, Decision decision, Reply<JoinGroupResponseData> reply) {
        decision.reply(reply, ClassicReplies.joinError(request.memberId(), error));
    }

    /** Whether {@code group.max.size} has room; during a rebalance the first to come are admitted. */
    private boolean admits(ClassicGroup group, String memberId) {
        int maxSize = context.config().classic().maxSize();
        ClassicMember member = group.member(memberId);
        return switch (group.currentState()) {
            case EMPTY, DEAD -> true;
            case PREPARING_REBALANCE ->
                (member != null && member.awaitingJoin != null)
                        || group.members().awaitingJoinCount() < maxSize;
            case COMPLETING_REBALANCE, STABLE -> member != null || group.size() < maxSize;
        };
    }

    // --- without a member id ---

    private void joinDynamic(
            ClassicGroup group,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        String memberId = context.newMemberId(request.clientId());
        if (request.memberIdRequired()) {
            LOG.info(
                    "Dynamic member with unknown member id joins group {} in {} state. Created a new member id {} and requesting the member to rejoin with this id.",
                    group.groupId(),
                    group.state(),
                    memberId);
            rebalance.expect(group, memberId, request.sessionTimeoutMs(), now);
            decision.reply(reply, ClassicReplies.joinError(memberId, Errors.MEMBER_ID_REQUIRED));
            return;
        }
        LOG.info(
                "Dynamic member with unknown member id joins group {} in state {}. Created a new member id {} and added the member to the group.",
                group.groupId(),
                group.state(),
                memberId);
        add(group, memberId, request, now, decision, reply);
    }

    private void joinStatic(
            ClassicGroup group,
            JoinRequest request,
            String instanceId,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        String memberId = context.newMemberId(instanceId);
        String oldMemberId = group.members().idOf(instanceId);
        ClassicMember member = oldMemberId == null ? null : group.member(oldMemberId);
        if (member == null) {
            LOG.info(
                    "Static member with groupInstanceId={} and unknown member id joins group {} in {} state. Created a new member id {} for this member and added to the group.",
                    instanceId,
                    group.groupId(),
                    group.state(),
                    memberId);
            add(group, memberId, request, now, decision, reply);
            return;
        }
        LOG.info(
                "Static member with groupInstanceId={} and unknown member id joins group {} in {} state. Replacing previously mapped member {} with this groupInstanceId.",
                instanceId,
                group.groupId(),
                group.state(),
                oldMemberId);
        replace(group, member, memberId, request, now, decision, reply);
    }

    private void add(
            ClassicGroup group,
            String memberId,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        var member = new ClassicMember(memberId, request.instanceId(), request.profile(), request.protocols(), true);
        group.newMemberAdded = true;
        group.members().add(member, request.protocolType());
        enter(group, member, reply, now);
        rebalance.watch(group, member, now);
        decision.event(ClassicEvents.joined(group, member, request.reason(), now));
        String reason = "Adding new member " + memberId + " with group instance id " + request.instanceId()
                + "; client reason: " + Trigger.clientReason(request.reason());
        rebalance.prepareOrComplete(group, new Trigger(Cause.MEMBER_JOINED, reason, memberId), now, decision);
    }

    /** A static member comes back under a new id: whoever held the old one is fenced. */
    private void replace(
            ClassicGroup group,
            ClassicMember member,
            String newMemberId,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        String oldMemberId = member.memberId();
        String oldLeader = ClassicReplies.leaderOf(group);
        String oldProtocol = group.protocolName();
        Profile oldProfile = member.profile();
        var oldProtocols = member.protocols();
        rebalance.answerWaiting(group, member, Errors.FENCED_INSTANCE_ID, decision);
        if (group.pendingSync.remove(oldMemberId)) {
            group.pendingSync.add(newMemberId);
        }
        group.members().replaceId(member, newMemberId);
        group.ownership.renamed(oldMemberId, newMemberId);
        group.members().update(member, request.profile(), request.protocols());
        rebalance.watch(group, member, now);
        decision.event(ClassicEvents.replaced(group, member, oldMemberId, now));

        if (!group.isIn(ClassicState.STABLE)) {
            enter(group, member, reply, now);
            String reason = "Updating metadata for static member " + newMemberId + " with instance id "
                    + request.instanceId() + "; client reason: " + Trigger.clientReason(request.reason());
            rebalance.prepareOrComplete(
                    group, new Trigger(Cause.STATIC_MEMBER_CHANGED, reason, newMemberId), now, decision);
            return;
        }
        if (!group.members().electProtocol().equals(oldProtocol)) {
            enter(group, member, reply, now);
            String reason = "Group's selectedProtocol will change because static member " + newMemberId
                    + " with instance id " + request.instanceId() + " joined with change of protocol; client reason: "
                    + Trigger.clientReason(request.reason());
            rebalance.prepareOrComplete(
                    group, new Trigger(Cause.STATIC_MEMBER_CHANGED, reason, newMemberId), now, decision);
            return;
        }
        LOG.info(
                "Static member which joins during Stable stage and doesn't affect the selected protocol will not trigger a rebalance.");
        decision.append(ClassicRecords.metadata(group));
        decision.reply(reply, rejoined(group, newMemberId, oldLeader, request));
        decision.afterRefusal(error -> (then, next) -> {
            LOG.warn(
                    "Failed to persist metadata for group {} static member {} with group instance id {} due to {}. Reverting to old member id {}.",
                    group.groupId(),
                    newMemberId,
                    request.instanceId(),
                    error.message(),
                    oldMemberId);
            if (group.member(newMemberId) == member) {
                group.members().replaceId(member, oldMemberId);
                group.ownership.renamed(newMemberId, oldMemberId);
                group.members().update(member, oldProfile, oldProtocols);
                rebalance.watch(group, member, then);
            }
        });
    }

    /**
     * The answer to a static member that came back without a rebalance. A leader that can skip the assignment (KIP-814) is told that it
     * leads; an older one must not compute an assignment now, so it is told of the leader that was.
     */
    private static JoinGroupResponseData rejoined(
            ClassicGroup group, String memberId, String oldLeader, JoinRequest request) {
        JoinGroupResponseData response = ClassicReplies.joined(group, memberId);
        if (request.skipAssignmentSupported()) {
            return response.setSkipAssignment(group.isLeader(memberId));
        }
        return response.setLeader(oldLeader).setMembers(List.of());
    }

    // --- with a member id ---

    private void joinKnown(
            ClassicGroup group,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        String memberId = request.memberId();
        var pending = group.pendingJoin.get(memberId);
        if (pending != null) {
            if (request.instanceId() != null) {
                // The id was given to a dynamic member; nobody else may come with it.
                refuse(request, Errors.UNKNOWN_MEMBER_ID, decision, reply);
                return;
            }
            pending.cancel();
            group.pendingJoin.remove(memberId);
            LOG.info(
                    "Pending dynamic member with id {} joins group {} in {} state. Adding to the group now.",
                    memberId,
                    group.groupId(),
                    group.state());
            add(group, memberId, request, now, decision, reply);
            return;
        }
        Errors error = group.members().check(memberId, request.instanceId(), "join-group");
        ClassicMember member = group.member(memberId);
        if (error == Errors.FENCED_INSTANCE_ID) {
            decision.event(ClassicEvents.fenced(group, memberId, request.instanceId(), "JoinGroup", now));
        }
        if (error != Errors.NONE || member == null) {
            refuse(request, error == Errors.NONE ? Errors.UNKNOWN_MEMBER_ID : error, decision, reply);
            return;
        }
        rejoin(group, member, request, now, decision, reply);
    }

    private void rejoin(
            ClassicGroup group,
            ClassicMember member,
            JoinRequest request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        String reason = Trigger.clientReason(request.reason());
        boolean unchanged = member.offersExactly(request.protocols());
        switch (group.currentState()) {
            case PREPARING_REBALANCE -> {
                String why = "Member " + member.memberId() + " is joining group during " + group.state()
                        + "; client reason: " + reason;
                joinAgain(group, member, request, Cause.MEMBER_JOINED, why, now, decision, reply);
            }
            case COMPLETING_REBALANCE -> {
                if (unchanged) {
                    // Its answer was lost: the same again. The leader still has to send its assignment.
                    decision.reply(reply, ClassicReplies.joined(group, member.memberId()));
                } else {
                    joinAgain(
                            group,
                            member,
                            request,
                            changed(group, member, request),
                            updating(group, member, reason),
                            now,
                            decision,
                            reply);
                }
            }
            case STABLE -> {
                if (group.isLeader(member.memberId())) {
                    // The leader rejoins when it wants another assignment, metadata changed or not.
                    String why = "Leader " + member.memberId() + " re-joining group during " + group.state()
                            + "; client reason: " + reason;
                    Cause cause = changed(group, member, request);
                    if (unchanged && cause == Cause.METADATA_CHANGED) {
                        cause = Cause.LEADER_REJOINED;
                    }
                    joinAgain(group, member, request, cause, why, now, decision, reply);
                } else if (!unchanged) {
                    joinAgain(
                            group,
                            member,
                            request,
                            changed(group, member, request),
                            updating(group, member, reason),
                            now,
                            decision,
                            reply);
                } else {
                    decision.reply(reply, ClassicReplies.joined(group, member.memberId()));
                }
            }
            case EMPTY, DEAD -> refuse(request, Errors.UNKNOWN_MEMBER_ID, decision, reply);
        }
    }

    /** What a member that joins a settled group again has to say, as far as that can be told. */
    private static Cause changed(ClassicGroup group, ClassicMember member, JoinRequest request) {
        if (!group.usesConsumerProtocol()) {
            return Cause.METADATA_CHANGED;
        }
        Set<String> before = member.subscribedTopics();
        Set<String> after =
                EmbeddedProtocol.topicsOf(request.protocols().getFirst().metadata());
        if (before != null && after != null && !before.equals(after)) {
            return Cause.SUBSCRIPTION_CHANGED;
        }
        if (group.partitionsChanged) {
            return Cause.PARTITIONS_CHANGED;
        }
        return group.ownership.isRevoking() ? Cause.COOPERATIVE_FOLLOW_UP : Cause.METADATA_CHANGED;
    }

    private static String updating(ClassicGroup group, ClassicMember member, String reason) {
        return "Updating metadata for member " + member.memberId() + " during " + group.state() + "; client reason: "
                + reason;
    }

    private void joinAgain(
            ClassicGroup group,
            ClassicMember member,
            JoinRequest request,
            Cause cause,
            String reason,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        var earlier = member.awaitingJoin;
        if (earlier != null) {
            // The client gave up on its earlier request; it must not hold two places.
            decision.reply(earlier, ClassicReplies.joinError(member.memberId(), Errors.REBALANCE_IN_PROGRESS));
        }
        Set<String> before = member.subscribedTopics();
        group.members().update(member, request.profile(), request.protocols());
        Set<String> after = member.subscribedTopics();
        if (group.usesConsumerProtocol() && before != null && after != null && !before.equals(after)) {
            decision.event(ClassicEvents.subscriptionChanged(group, member, before, after, now));
        }
        enter(group, member, reply, now);
        rebalance.watch(group, member, now);
        rebalance.prepareOrComplete(group, new Trigger(cause, reason, member.memberId()), now, decision);
    }

    /** Into the join barrier, with what the member still has. */
    private static void enter(
            ClassicGroup group, ClassicMember member, Reply<JoinGroupResponseData> reply, Moment now) {
        group.members().awaitJoin(member, reply);
        group.lastToJoin = member.memberId();
        if (group.usesConsumerProtocol()) {
            Set<String> owned =
                    EmbeddedProtocol.ownedOf(member.protocols().getFirst().metadata());
            group.ownership.joined(member.memberId(), owned, now);
        }
    }
}

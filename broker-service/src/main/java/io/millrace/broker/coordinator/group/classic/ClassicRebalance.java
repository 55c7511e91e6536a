package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rounds of a classic group: call everybody to join, begin a generation, drop who does not come. On the shard's loop. */
final class ClassicRebalance {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicRebalance.class);
    /** A new member's first join may wait this long in the barrier; afterwards it is taken for dead. */
    private static final long NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1_000;

    private final GroupContext context;

    ClassicRebalance(GroupContext context) {
        this.context = context;
    }

    /** Begins a round, or, when one is under way, ends its join barrier if everybody is here. */
    void prepareOrComplete(ClassicGroup group, Trigger trigger, Moment now, Decision decision) {
        if (group.currentState().mayBecome(ClassicState.PREPARING_REBALANCE)) {
            prepare(group, trigger, now, decision);
        } else {
            tryComplete(group, now, decision);
        }
    }

    private void prepare(ClassicGroup group, Trigger trigger, Moment now, Decision decision) {
        if (group.isIn(ClassicState.COMPLETING_REBALANCE)) {
            dropAssignments(group, Errors.REBALANCE_IN_PROGRESS, decision);
        }
        group.pendingSync.clear();
        if (group.syncDeadline != null) {
            group.syncDeadline.cancel();
            group.syncDeadline = null;
        }
        boolean initial = group.isIn(ClassicState.EMPTY);
        group.become(ClassicState.PREPARING_REBALANCE, now.wallClockMs());
        group.rebalanceStartedMs = now.monotonicMs();
        LOG.info(
                "Preparing to rebalance group {} in state {} with old generation {} (reason: {}).",
                group.groupId(),
                group.state(),
                group.generation(),
                trigger.reason());
        decision.event(ClassicEvents.started(group, trigger, now));
        group.members()
                .all()
                .forEach(member -> WaitingHeartbeats.answer(member, Errors.REBALANCE_IN_PROGRESS, decision));
        if (initial) {
            group.initialDelay = true;
            group.newMemberAdded = false;
            long delayMs = context.config().classic().initialRebalanceDelayMs();
            waitForMore(group, now, delayMs, Math.max(group.members().rebalanceTimeoutMs() - delayMs, 0));
        } else if (group.allJoined()) {
            complete(group, now, decision);
        } else {
            waitForAll(group, now);
        }
    }

    private void waitForAll(ClassicGroup group, Moment now) {
        group.joinDeadline = context.deadlines()
                .at(
                        now.monotonicMs() + group.members().rebalanceTimeoutMs(),
                        (then, decision) -> complete(group, then, decision));
    }

    /** The first rebalance of an empty group is put off while members keep coming, up to the rebalance timeout. */
    private void waitForMore(ClassicGroup group, Moment now, long delayMs, long remainingMs) {
        group.joinDeadline = context.deadlines().at(now.monotonicMs() + delayMs, (then, decision) -> {
            if (group.newMemberAdded && remainingMs > 0) {
                group.newMemberAdded = false;
                long nextMs = Math.min(context.config().classic().initialRebalanceDelayMs(), remainingMs);
                waitForMore(group, then, nextMs, Math.max(remainingMs - nextMs, 0));
            } else {
                complete(group, then, decision);
            }
        });
    }

    /** Ends the join barrier if nobody is missing. */
    void tryComplete(ClassicGroup group, Moment now, Decision decision) {
        if (group.isIn(ClassicState.PREPARING_REBALANCE) && !group.initialDelay && group.allJoined()) {
            complete(group, now, decision);
        }
    }

    private void complete(ClassicGroup group, Moment now, Decision decision) {
        if (!group.isIn(ClassicState.PREPARING_REBALANCE)) {
            return;
        }
        if (group.joinDeadline != null) {
            group.joinDeadline.cancel();
            group.joinDeadline = null;
        }
        group.initialDelay = false;
        removeMissing(group, now, decision);
        if (!group.members().electJoinedLeader()) {
            // Only static members are left and none came: they keep their places until their sessions end.
            LOG.info("Group {} could not complete rebalance because no members rejoined.", group.groupId());
            waitForAll(group, now);
            return;
        }
        group.beginGeneration(now.wallClockMs());
        decision.event(ClassicEvents.begun(group, now));
        if (group.isEmpty()) {
            becomeEmpty(group, decision);
        } else {
            startGeneration(group, now, decision);
        }
    }

    private void removeMissing(ClassicGroup group, Moment now, Decision decision) {
        List<ClassicMember> missing = group.members().all().stream()
                .filter(member -> member.awaitingJoin == null && !member.isStatic())
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        missing.forEach(member -> remove(group, member, Departure.MISSED_JOIN, null, now, decision));
        LOG.info(
                "Group {} removed dynamic members who haven't joined: {}",
                group.groupId(),
                missing.stream().map(ClassicMember::memberId).toList());
    }

    private static void becomeEmpty(ClassicGroup group, Decision decision) {
        LOG.info("Group {} with generation {} is now empty.", group.groupId(), group.generation());
        decision.append(ClassicRecords.metadata(group));
        decision.afterRefusal(error -> (then, next) ->
                LOG.warn("Failed to write empty metadata for group {}: {}", group.groupId(), error.message()));
    }

    private void startGeneration(ClassicGroup group, Moment now, Decision decision) {
        LOG.info(
                "Stabilized group {} generation {} with {} members.",
                group.groupId(),
                group.generation(),
                group.size());
        for (ClassicMember member : group.members().all()) {
            var reply = member.awaitingJoin;
            if (reply != null) {
                group.members().awaitJoin(member, null);
                decision.reply(reply, ClassicReplies.joined(group, member.memberId()));
            }
            member.joined();
            watch(group, member, now);
            group.pendingSync.add(member.memberId());
        }
        int generation = group.generation();
        group.syncDeadline = context.deadlines()
                .at(
                        now.monotonicMs() + group.members().rebalanceTimeoutMs(),
                        (then, next) -> syncTimedOut(group, generation, then, next));
    }

    private void syncTimedOut(ClassicGroup group, int generation, Moment now, Decision decision) {
        if (group.generation() != generation || group.pendingSync.isEmpty()) {
            return;
        }
        if (!group.isIn(ClassicState.COMPLETING_REBALANCE) && !group.isIn(ClassicState.STABLE)) {
            return;
        }
        List<String> late = new ArrayList<>(group.pendingSync);
        for (String memberId : late) {
            ClassicMember member = group.member(memberId);
            if (member != null) {
                remove(group, member, Departure.MISSED_SYNC, null, now, decision);
            }
        }
        LOG.info("Group {} removed members who haven't sent their sync requests: {}", group.groupId(), late);
        prepareOrComplete(
                group,
                new Trigger(
                        Trigger.Cause.SYNC_TIMEOUT,
                        "Removing " + late + " on pending sync request expiration",
                        late.getFirst()),
                now,
                decision);
    }

    /** Everybody forgets the assignment under way; who waits in the sync barrier is told why. */
    void dropAssignments(ClassicGroup group, Errors error, Decision decision) {
        for (ClassicMember member : group.members().all()) {
            member.assign(ClassicMember.NO_BYTES);
            var reply = member.awaitingSync;
            if (reply != null) {
                member.awaitingSync = null;
                decision.reply(reply, ClassicReplies.syncError(error));
            }
        }
    }

    // --- members come and go ---

    /** Takes a member off the group; who waits for it is told that it is no member. */
    void remove(
            ClassicGroup group,
            ClassicMember member,
            Departure departure,
            @Nullable String clientReason,
            Moment now,
            Decision decision) {
        answerWaiting(group, member, Errors.UNKNOWN_MEMBER_ID, decision);
        group.remove(member);
        List<String> owned = group.ownership.left(member.memberId(), now);
        decision.event(ClassicEvents.left(group, member, departure, owned, clientReason, now));
    }

    /** Answers whoever waits in the member's place with an error. */
    void answerWaiting(ClassicGroup group, ClassicMember member, Errors error, Decision decision) {
        var join = member.awaitingJoin;
        if (join != null) {
            group.members().awaitJoin(member, null);
            decision.reply(join, ClassicReplies.joinError(member.memberId(), error));
        }
        var sync = member.awaitingSync;
        if (sync != null) {
            member.awaitingSync = null;
            decision.reply(sync, ClassicReplies.syncError(error));
        }
        WaitingHeartbeats.answer(member, error, decision);
    }

    /** After members were removed: a new round, or one that need not wait for them any more. */
    void afterRemoval(ClassicGroup group, Trigger trigger, Moment now, Decision decision) {
        switch (group.currentState()) {
            case STABLE, COMPLETING_REBALANCE -> prepareOrComplete(group, trigger, now, decision);
            case PREPARING_REBALANCE -> tryComplete(group, now, decision);
            case EMPTY, DEAD -> {}
        }
    }

    /** Begins or renews a member's session. */
    void watch(ClassicGroup group, ClassicMember member, Moment now) {
        long timeoutMs =
                member.isNew() ? NEW_MEMBER_JOIN_TIMEOUT_MS : member.profile().sessionTimeoutMs();
        long dueMs = now.monotonicMs() + timeoutMs;
        if (member.session == null) {
            member.session =
                    context.deadlines().at(dueMs, (then, decision) -> sessionOver(group, member, then, decision));
        } else {
            member.session.moveTo(dueMs);
        }
    }

    private void sessionOver(ClassicGroup group, ClassicMember member, Moment now, Decision decision) {
        member.session = null;
        if (group.isIn(ClassicState.DEAD) || group.member(member.memberId()) != member) {
            return;
        }
        if (!member.isNew() && member.isWaiting()) {
            // It waits for us; it gets a new session with its answer, and the round has its own deadline.
            watch(group, member, now);
            return;
        }
        LOG.info("Member {} in group {} has failed, removing it from the group.", member.memberId(), group.groupId());
        remove(group, member, Departure.SESSION_EXPIRED, null, now, decision);
        var trigger = new Trigger(
                Trigger.Cause.SESSION_EXPIRED,
                "removing member " + member.memberId() + " on heartbeat expiration.",
                member.memberId());
        afterRemoval(group, trigger, now, decision);
    }

    /** Notes a member id that was given out and waits for its owner to come back with it. */
    void expect(ClassicGroup group, String memberId, int sessionTimeoutMs, Moment now) {
        var deadline = context.deadlines().at(now.monotonicMs() + sessionTimeoutMs, (then, decision) -> {
            if (group.pendingJoin.remove(memberId) != null) {
                LOG.info(
                        "Pending member {} in group {} has been removed after session timeout expiration.",
                        memberId,
                        group.groupId());
                tryComplete(group, then, decision);
            }
        });
        group.pendingJoin.put(memberId, deadline);
    }

    /** After loading: sessions begin anew, and a group that has become too large starts a round that drops the surplus. */
    void loaded(ClassicGroup group, Moment now, Decision decision) {
        for (ClassicMember member : group.members().all()) {
            watch(group, member, now);
        }
        ClassicEvents.takenUp(group, now);
        int maxSize = context.config().classic().maxSize();
        if (group.size() > maxSize) {
            String reason = "Freshly-loaded group " + group.groupId() + " (size " + group.size()
                    + ") is over capacity " + maxSize
                    + ". Rebalancing in order to give a chance for consumers to commit offsets";
            prepareOrComplete(group, new Trigger(Trigger.Cause.OVER_CAPACITY, reason, null), now, decision);
        }
    }
}

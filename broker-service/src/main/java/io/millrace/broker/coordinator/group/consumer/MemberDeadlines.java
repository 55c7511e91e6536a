package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.Deadlines;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.Map;

/**
 * The times by which members of consumer groups must be heard of: their sessions; for giving partitions up; and, for those of the
 * classic protocol, for rejoining and for syncing. On the shard's loop.
 */
final class MemberDeadlines {

    /** What happens to a member that was not heard of in time. */
    interface Fence {
        void fence(
                ConsumerGroup group,
                ConsumerMember member,
                Departure departure,
                String why,
                Moment now,
                Decision decision);
    }

    private final Deadlines deadlines;
    private final GroupClock times;
    private final Fence fence;

    /** The times of a group as they are now. */
    interface GroupClock {
        GroupTimes of(ConsumerGroup group);
    }

    MemberDeadlines(Deadlines deadlines, GroupClock times, Fence fence) {
        this.deadlines = deadlines;
        this.times = times;
        this.fence = fence;
    }

    /** A member was heard of, and is now as given. */
    void watch(ConsumerGroup group, ConsumerMember member, Moment now) {
        watchSession(group, member, now);
        if (member.classic() == null) {
            watchRevocation(group, member, now);
        }
    }

    void watchSession(ConsumerGroup group, ConsumerMember member, Moment now) {
        String memberId = member.id();
        ConsumerMember.Classic classic = member.classic();
        int timeoutMs = classic == null ? times.of(group).sessionTimeoutMs() : classic.sessionTimeoutMs();
        long dueMs = now.monotonicMs() + timeoutMs;
        group.firstSession.setTo(dueMs);
        Deadline session = group.sessions.get(memberId);
        if (session != null) {
            session.moveTo(dueMs);
            return;
        }
        set(group, group.sessions, memberId, dueMs, Departure.SESSION_EXPIRED, "the member session expired");
    }

    private void watchRevocation(ConsumerGroup group, ConsumerMember member, Moment now) {
        String memberId = member.id();
        boolean revoking = member.progress().state() == MemberState.UNREVOKED_PARTITIONS;
        if (!revoking) {
            cancel(group.revocations, memberId);
        } else if (!group.revocations.containsKey(memberId)) {
            int timeoutMs = member.subscription().rebalanceTimeoutMs();
            int epoch = member.epoch();
            Deadline deadline = deadlines.at(now.monotonicMs() + timeoutMs, (then, decision) -> {
                group.revocations.remove(memberId);
                ConsumerMember late = group.member(memberId);
                if (late != null
                        && late.epoch() == epoch
                        && late.progress().state() == MemberState.UNREVOKED_PARTITIONS) {
                    String why = "it failed to transition from epoch %d within %dms".formatted(epoch, timeoutMs);
                    fence.fence(group, late, Departure.MISSED_REVOCATION, why, then, decision);
                }
            });
            group.revocations.put(memberId, deadline);
        }
    }

    /** A member of the classic protocol was told to rejoin. */
    void expectJoin(ConsumerGroup group, ConsumerMember member, Moment now) {
        if (!group.barriers.containsKey(member.id())) {
            long dueMs = now.monotonicMs() + member.subscription().rebalanceTimeoutMs();
            set(
                    group,
                    group.barriers,
                    member.id(),
                    dueMs,
                    Departure.MISSED_JOIN,
                    "it did not rejoin within its rebalance timeout");
        }
    }

    /** A member of the classic protocol has joined and is to sync. */
    void expectSync(ConsumerGroup group, ConsumerMember member, Moment now) {
        cancel(group.barriers, member.id());
        long dueMs = now.monotonicMs() + member.subscription().rebalanceTimeoutMs();
        set(
                group,
                group.barriers,
                member.id(),
                dueMs,
                Departure.MISSED_SYNC,
                "it did not sync within its rebalance timeout");
    }

    void synced(ConsumerGroup group, ConsumerMember member) {
        cancel(group.barriers, member.id());
    }

    private void set(
            ConsumerGroup group,
            Map<String, Deadline> kind,
            String memberId,
            long dueMs,
            Departure departure,
            String why) {
        kind.put(memberId, deadlines.at(dueMs, (then, decision) -> {
            kind.remove(memberId);
            ConsumerMember late = group.member(memberId);
            if (late != null) {
                fence.fence(group, late, departure, why, then, decision);
            }
        }));
    }

    private static void cancel(Map<String, Deadline> kind, String memberId) {
        Deadline deadline = kind.remove(memberId);
        if (deadline != null) {
            deadline.cancel();
        }
    }
}

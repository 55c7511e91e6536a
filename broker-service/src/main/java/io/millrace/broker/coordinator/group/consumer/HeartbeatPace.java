package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;

/** What the groups of one shard take of their broker's {@link HeartbeatBudget}, and how soon their members shall come back. On the shard's loop. */
final class HeartbeatPace {
    /** Whatever happens at a time has happened so much later. */
    private static final int AFTERWARDS_MS = 5;

    /**
     * A group's members as the budget counts them.
     *
     * @param waiting how many of them wait for what others have to give up
     */
    record Members(int count, int waiting, boolean settled) {
        private static final Members NONE = new Members(0, 0, true);
    }

    private final HeartbeatBudget budget;
    private final Map<String, Members> groups = new HashMap<>();

    HeartbeatPace(HeartbeatBudget budget) {
        this.budget = budget;
    }

    /**
     * The interval to answer a member with.
     *
     * @param members of the group, this one included
     * @param waits whether this member waits for what others have to give up: nobody else needs to come soon, for who has given
     *     something up comes by itself
     * @param configuredMs {@code group.consumer.heartbeat.interval.ms}: never longer than this
     */
    int intervalMs(String groupId, Members members, boolean waits, int configuredMs) {
        count(groupId, members);
        long fairMs = members.settled() ? budget.settledMs() : waits ? budget.waitingMs() : budget.reconcilingMs();
        return (int) Math.min(configuredMs, fairMs);
    }

    /**
     * The interval for who shall come right after something has happened: one after the other, those who asked first first.
     *
     * @param inMs when it happens
     * @param horizonMs how long before it those who shall come after it are told so
     * @param members that come so; 0 for one that has no turn to keep
     */
    static int rightAfterMs(long inMs, long horizonMs, int members) {
        long spreadMs = members * 1_000L / HeartbeatBudget.RECONCILING_PER_SECOND;
        long dueInMs = Math.clamp(inMs, 0, horizonMs);
        long turnMs = horizonMs == 0 ? 0 : spreadMs * (horizonMs - dueInMs) / horizonMs;
        return (int) Math.min(Integer.MAX_VALUE, dueInMs + AFTERWARDS_MS + turnMs);
    }

    /**
     * The interval for who waits for the next assignment. Nobody knows how long members that keep joining will hold it up, and each that comes
     * in vain takes the processor from those that are still to join: so few come meanwhile, but nobody stays away for longer than they have been
     * joining.
     *
     * @param members that come so; 0 for one that has no turn to keep, which comes as soon as it may be made
     */
    static int toAssignmentMs(AssignmentTime next, int members) {
        int soonMs = rightAfterMs(next.inMs(), next.intervalMs(), members);
        long fairMs = members * 1_000L / HeartbeatBudget.WHILE_JOINING_PER_SECOND;
        long heldUpAtMostMs = (AssignmentTime.MAX_INTERVALS - 1L) * next.intervalMs();
        int latestMs = rightAfterMs(next.latestInMs(), heldUpAtMostMs, members);
        return (int) Math.max(soonMs, Math.min(latestMs, Math.min(fairMs, next.heldUpMs())));
    }

    /** A group has another number of members; a group that was not heard of counts for nothing. */
    void resized(String groupId, int count) {
        Members known = groups.get(groupId);
        if (known != null) {
            count(groupId, new Members(count, Math.min(known.waiting(), count), known.settled()));
        }
    }

    private void count(String groupId, Members now) {
        Members before = now.count() == 0 ? groups.remove(groupId) : groups.put(groupId, now);
        if (!now.equals(before)) {
            give(before == null ? Members.NONE : before, -1);
            give(now, 1);
        }
    }

    private void give(Members members, int sign) {
        int count = sign * members.count();
        budget.add(members.settled() ? count : 0, members.settled() ? 0 : count, sign * members.waiting());
    }

    /** The shard goes away, and its groups with it. */
    void close() {
        groups.values().forEach(members -> give(members, -1));
        groups.clear();
    }
}

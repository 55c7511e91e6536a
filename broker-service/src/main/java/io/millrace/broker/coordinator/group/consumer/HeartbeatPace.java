package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;

/** What the groups of one shard take of their broker's {@link HeartbeatBudget}, and how soon their members shall come back. On the shard's loop. */
final class HeartbeatPace {
    /** Whatever happens at a time has happened so much later. */
    private static final int AFTERWARDS_MS = 5;

    private record Counted(int members, boolean settled) {}

    private static final Counted NOBODY = new Counted(0, true);

    private final HeartbeatBudget budget;
    private final Map<String, Counted> groups = new HashMap<>();

    HeartbeatPace(HeartbeatBudget budget) {
        this.budget = budget;
    }

    /**
     * The interval to answer a member with.
     *
     * @param members of the group, this one included
     * @param settled whether the whole group is
     * @param waiting whether this member waits for what others have to give up: nobody else needs to come soon, for who has given
     *     something up comes by itself
     * @param configuredMs {@code group.consumer.heartbeat.interval.ms}: never longer than this
     */
    int intervalMs(String groupId, int members, boolean settled, boolean waiting, int configuredMs) {
        count(groupId, new Counted(members, settled));
        int patientMs = budget.intervalMs(true, configuredMs);
        if (settled) {
            return patientMs;
        }
        int impatientMs = budget.intervalMs(false, configuredMs);
        return waiting ? impatientMs : Math.max(impatientMs, patientMs);
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
    void resized(String groupId, int members) {
        Counted counted = groups.get(groupId);
        if (counted != null) {
            count(groupId, new Counted(members, counted.settled()));
        }
    }

    private void count(String groupId, Counted now) {
        Counted before = now.members() == 0 ? groups.remove(groupId) : groups.put(groupId, now);
        if (!now.equals(before)) {
            give(before == null ? NOBODY : before, -1);
            give(now, 1);
        }
    }

    private void give(Counted counted, int sign) {
        budget.add(sign * counted.members(), counted.settled());
    }

    /** The shard goes away, and its groups with it. */
    void close() {
        groups.values().forEach(counted -> give(counted, -1));
        groups.clear();
    }
}

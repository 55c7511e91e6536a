package io.millrace.broker.coordinator.group.consumer;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many heartbeats a second one broker causes among the members of all consumer groups that it coordinates. A heartbeat is the only
 * way to tell a member anything, so the pace decides how long a rebalance takes: fast while a group reconciles, slower when it is settled, and
 * slower the more members there are. Members are counted as their groups are heard of. Shared by all shards; any thread.
 */
public final class HeartbeatBudget {
    /** Heartbeats a second of all who wait for others to give something up, and of one group's members that come for an assignment in turn. */
    static final int RECONCILING_PER_SECOND = 2_000;

    /** Heartbeats a second of those of one group that wait for an assignment while members keep joining. */
    static final int WHILE_JOINING_PER_SECOND = 500;

    static final int MIN_RECONCILING_MS = 50;

    /**
     * Members that start together often share a machine, and Java's consumer polls without a pause while a heartbeat is unanswered for
     * longer than its interval: the more there are, the longer they need to answer in time.
     */
    private static final long MEMBER_RECONCILING_MS = 5;

    private static final int MAX_RECONCILING_MS = 250;

    /** Heartbeats a second of all settled groups. */
    static final int SETTLED_PER_SECOND = 1_000;

    static final int MIN_SETTLED_MS = 500;

    private final AtomicInteger settledMembers = new AtomicInteger();
    private final AtomicInteger reconcilingMembers = new AtomicInteger();
    private final AtomicInteger waitingMembers = new AtomicInteger();

    /**
     * Counts what has changed; less than 0 for what is gone.
     *
     * @param settled members of groups that are settled
     * @param reconciling members of groups that are not
     * @param waiting those among them that wait for what others have to give up
     */
    void add(int settled, int reconciling, int waiting) {
        settledMembers.addAndGet(settled);
        reconcilingMembers.addAndGet(reconciling);
        waitingMembers.addAndGet(waiting);
    }

    /** The fair interval, in milliseconds, of a member of a settled group. */
    long settledMs() {
        return Math.max(MIN_SETTLED_MS, settledMembers.get() * 1_000L / SETTLED_PER_SECOND);
    }

    /** The fair interval, in milliseconds, of a member of a group that reconciles who waits for nobody: never shorter than that of who waits. */
    long reconcilingMs() {
        return Math.max(settledMs(), impatientMs(reconcilingMembers.get()));
    }

    /** The fair interval, in milliseconds, of a member that waits for what others have to give up. */
    long waitingMs() {
        return impatientMs(waitingMembers.get());
    }

    private long impatientMs(int members) {
        long leastMs =
                Math.clamp(reconcilingMembers.get() * MEMBER_RECONCILING_MS, MIN_RECONCILING_MS, MAX_RECONCILING_MS);
        return Math.max(leastMs, members * 1_000L / RECONCILING_PER_SECOND);
    }
}

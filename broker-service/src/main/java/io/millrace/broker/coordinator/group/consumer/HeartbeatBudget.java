package io.millrace.broker.coordinator.group.consumer;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many heartbeats a second one broker causes among the members of all consumer groups that it coordinates. A heartbeat is the only
 * way to tell a member anything, so the pace decides how long a rebalance takes: fast while a group reconciles, slower when it is settled, and
 * slower the more members there are. Members are counted as their groups are heard of. Shared by all shards; any thread.
 */
public final class HeartbeatBudget {
    /** Heartbeats a second of all groups that reconcile. */
    static final int RECONCILING_PER_SECOND = 2_000;

    /** Of them those of one group that wait for an assignment while members keep joining. */
    static final int WHILE_JOINING_PER_SECOND = 500;

    static final int MIN_RECONCILING_MS = 50;

    /**
     * Members that start together often share a machine, and Java's consumer polls without a pause while a heartbeat is unanswered for
     * longer than its interval: the more there are, the longer they need to answer in time.
     */
    private static final int MEMBER_RECONCILING_MS = 5;

    private static final int MAX_RECONCILING_MS = 250;

    /** Heartbeats a second of all settled groups. */
    static final int SETTLED_PER_SECOND = 1_000;

    static final int MIN_SETTLED_MS = 500;

    private final AtomicInteger settledMembers = new AtomicInteger();
    private final AtomicInteger reconcilingMembers = new AtomicInteger();

    void add(int members, boolean settled) {
        (settled ? settledMembers : reconcilingMembers).addAndGet(members);
    }

    /** The fair interval of a member; never longer than {@code group.consumer.heartbeat.interval.ms} is configured. */
    int intervalMs(boolean settled, int configuredMs) {
        long members = (settled ? settledMembers : reconcilingMembers).get();
        long fairMs = members * 1_000 / (settled ? SETTLED_PER_SECOND : RECONCILING_PER_SECOND);
        long leastMs = settled
                ? MIN_SETTLED_MS
                : Math.clamp(members * MEMBER_RECONCILING_MS, MIN_RECONCILING_MS, MAX_RECONCILING_MS);
        return (int) Math.min(configuredMs, Math.max(leastMs, fairMs));
    }
}

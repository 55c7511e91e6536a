package io.millrace.broker.coordinator.group.consumer;

/**
 * How soon a member shall come back. A heartbeat is the only way to tell a member anything, so the pace decides how long a rebalance
 * takes: fast while the group reconciles, slower when it is settled, and never more heartbeats a second than a group is worth.
 */
final class HeartbeatPace {
    /** Heartbeats a second that a reconciling group may cause, all members together. */
    private static final int RECONCILING_PER_SECOND = 1_000;

    private static final int MIN_RECONCILING_MS = 50;
    /** Heartbeats a second of a settled group. */
    private static final int SETTLED_PER_SECOND = 100;

    private static final int MIN_SETTLED_MS = 500;

    private HeartbeatPace() {}

    /**
     * The interval to answer with.
     *
     * @param configuredMs {@code group.consumer.heartbeat.interval.ms}: never longer than this
     */
    static int intervalMs(int configuredMs, int members, boolean settled) {
        int perSecond = settled ? SETTLED_PER_SECOND : RECONCILING_PER_SECOND;
        int floorMs = settled ? MIN_SETTLED_MS : MIN_RECONCILING_MS;
        long fairMs = members * 1_000L / perSecond;
        return (int) Math.min(configuredMs, Math.max(floorMs, fairMs));
    }
}

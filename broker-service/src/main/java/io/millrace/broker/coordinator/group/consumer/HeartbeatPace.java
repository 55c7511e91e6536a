package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.GroupConfig;

/**
 * How soon a member shall come back. A heartbeat is the only way to tell a member anything, so the pace decides how long a rebalance
 * takes: fast while the group reconciles, slower when it is settled, and never more heartbeats a second than a group is worth.
 */
record HeartbeatPace(GroupConfig.Consumer config) {
    /** Heartbeats a second that a reconciling group may cause, all members together. */
    private static final int RECONCILING_PER_SECOND = 1_000;

    private static final int MIN_RECONCILING_MS = 50;
    /** Heartbeats a second of a settled group. */
    private static final int SETTLED_PER_SECOND = 100;

    private static final int MIN_SETTLED_MS = 500;

    int intervalMs(int members, boolean settled) {
        int perSecond = settled ? SETTLED_PER_SECOND : RECONCILING_PER_SECOND;
        int floor = settled ? MIN_SETTLED_MS : MIN_RECONCILING_MS;
        long fair = members * 1_000L / perSecond;
        return (int) Math.min(config.heartbeatIntervalMs(), Math.max(floor, fair));
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Moment;

/**
 * When a group may get its next target assignment: one {@code group.consumer.assignment.interval.ms} after the last, and then as soon as
 * nobody has joined for a fifth of it, so that members that start together are not assigned again and again; three intervals after the last
 * at the latest, and without that wait where a member has gone, since what it had stands still.
 */
final class AssignmentTime {
    private static final int QUIET_PART = 5;
    private static final int MAX_INTERVALS = 3;

    private AssignmentTime() {}

    /** Milliseconds from now; 0 if it may be made. A clock that was set back does not hold it up. */
    static long inMs(ConsumerGroup group, GroupTimes times, Moment now) {
        long intervalMs = times.assignmentIntervalMs();
        long ageMs = now.wallClockMs() - group.assignedAtMs();
        if (ageMs < 0) {
            return 0;
        }
        long quietMs = now.wallClockMs() - group.joinedAtMs;
        long untilQuietMs = quietMs < 0 || group.vacated ? 0 : intervalMs / QUIET_PART - quietMs;
        long comingMs = Math.min(untilQuietMs, MAX_INTERVALS * intervalMs - ageMs);
        return Math.max(0, Math.max(intervalMs - ageMs, comingMs));
    }
}

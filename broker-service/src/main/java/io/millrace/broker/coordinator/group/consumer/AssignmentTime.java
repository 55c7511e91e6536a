package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Moment;

/**
 * When a group may get its next target assignment: one {@code group.consumer.assignment.interval.ms} after the last, and then as soon as
 * nobody has joined for a fifth of it, so that members that start together are not assigned again and again; five intervals after the last
 * at the latest, and without that wait where a member has gone, since what it had stands still.
 *
 * @param intervalMs {@code group.consumer.assignment.interval.ms}
 * @param inMs milliseconds from now if nobody joins until then; 0 if it may be made
 * @param latestInMs milliseconds from now whoever joins
 * @param heldUpMs how long members have been joining, if it is they for whom it is not made as soon as its interval is over; else 0
 */
record AssignmentTime(int intervalMs, long inMs, long latestInMs, long heldUpMs) {
    private static final int QUIET_PART = 5;
    static final int MAX_INTERVALS = 5;

    /** As of now. A clock that was set back does not hold it up. */
    static AssignmentTime of(ConsumerGroup group, GroupTimes times, Moment now) {
        int intervalMs = times.assignmentIntervalMs();
        long ageMs = now.wallClockMs() - group.assignedAtMs();
        if (ageMs < 0) {
            return new AssignmentTime(intervalMs, 0, 0, 0);
        }
        long dueInMs = Math.max(0, intervalMs - ageMs);
        long latestInMs = Math.max(0, (long) MAX_INTERVALS * intervalMs - ageMs);
        long quietMs = now.wallClockMs() - group.joinedAtMs;
        long untilQuietMs = quietMs < 0 || group.vacated ? 0 : intervalMs / QUIET_PART - quietMs;
        long inMs = Math.max(dueInMs, Math.min(untilQuietMs, latestInMs));
        return new AssignmentTime(
                intervalMs, inMs, latestInMs, inMs > dueInMs ? now.wallClockMs() - group.joiningSinceMs : 0);
    }

    boolean mayBeMade() {
        return inMs == 0;
    }
}

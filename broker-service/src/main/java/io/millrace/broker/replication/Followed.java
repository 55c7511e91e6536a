package io.millrace.broker.replication;

import org.jspecify.annotations.Nullable;

/** A partition as its fetcher knows it, for one leader epoch; on the fetcher's thread. */
final class Followed {

    private static final long FIRST_BACKOFF_MS = 10;

    final Partition partition;
    final int leaderEpoch;

    FetchPosition position;
    /** Whether the leader must first be asked what it has: our end is outside of its log. */
    boolean outOfRange;
    /** What the leader answered about its end; null while it was not asked. */
    @Nullable
    Long leadersEnd;

    /** As the last answer told it. */
    long leadersHighWatermark = Long.MAX_VALUE;

    private long notBeforeMs;
    private int failures;

    Followed(Partition partition, int leaderEpoch, FetchPosition position) {
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.position = position;
    }

    void succeeded(FetchPosition next) {
        position = next;
        failures = 0;
        notBeforeMs = 0;
        outOfRange = false;
        leadersEnd = null;
    }

    /** Twice as long each time, up to {@code maxBackoffMs}. */
    void failed(long nowMs, int maxBackoffMs) {
        long backoffMs = FIRST_BACKOFF_MS << Math.min(failures, 10);
        notBeforeMs = nowMs + Math.min(backoffMs, maxBackoffMs);
        failures++;
        leadersEnd = null;
    }

    /** How many errors came in a row. */
    int failures() {
        return failures;
    }

    /** Not positive when it may be fetched. One that is in sync is never throttled. */
    long delayMs(long nowMs) {
        long delayMs = notBeforeMs - nowMs;
        return delayMs <= 0 && position.fetchOffset() < leadersHighWatermark
                ? partition.throttle().followerDelayMs()
                : delayMs;
    }
}

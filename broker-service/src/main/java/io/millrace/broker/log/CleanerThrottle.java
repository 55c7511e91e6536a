package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;

/** Keeps what all compactions read and write together below {@code log.cleaner.io.max.bytes.per.second}. Any thread. */
final class CleanerThrottle {

    private static final double NS_PER_SECOND = 1e9;
    private static final long NS_PER_MS = 1_000_000;

    private final Clock clock;
    private long paidUntilNs;

    CleanerThrottle(Clock clock) {
        this.clock = clock;
        this.paidUntilNs = clock.monotonicNs();
    }

    /** Notes bytes that were read or written; how long to wait, in milliseconds, before the next. */
    synchronized long delayMs(long bytes, double maxBytesPerSecond) {
        long now = clock.monotonicNs();
        paidUntilNs = Math.max(paidUntilNs, now) + (long) (bytes / maxBytesPerSecond * NS_PER_SECOND);
        return (paidUntilNs - now) / NS_PER_MS;
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of throttled replicas may pass in a second, on average (KIP-73); any thread.
 *
 * <p>What passes is paid for with time: nothing more may pass before the time is over that all so far takes at this rate. Up to a
 * second that was not used may be made up for.
 */
final class ReplicationRate {

    static final long UNLIMITED = Long.MAX_VALUE;

    private static final long SAVED_AT_MOST_NS = TimeUnit.SECONDS.toNanos(1);

    private final Clock clock;
    private final AtomicLong paidUntilNs;
    private volatile long bytesPerSecond = UNLIMITED;

    ReplicationRate(Clock clock) {
        this.clock = clock;
        this.paidUntilNs = new AtomicLong(clock.monotonicNs());
    }

    /** @param bytesPerSecond positive; {@link #UNLIMITED} for no limit */
    void limit(long bytesPerSecond) {
        if (this.bytesPerSecond != bytesPerSecond) {
            // What passed at another rate is forgotten, or a very low one would be paid for long after it was raised.
            paidUntilNs.set(clock.monotonicNs());
            this.bytesPerSecond = bytesPerSecond;
        }
    }

    void passed(long bytes) {
        long rate = bytesPerSecond;
        if (rate != UNLIMITED && bytes > 0) {
            long earliestNs = clock.monotonicNs() - SAVED_AT_MOST_NS;
            long costNs = (long) (bytes * (double) TimeUnit.SECONDS.toNanos(1) / rate);
            paidUntilNs.updateAndGet(paid -> paid - earliestNs > 0 ? paid + costNs : earliestNs + costNs);
        }
    }

    /** How long nothing may pass, rounded up; 0 if something may. */
    long delayMs() {
        if (bytesPerSecond == UNLIMITED) {
            return 0;
        }
        long delayNs = paidUntilNs.get() - clock.monotonicNs();
        return delayNs <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(delayNs) + 1;
    }
}

package io.millrace.broker.cluster;

import io.millrace.broker.runtime.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Time;

/**
 * Time for Kafka's engine and clients that never jumps: the wall clock as it was at the start, and what the monotonic clock has counted
 * since. They measure elections, backoffs and timeouts by {@link #milliseconds}, so that a wall clock put right by an hour would end
 * the quorum's epoch, or have nobody reconnect for so long. Any thread.
 */
final class SteadyTime implements Time {

    private final Clock clock;
    private final long startMs;
    private final long startNs;

    SteadyTime(Clock clock) {
        this.clock = clock;
        this.startMs = clock.wallClockMs();
        this.startNs = clock.monotonicNs();
    }

    @Override
    public long milliseconds() {
        return startMs + TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startNs);
    }

    @Override
    public long nanoseconds() {
        return clock.monotonicNs();
    }

    @Override
    public void sleep(long ms) {
        Time.SYSTEM.sleep(ms);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) throws InterruptedException {
        synchronized (object) {
            while (!condition.get()) {
                long leftMs = deadlineMs - milliseconds();
                if (leftMs <= 0) {
                    throw new TimeoutException("what was waited for did not come before the deadline");
                }
                object.wait(leftMs);
            }
        }
    }
}

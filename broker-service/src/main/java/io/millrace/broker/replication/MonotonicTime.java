package io.millrace.broker.replication;

import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;

/** Kafka's notion of time without its flaw: milliseconds that only durations may be made of, for they never jump. Any thread. */
final class MonotonicTime implements Time {

    @Override
    public long milliseconds() {
        return hiResClockMs();
    }

    @Override
    public long nanoseconds() {
        return SYSTEM.nanoseconds();
    }

    @Override
    public void sleep(long ms) {
        SYSTEM.sleep(ms);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) throws InterruptedException {
        SYSTEM.waitObject(object, condition, SYSTEM.milliseconds() + Math.max(0, deadlineMs - milliseconds()));
    }
}

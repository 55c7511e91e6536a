package io.millrace.broker.runtime;

/** Source of time; any thread. */
public interface Clock {

    /** Milliseconds since the Unix epoch; may jump. */
    long wallClockMs();

    /** Nanoseconds from an arbitrary origin; never goes back. For durations and deadlines. */
    long monotonicNs();

    /** The machine's clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}

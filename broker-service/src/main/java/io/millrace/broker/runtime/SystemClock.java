package io.millrace.broker.runtime;

/** The machine's clock. */
enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long wallClockMs() {
        return System.currentTimeMillis();
    }

    @Override
    public long monotonicNs() {
        return System.nanoTime();
    }
}

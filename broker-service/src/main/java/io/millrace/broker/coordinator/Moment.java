package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.Clock;

/**
 * When an input reached a shard; shards have no clock of their own.
 *
 * @param monotonicMs for deadlines and durations
 * @param wallClockMs for timestamps that are written down; may jump
 */
public record Moment(long monotonicMs, long wallClockMs) {

    public static Moment of(Clock clock) {
        return new Moment(clock.monotonicNs() / 1_000_000, clock.wallClockMs());
    }
}

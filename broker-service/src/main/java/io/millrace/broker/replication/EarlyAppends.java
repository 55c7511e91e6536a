package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Appends that came before the metadata which makes this broker the leader: their client has heard of it from the old leader (KIP-951), and
 * if refused again would pause for its {@code retry.backoff.ms}. They are tried when the role is known, in the order in which they came, or
 * after {@link #LONGEST_MS}. On the partition's loop. Bounded by what connections may have in flight, as {@link PendingAcks} is.
 */
final class EarlyAppends {

    /** A client that is wrong, not early, waits as long for its refusal as it would have paused after it by default. */
    static final long LONGEST_MS = 100;

    private record Row(long untilNs, Runnable attempt) {}

    private final ArrayDeque<Row> rows = new ArrayDeque<>();
    private final EventLoop loop;
    private final Clock clock;
    private boolean timed;

    EarlyAppends(EventLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
    }

    void add(Runnable attempt) {
        rows.add(new Row(clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MS), attempt));
        expireIn(LONGEST_MS);
    }

    void attemptAll() {
        while (!rows.isEmpty()) {
            rows.remove().attempt.run();
        }
    }

    private void expireIn(long delayMs) {
        if (!timed) {
            timed = true;
            EventLoop.Timer _ = loop.schedule(this::expire, delayMs);
        }
    }

    private void expire() {
        timed = false;
        long nowNs = clock.monotonicNs();
        while (!rows.isEmpty() && rows.getFirst().untilNs - nowNs <= 0) {
            rows.remove().attempt.run();
        }
        if (!rows.isEmpty()) {
            expireIn(TimeUnit.NANOSECONDS.toMillis(rows.getFirst().untilNs - nowNs) + 1);
        }
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.log.AppendResult;
import io.millrace.broker.replication.Partition.AppendListener;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The appends of one partition that wait for the high watermark to pass them, in the order of their offsets; on the partition's loop.
 *
 * <p>Bounded by what connections may have in flight: every row is a request that has not been answered. All rows share one timer,
 * which is not cancelled when they are done: it fires once more, finds nothing and is not set again.
 */
final class PendingAcks {

    private record Row(long endOffsetExclusive, long deadlineNs, AppendListener listener, AppendResult result) {}

    private final ArrayDeque<Row> rows = new ArrayDeque<>();
    private final EventLoop loop;
    private final Clock clock;
    private EventLoop.@Nullable Timer timer;
    private long timerNs;

    PendingAcks(EventLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
    }

    void add(long endOffsetExclusive, long timeoutMs, AppendListener listener, AppendResult result) {
        long deadlineNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs));
        Row row = new Row(endOffsetExclusive, deadlineNs, listener, result);
        // A retry that was already in the log waits for an offset below those of rows before it; keep the order by
        // offset.
        if (rows.isEmpty() || rows.getLast().endOffsetExclusive <= endOffsetExclusive) {
            rows.addLast(row);
        } else {
            insert(row);
        }
        arm(deadlineNs);
    }

    private void insert(Row row) {
        List<Row> above = new ArrayList<>();
        while (!rows.isEmpty() && rows.getLast().endOffsetExclusive > row.endOffsetExclusive) {
            above.add(rows.removeLast());
        }
        rows.addLast(row);
        above.reversed().forEach(rows::addLast);
    }

    /** Answers every row at or below {@code highWatermark} with {@code error}. */
    void complete(long highWatermark, Errors error, @Nullable String message) {
        while (!rows.isEmpty() && rows.getFirst().endOffsetExclusive <= highWatermark) {
            Row row = rows.removeFirst();
            row.listener.appended(error, message, row.result);
        }
    }

    /** Answers every row: the partition is no longer led here. */
    void failAll(Errors error, String message) {
        complete(Long.MAX_VALUE, error, message);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    private void arm(long deadlineNs) {
        EventLoop.Timer armed = timer;
        if (armed != null) {
            if (deadlineNs - timerNs >= 0) {
                return;
            }
            armed.cancel();
        }
        timerNs = deadlineNs;
        long delayNs = Math.max(0, deadlineNs - clock.monotonicNs());
        timer = loop.schedule(this::expire, TimeUnit.NANOSECONDS.toMillis(delayNs) + 1);
    }

    private void expire() {
        timer = null;
        long nowNs = clock.monotonicNs();
        List<Row> expired = new ArrayList<>();
        long nextNs = 0;
        boolean more = false;
        for (Iterator<Row> all = rows.iterator(); all.hasNext(); ) {
            Row row = all.next();
            if (row.deadlineNs - nowNs <= 0) {
                all.remove();
                expired.add(row);
            } else if (!more || row.deadlineNs - nextNs < 0) {
                nextNs = row.deadlineNs;
                more = true;
            }
        }
        if (more) {
            arm(nextNs);
        }
        for (Row row : expired) {
            row.listener.appended(Errors.REQUEST_TIMED_OUT, null, row.result);
        }
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.replication.Partition.Waiter;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one partition's log to grow past what they have seen. Any thread adds and cancels, without waking the
 * partition's loop: most who wait for a quiet partition give up before anything happens there.
 *
 * <p>New rows are pushed on a stack, which the loop takes whole when there is progress. No progress is lost: who waits looks once more
 * after the push, the loop takes the stack after it has published. Cancelled rows stay, empty, until the loop comes by; it is asked to
 * when a stack grows past {@value #SWEEP_ROWS} and what was alive last time. Bounded so by the requests that connections may have
 * in flight.
 */
final class ProgressWaiters {

    private static final int SWEEP_ROWS = 16;

    /** Whether there is nothing more to wait for; any thread. */
    interface Past {
        boolean isPast(long seen, ToLongFunction<LogSnapshot> progress);
    }

    private static final class Row implements Waiter {
        final long seen;
        final ToLongFunction<LogSnapshot> progress;

        /** Null when the waiting is over; whoever takes it ends it. */
        private final AtomicReference<@Nullable Runnable> onChange;

        private @Nullable Row below;
        private int depth = 1;

        Row(long seen, ToLongFunction<LogSnapshot> progress, Runnable onChange) {
            this.seen = seen;
            this.progress = progress;
            this.onChange = new AtomicReference<>(onChange);
        }

        @Override
        public boolean waits() {
            return onChange.get() != null;
        }

        @Override
        public void cancel() {
            onChange.set(null);
        }

        void fire() {
            Runnable task = onChange.getAndSet(null);
            if (task != null) {
                task.run();
            }
        }
    }

    private final EventLoop loop;
    private final Past past;
    private final AtomicReference<@Nullable Row> arrivals = new AtomicReference<>();

    /** Taken off the stack, still waiting when last looked at; the loop's. */
    private List<Row> rows = new ArrayList<>();

    private volatile int alive;

    ProgressWaiters(EventLoop loop, Past past) {
        this.loop = loop;
        this.past = past;
    }

    /** As {@link Partition#awaitProgress(long, ToLongFunction, Runnable)}; any thread. */
    Waiter add(long seen, ToLongFunction<LogSnapshot> progress, Runnable onChange) {
        if (past.isPast(seen, progress)) {
            onChange.run();
            return Waiter.OVER;
        }
        Row row = new Row(seen, progress, onChange);
        Row top;
        do {
            top = arrivals.get();
            row.below = top;
            row.depth = top == null ? 1 : top.depth + 1;
        } while (!arrivals.compareAndSet(top, row));
        if (past.isPast(seen, progress)) {
            row.fire();
        } else if (row.depth % SWEEP_ROWS == 0 && row.depth >= alive) {
            loop.execute(() -> collect(null));
        }
        return row;
    }

    /** Calls everybody whose progress is past what it has seen. */
    void progressed(LogSnapshot log) {
        if (arrivals.get() != null || !rows.isEmpty()) {
            collect(row -> row.progress.applyAsLong(log) > row.seen).forEach(Row::fire);
        }
    }

    /** Calls everybody: the role has changed or the partition is going away. */
    void fireAll() {
        collect(row -> true).forEach(Row::fire);
    }

    /** Rows that are kept, of those who gave up too. */
    int rows() {
        Row top = arrivals.get();
        return rows.size() + (top == null ? 0 : top.depth);
    }

    private interface Wanted {
        boolean test(Row row);
    }

    /** Takes out who is wanted, and drops who waits no more. Not walked while listeners are called: these may come here again. */
    private List<Row> collect(@Nullable Wanted wanted) {
        List<Row> taken = new ArrayList<>();
        List<Row> left = new ArrayList<>();
        for (Row row : rows) {
            sort(row, wanted, taken, left);
        }
        Row next;
        for (Row row = arrivals.getAndSet(null); row != null; row = next) {
            next = row.below;
            row.below = null;
            sort(row, wanted, taken, left);
        }
        rows = left;
        alive = left.size();
        return taken;
    }

    private static void sort(Row row, @Nullable Wanted wanted, List<Row> taken, List<Row> left) {
        if (row.waits()) {
            (wanted != null && wanted.test(row) ? taken : left).add(row);
        }
    }
}

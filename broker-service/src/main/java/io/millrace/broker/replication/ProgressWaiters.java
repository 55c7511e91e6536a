package io.millrace.broker.replication;

import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.replication.Partition.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one partition's log to grow past an seen; on the partition's loop. A linked list, so that a waiter is added
 * and removed in constant time. Bounded by the requests that connections may have in flight.
 */
final class ProgressWaiters {

    private final class Row implements Waiter {
        final long seen;
        final ToLongFunction<LogSnapshot> progress;
        final Runnable onChange;

        @Nullable
        Row before;

        @Nullable
        Row after;

        boolean waiting = true;

        Row(long seen, ToLongFunction<LogSnapshot> progress, Runnable onChange) {
            this.seen = seen;
            this.progress = progress;
            this.onChange = onChange;
        }

        @Override
        public void cancel() {
            if (waiting) {
                unlink(this);
            }
        }
    }

    private @Nullable Row first;

    Waiter add(long seen, ToLongFunction<LogSnapshot> progress, Runnable onChange) {
        Row row = new Row(seen, progress, onChange);
        row.after = first;
        if (first != null) {
            first.before = row;
        }
        first = row;
        return row;
    }

    /** Calls everybody whose progress is past what it has seen. */
    void progressed(LogSnapshot log) {
        if (first == null) {
            return;
        }
        List<Row> ready = new ArrayList<>();
        for (Row row = first; row != null; row = row.after) {
            if (row.progress.applyAsLong(log) > row.seen) {
                ready.add(row);
            }
        }
        fire(ready);
    }

    /** Calls everybody: the role has changed or the partition is going away. */
    void fireAll() {
        List<Row> all = new ArrayList<>();
        for (Row row = first; row != null; row = row.after) {
            all.add(row);
        }
        fire(all);
    }

    /** Listeners may add and cancel waiters, so the list is not walked while they are called. */
    private void fire(List<Row> ready) {
        for (Row row : ready) {
            if (row.waiting) {
                unlink(row);
                row.onChange.run();
            }
        }
    }

    private void unlink(Row row) {
        row.waiting = false;
        if (row.before == null) {
            first = row.after;
        } else {
            row.before.after = row.after;
        }
        if (row.after != null) {
            row.after.before = row.before;
        }
        row.before = null;
        row.after = null;
    }
}

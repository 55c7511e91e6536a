package io.millrace.broker.replication;

import io.millrace.broker.replication.Partition.DeletionListener;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * The deletions of records of one partition that wait for all replicas to have begun after them; on the partition's loop. Bounded by
 * the requests that connections may have in flight.
 */
final class PendingDeletions {

    private record Row(long offset, DeletionListener listener) {}

    private final EventLoop loop;
    private final List<Row> rows = new ArrayList<>();

    PendingDeletions(EventLoop loop) {
        this.loop = loop;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void add(long offset, long timeoutMs, DeletionListener listener) {
        Row row = new Row(offset, listener);
        rows.add(row);
        EventLoop.Timer _ = loop.schedule(
                () -> {
                    if (rows.remove(row)) {
                        listener.deleted(Errors.REQUEST_TIMED_OUT, -1);
                    }
                },
                timeoutMs);
    }

    void complete(long lowWatermark) {
        for (Row row : List.copyOf(rows)) {
            if (row.offset <= lowWatermark && rows.remove(row)) {
                row.listener.deleted(Errors.NONE, lowWatermark);
            }
        }
    }

    /** The partition is no longer led here. */
    void failAll(Errors error) {
        for (Row row : List.copyOf(rows)) {
            if (rows.remove(row)) {
                row.listener.deleted(error, -1);
            }
        }
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.AppendResult;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.runtime.EventLoop;
import java.util.List;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * A replica of a partition on this broker, as leader or follower.
 *
 * <p>It lives on one event loop: methods that change it must be called there. {@link #role()}, {@link #snapshot()} and {@link #read} may
 * be called on any thread.
 */
public final class Partition {

    /** What this broker is to the partition; immutable. */
    public record Role(boolean leader, int leaderId, int leaderEpoch, int partitionEpoch, List<Integer> isr) {}

    /** How a produce ended. */
    public interface AppendListener {
        /** {@code error} is NONE once {@code acks} are met; {@code result} is null if nothing was tried. On the partition's loop. */
        void appended(Errors error, @Nullable String message, @Nullable AppendResult result);
    }

    public TopicIdPartition id() {
        throw new UnsupportedOperationException();
    }

    public EventLoop loop() {
        throw new UnsupportedOperationException();
    }

    public Role role() {
        throw new UnsupportedOperationException();
    }

    public LogSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends as leader; the listener is called once, on the loop: at once for acks 0 and 1, when the high watermark has passed the
     * records for acks -1, or with REQUEST_TIMED_OUT after {@code timeoutMs}, NOT_LEADER_OR_FOLLOWER when leadership is lost.
     */
    public void append(
            MemoryRecords records, AppendOrigin origin, short acks, long timeoutMs, AppendListener listener) {
        throw new UnsupportedOperationException();
    }

    /** Reads what a consumer may see (below the high watermark); any thread. Leadership and epochs are checked by the caller. */
    public LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, boolean readCommitted) {
        throw new UnsupportedOperationException();
    }

    /** Calls {@code onChange} once, on the loop, when the high watermark or last stable offset moves past {@code offset} or the role changes. */
    public Waiter awaitProgress(long offset, Runnable onChange) {
        throw new UnsupportedOperationException();
    }

    /** Somebody waiting for a partition. */
    public interface Waiter {
        /** Takes it off the partition; on the loop, may be called after it fired. */
        void cancel();
    }
}

package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.EventLoop;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** The partition of an internal topic as its coordinator needs it: the narrow seam to replication. */
public interface CoordinatorLog {

    /** The loop that owns the partition and therefore the shard. */
    EventLoop loop();

    /**
     * Appends with acks=all, on the loop. {@code records} is not kept. Unless the outcome is final, {@code listener} is called once,
     * on the loop, after this method has returned.
     */
    Appended append(MemoryRecords records, long timeoutMs, CommitListener listener);

    long startOffset();

    long endOffset();

    long highWatermark();

    /** Reads committed batches from {@code offset}, about {@code maxBytes} of them but at least one; empty at the high watermark. I/O worker. */
    MemoryRecords read(long offset, int maxBytes);

    /** Calls {@code onChange} once, on the loop, when the high watermark has moved past {@code offset} or leadership changed. */
    void awaitHighWatermark(long offset, Runnable onChange);

    /**
     * Outcome of the local append.
     *
     * @param error NONE if the records are in the log; else why they are not
     * @param baseOffset offset of the first record; -1 if they are not in the log
     * @param committed whether the high watermark has passed them already
     */
    record Appended(Errors error, long baseOffset, boolean committed) {}

    /** Told how an append that is in the log ended: NONE once it is committed. */
    interface CommitListener {
        void ended(Errors error);
    }
}

package io.millrace.broker.log;

import java.io.IOException;

/**
 * Tells reads that may wait for the disk from those that will not, and does the waiting on an I/O worker, so that a consumer that is far
 * behind never stalls an event loop.
 *
 * <p>The decision goes by what the process has done: what it appended last is in the page cache, and so is what it brought there for a
 * reader within the last seconds. Everything else is taken for cold, at the price of one detour over a worker for as much as two fetches
 * take; the worker asks the kernel before it reads. Look-ups for the decision itself use only what is on heap.
 */
public final class ColdReads {

    private ColdReads() {}

    /** Whether a read from {@code offset} on, of {@code maxBytes}, may wait for the disk. Any thread; does not touch the disk. */
    public static boolean isCold(PartitionLog log, long offset, int maxBytes) {
        LogView view = log.view();
        if (offset >= view.snapshot().logEndOffset() || offset < view.snapshot().logStartOffset()) {
            return false; // There is nothing to read.
        }
        int i = view.floor(offset);
        long nowNs = log.volume().clock().monotonicNs();
        return !view.segments()[i].lookUp().isWarm(offset, maxBytes, view.sizeBytes(i), view.isActive(i), nowNs);
    }

    /** Brings what a read from {@code offset} on will find, and about as much again, into the page cache. I/O worker. */
    public static void prefetch(PartitionLog log, long offset, int maxBytes) {
        LogView view = log.view();
        int i = view.floor(offset);
        long nowNs = log.volume().clock().monotonicNs();
        try {
            int missing = view.segments()[i].lookUp().prefetch(offset, 2L * maxBytes, view.sizeBytes(i), nowNs);
            if (missing > 0 && !view.isActive(i)) {
                view.segments()[i + 1].lookUp().prefetch(offset, missing, view.sizeBytes(i + 1), nowNs);
            }
        } catch (IOException e) {
            // The read that follows meets the same trouble, or another view of the log, and knows what to do about it.
            LogEvents.LOG.debug("{}: could not prefetch offset {}", log.topicPartition(), offset, e);
        }
    }
}

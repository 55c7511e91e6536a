package io.millrace.broker.log;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many segment files the process keeps open: beyond the limit, files that nobody uses and that were not used lately are
 * closed (second chance, as in the CLOCK page replacement algorithm). Any thread.
 */
final class OpenFiles {

    private final int limit;
    private final AtomicInteger count = new AtomicInteger();
    private final ConcurrentLinkedQueue<SegmentFile> open = new ConcurrentLinkedQueue<>();

    private final IndexMemory indexMemory;

    OpenFiles(int limit, IndexMemory indexMemory) {
        this.limit = limit;
        this.indexMemory = indexMemory;
    }

    /** The bound of what segments keep in memory, beside that of their files. */
    IndexMemory indexMemory() {
        return indexMemory;
    }

    int count() {
        return count.get();
    }

    void opened(SegmentFile file) {
        count.incrementAndGet();
        open.add(file);
        // Two rounds over what is open: the first takes second chances away. Files in use stay, even beyond the limit.
        for (int looked = 0, most = 2 * limit; count.get() > limit && looked < most; looked++) {
            SegmentFile candidate = open.poll();
            if (candidate == null) {
                return;
            }
            if (!candidate.closeIfIdle()) {
                open.add(candidate);
            }
        }
    }

    void closed(SegmentFile file) {
        count.decrementAndGet();
        open.remove(file);
    }

    /** The file was closed by {@link SegmentFile#closeIfIdle} and is out of the queue already. */
    void evicted() {
        count.decrementAndGet();
    }
}

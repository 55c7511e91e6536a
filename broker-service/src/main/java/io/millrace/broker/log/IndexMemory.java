package io.millrace.broker.log;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the heap that the indexes of all segments take: beyond the limit, entries that are in the files too and were not used lately
 * are given up (second chance, as in the CLOCK page replacement algorithm). Any thread.
 */
final class IndexMemory {

    /** A growing index looks at no more others than this; the next one goes on. */
    private static final int MOST_LOOKS = 64;

    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final ConcurrentLinkedQueue<IndexFile> queue = new ConcurrentLinkedQueue<>();

    IndexMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }

    /** An index takes so much more, or less, than before. */
    void changed(IndexFile index, long bytes) {
        usedBytes.addAndGet(bytes);
        if (bytes <= 0) {
            return;
        }
        if (index.enters()) {
            queue.add(index);
        }
        for (int looks = 0; usedBytes.get() > limitBytes && looks < MOST_LOOKS; looks++) {
            IndexFile candidate = queue.poll();
            if (candidate == null) {
                return;
            }
            candidate.leaves();
            if (!candidate.shrink() && candidate.enters()) {
                queue.add(candidate);
            }
        }
    }
}

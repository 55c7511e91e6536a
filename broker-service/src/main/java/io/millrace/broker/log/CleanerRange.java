package io.millrace.broker.log;

import java.io.IOException;
import java.util.List;

/**
 * Which part of a log a compaction would deal with: whole segments, from the beginning up to the first that must not be touched. Any
 * thread.
 *
 * @param firstDirtyOffset records below it have been through a compaction
 * @param endOffset where the segments end
 * @param segments all that are to be written anew
 * @param dirtyBytes bytes of those with records at or above the first dirty offset
 * @param overdue a dirty record is older than {@code max.compaction.lag.ms}
 */
record CleanerRange(
        long firstDirtyOffset,
        long endOffset,
        List<Segment> segments,
        long cleanBytes,
        long dirtyBytes,
        boolean overdue) {

    /**
     * Judges a log.
     *
     * @param cleanedOffset how far earlier compactions got; -1 when there was none
     * @param compactableEnd see {@link LogFlush#compactableEnd}
     */
    static CleanerRange judge(LogView view, LogConfig config, long cleanedOffset, long compactableEnd, long nowMs)
            throws IOException {
        LogSnapshot snapshot = view.snapshot();
        boolean known = cleanedOffset >= snapshot.logStartOffset() && cleanedOffset <= snapshot.logEndOffset();
        long firstDirty = known ? cleanedOffset : snapshot.logStartOffset();
        Segment[] all = view.segments();
        int from = view.floor(firstDirty);
        int end = from;
        long oldestMs = Long.MAX_VALUE;
        while (!view.isActive(end)
                && view.endOffset(end) <= Math.min(compactableEnd, snapshot.lastStableOffset())
                && (config.minCompactionLagMs() <= 0
                        || all[end].indexes().maxTimestampMs() <= nowMs - config.minCompactionLagMs())) {
            if (config.maxCompactionLagMs() != Long.MAX_VALUE
                    && all[end].indexes().firstTimestampMs() > 0) {
                oldestMs = Math.min(oldestMs, all[end].indexes().firstTimestampMs());
            }
            end++;
        }
        boolean overdue = oldestMs != Long.MAX_VALUE && oldestMs < nowMs - config.maxCompactionLagMs();
        return new CleanerRange(
                firstDirty,
                end == from ? firstDirty : all[end].baseOffset(),
                List.of(all).subList(0, end),
                bytes(all, 0, from),
                bytes(all, from, end),
                overdue);
    }

    private static long bytes(Segment[] segments, int from, int to) {
        long bytes = 0;
        for (int i = from; i < to; i++) {
            bytes += segments[i].sizeBytes();
        }
        return bytes;
    }

    /** Which part of what would be written anew may hold records that can go. */
    double dirtyRatio() {
        return dirtyBytes == 0 ? 0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
    }

    boolean isDue(LogConfig config) {
        return dirtyBytes > 0 && (overdue || dirtyRatio() > config.minCleanableDirtyRatio());
    }
}

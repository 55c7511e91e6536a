package io.millrace.broker.log;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far one log is compacted, and the change of its segments that compaction makes: the cleaned segment's files become {@code .swap},
 * the directory is synced, then the segments it was made from are renamed away and {@code .swap} goes from the names. A crash at any
 * point leaves the old segments or the new one, which {@link SwapFiles} sees to.
 *
 * <p>Methods without another note belong to the log's loop.
 */
final class Compaction {

    private final PartitionLog log;
    private volatile long cleanedOffset = -1;
    private volatile boolean uncleanable;
    private volatile boolean saidNoSpace;

    /** Its files are {@code .swap}. */
    private @Nullable Segment pending;

    Compaction(PartitionLog log) {
        this.log = log;
    }

    /** Offset below which all records have been through a compaction; -1 when nothing has. Any thread. */
    long cleanedOffset() {
        return cleanedOffset;
    }

    /** Any thread, at start; then the loop. */
    void cleanedTo(long offset) {
        cleanedOffset = offset;
    }

    /** Whether compaction has met something in the log that it does not understand. Any thread. */
    boolean isUncleanable() {
        return uncleanable;
    }

    /** Any thread. */
    void markUncleanable() {
        uncleanable = true;
    }

    /** Whether it has been said, since there was room the last time, that there is none to compact the log. The cleaning thread. */
    boolean saidNoSpace() {
        return saidNoSpace;
    }

    void setSaidNoSpace(boolean said) {
        saidNoSpace = said;
    }

    /** Makes a complete and synced segment the one that a restart would use; false when the log has other segments by now. */
    boolean announce(Segment cleaned, List<Segment> replaced) throws IOException {
        if (log.isClosed() || indexOf(replaced) < 0) {
            return false;
        }
        cleaned.renameTo(LogFileNames.SWAP);
        pending = cleaned;
        return true;
    }

    /** Puts an announced segment, whose renaming is durable, in its place; false when the log was changed meanwhile. */
    boolean replace(Segment cleaned, List<Segment> replaced) throws IOException {
        if (log.isClosed() || log.offlineReason() != null || pending != cleaned) {
            return false;
        }
        pending = null;
        int first = indexOf(replaced);
        if (first < 0) {
            cleaned.remove(); // Retention was faster.
            return false;
        }
        for (Segment segment : replaced) {
            segment.renameForDeletion();
        }
        cleaned.renameTo("");
        Segment[] before = log.view().segments();
        Segment[] after = new Segment[before.length - replaced.size() + 1];
        System.arraycopy(before, 0, after, 0, first);
        after[first] = cleaned;
        System.arraycopy(before, first + replaced.size(), after, first + 1, after.length - first - 1);
        log.publish(after);
        log.flush().directoryChanged();
        log.volume().removeLater(replaced, log.config().fileDeleteDelayMs());
        return true;
    }

    /** Where the segments are in the log, all of them and none of them active; -1 when they are not. */
    private int indexOf(List<Segment> segments) {
        Segment[] current = log.view().segments();
        int first = Arrays.asList(current).indexOf(segments.getFirst());
        int end = first + segments.size();
        return first >= 0
                        && end < current.length
                        && Arrays.asList(current).subList(first, end).equals(segments)
                ? first
                : -1;
    }

    /** Records at and above an offset are about to be cut off: neither a restart nor a later compaction may go by what was. */
    void truncating(long offset) throws IOException {
        if (pending != null) {
            pending.remove();
            pending = null;
        }
        if (offset < cleanedOffset) {
            cleanedOffset = offset;
            log.volume().checkpointNow();
        }
    }
}

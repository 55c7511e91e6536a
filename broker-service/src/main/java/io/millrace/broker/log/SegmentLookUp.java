package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds batches of one segment by offset or position, and knows whether that needs the disk. Any thread. */
final class SegmentLookUp {

    /** Room for a few small batches: one read finds the batch within an index interval. */
    private static final int PROBE_BYTES = 4096;

    /** What was appended last is in the page cache: the kernel keeps what it has yet to write, and takes the oldest pages first. */
    private static final int WARM_TAIL_BYTES = 4 << 20;

    /** What a look-up may read around the batches that it finds. */
    private static final int LOOK_UP_BYTES = 16 << 10;

    private static final ThreadLocal<ByteBuffer> PROBE =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PROBE_BYTES));

    /** A batch in the file. */
    record BatchPosition(int position, int sizeBytes, long baseOffset, long lastOffset) {}

    private final FileStore store;
    private final SegmentFile file;
    private final SegmentIndexes indexes;
    private final long baseOffset;
    private final WarmRanges warmRanges = new WarmRanges();

    /** From here on this process has written the file itself. */
    private final int writtenFrom;

    SegmentLookUp(FileStore store, SegmentFile file, SegmentIndexes indexes, long baseOffset, int writtenFrom) {
        this.store = store;
        this.file = file;
        this.indexes = indexes;
        this.baseOffset = baseOffset;
        this.writtenFrom = writtenFrom;
    }

    /** This thread's buffer for a look at a batch or two; empty. */
    static ByteBuffer probeBuffer() {
        return PROBE.get().clear();
    }

    /** The first batch with a last offset at or above {@code offset} that begins before {@code endPosition}; null when there is none. */
    @Nullable
    BatchPosition locate(long offset, int endPosition) throws IOException {
        int position = indexes.offsets().positionBefore(offset - baseOffset);
        if (position >= endPosition) {
            return null;
        }
        FileChannel channel = file.acquire();
        try {
            return probe(channel, position, endPosition, offset, Integer.MAX_VALUE);
        } finally {
            file.release();
        }
    }

    /** The last batch boundary at or before {@code position}, seeking from the boundary {@code from} on. */
    int boundaryAtOrBefore(int position, int from, int endPosition) throws IOException {
        int start = Math.max(from, indexes.offsets().boundaryBefore(position));
        FileChannel channel = file.acquire();
        try {
            BatchPosition crossing = probe(channel, start, endPosition, Long.MAX_VALUE, position);
            return crossing == null ? endPosition : crossing.position();
        } finally {
            file.release();
        }
    }

    /** The first batch that reaches {@code offset} or goes beyond {@code crossing}; null when none does before the end. */
    private @Nullable BatchPosition probe(FileChannel channel, int from, int endPosition, long offset, int crossing)
            throws IOException {
        ByteBuffer buffer = probeBuffer().limit(0);
        int bufferPosition = from;
        for (int position = from; position < endPosition; ) {
            int at = position - bufferPosition;
            if (at + (long) BatchLayout.HEADER_BYTES > buffer.limit()) {
                fill(buffer, channel, position, endPosition);
                bufferPosition = position;
                at = 0;
            }
            long size = buffer.limit() < BatchLayout.MIN_LEGACY_BYTES ? -1 : BatchLayout.sizeBytes(buffer, at);
            if (size < BatchLayout.MIN_LEGACY_BYTES || size > endPosition - (long) position) {
                throw new CorruptLogException(file.path() + ": no whole record batch at position " + position
                        + " (length " + size + ") where offset " + offset + " was looked for");
            }
            long lastOffset = BatchLayout.lastOffset(buffer, at);
            if (lastOffset >= offset || position + size > crossing) {
                return new BatchPosition(position, (int) size, BatchLayout.baseOffset(buffer, at), lastOffset);
            }
            position += (int) size;
        }
        return null;
    }

    private static void fill(ByteBuffer buffer, FileChannel channel, int position, int endPosition) throws IOException {
        buffer.clear().limit((int) Math.min(PROBE_BYTES, (long) endPosition - position));
        while (buffer.hasRemaining() && channel.read(buffer, position + (long) buffer.position()) >= 0) {
            // until it is full or the file, cut meanwhile, has ended
        }
        buffer.flip();
    }

    /** Where the last batch ends that lies before a position, which is that of the first batch to reach {@code offset}. */
    long endOffsetBefore(long offset, int endPosition) throws IOException {
        long[] end = {baseOffset};
        int from = offset <= baseOffset ? 0 : indexes.offsets().positionBefore(offset - 1 - baseOffset);
        FileChannel channel = file.acquire();
        try {
            SegmentScan.scan(channel, from, endPosition, false, (buffer, at, size, position) -> {
                end[0] = BatchLayout.lastOffset(buffer, at) + 1;
                return true;
            });
        } finally {
            file.release();
        }
        return end[0];
    }

    /**
     * Whether reading so many bytes from an offset on needs no disk, as far as is known.
     *
     * @param active the segment is the one that is appended to
     */
    boolean isWarm(long offset, int bytes, int endPosition, boolean active, long nowNs) {
        int from = indexes.offsets().knownPositionBefore(offset - baseOffset);
        if (from < 0) {
            return false;
        }
        return (active && from >= Math.max(writtenFrom, endPosition - WARM_TAIL_BYTES))
                || warmRanges.cover(from, (int) Math.min(endPosition, (long) from + bytes + LOOK_UP_BYTES), nowNs);
    }

    /** Reads into the page cache what {@link #isWarm} asks for; returns how many of the bytes lie beyond the segment. Blocks. */
    int prefetch(long offset, long bytes, int endPosition, long nowNs) throws IOException {
        int from = indexes.offsets().positionBefore(Math.max(0, offset - baseOffset));
        int to = (int) Math.min(endPosition, from + bytes + LOOK_UP_BYTES);
        List<TransactionIndex.Aborted> _ = indexes.transactions().entries();
        int known = (int) store.prefetch(file.path(), from, (long) to - from, endPosition);
        warmRanges.add(from, known, nowNs);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, from + bytes - endPosition));
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;

/**
 * What is kept about the batches of one segment: its three indexes, its first and its greatest timestamp. The log's loop takes in what
 * is appended; any thread may ask.
 */
final class SegmentIndexes {

    private static final long TIMESTAMP_NOT_LOADED = Long.MIN_VALUE;
    private static final int REBUILD_INTERVAL_BYTES = 4096;

    /** What an index needs of its segment. */
    record Files(FileStore store, IndexMemory memory, SegmentPaths paths, IntSupplier size) {
        int sizeBytes() {
            return size.getAsInt();
        }
    }

    private final Files files;
    private final SegmentFile file;
    private final long baseOffset;
    private final OffsetIndex offsets;
    private final TimeIndex times;
    private final TransactionIndex transactions;

    private volatile long maxTimestampMs = TIMESTAMP_NOT_LOADED;
    private long offsetOfMaxTimestamp = -1;
    private long firstTimestampMs = TIMESTAMP_NOT_LOADED;
    private int bytesSinceIndexEntry;

    /** @param empty the segment has no batches; otherwise the indexes' files are read when they are first needed */
    SegmentIndexes(Files files, SegmentFile file, long baseOffset, boolean empty) {
        this.files = files;
        this.file = file;
        this.baseOffset = baseOffset;
        this.offsets = new OffsetIndex(files, empty ? OffsetIndex.Entries.NONE : null, this::rebuild);
        this.times = new TimeIndex(files, empty ? TimeIndex.Entries.NONE : null, this::rebuild);
        this.transactions = new TransactionIndex(files.store(), files.paths(), empty ? List.of() : null);
        if (empty) {
            maxTimestampMs = -1;
        }
    }

    OffsetIndex offsets() {
        return offsets;
    }

    TimeIndex times() {
        return times;
    }

    TransactionIndex transactions() {
        return transactions;
    }

    /** Takes in a batch that lies in the file, behind those before it. */
    void note(ByteBuffer buffer, int at, int size, int position, int indexIntervalBytes) {
        long maxTimestamp = BatchLayout.maxTimestamp(buffer, at, size);
        long lastOffset = BatchLayout.lastOffset(buffer, at);
        if (firstTimestampMs == TIMESTAMP_NOT_LOADED && position == 0) {
            firstTimestampMs = maxTimestamp;
        }
        if (maxTimestamp > maxTimestampMs) {
            maxTimestampMs = maxTimestamp;
            offsetOfMaxTimestamp = lastOffset;
        }
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsets.append(lastOffset - baseOffset, position);
            indexTime();
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += size;
    }

    private void indexTime() {
        if (maxTimestampMs >= 0 && offsetOfMaxTimestamp >= baseOffset) {
            times.maybeAppend(maxTimestampMs, offsetOfMaxTimestamp - baseOffset);
        }
    }

    /** The segment gets no more appends: its last timestamp goes into the index. */
    void seal() {
        if (times.isLoaded() && maxTimestampMs != TIMESTAMP_NOT_LOADED) {
            indexTime();
        }
    }

    /** Whether an index has no room for another entry. */
    boolean isFull(int indexSizeBytes) {
        return offsets.count() >= indexSizeBytes / OffsetIndex.ENTRY_BYTES
                || times.count() >= indexSizeBytes / TimeIndex.ENTRY_BYTES - 1;
    }

    /** Greatest timestamp; -1 when no record has one. May read the index file. */
    long maxTimestampMs() throws IOException {
        long known = maxTimestampMs;
        if (known == TIMESTAMP_NOT_LOADED) {
            known = times.last().lastTimestampMs();
            maxTimestampMs = known;
        }
        return known;
    }

    /** Greatest timestamp of the first batch; may read the file. */
    long firstTimestampMs() throws IOException {
        int sizeBytes = files.sizeBytes();
        if (firstTimestampMs == TIMESTAMP_NOT_LOADED && sizeBytes > 0) {
            FileChannel channel = file.acquire();
            try {
                ByteBuffer chunk = SegmentLookUp.probeBuffer();
                SegmentScan.scan(channel, 0, sizeBytes, false, chunk, (buffer, at, size, position) -> {
                    firstTimestampMs = BatchLayout.maxTimestamp(buffer, at, size);
                    return false;
                });
            } finally {
                file.release();
            }
        }
        return firstTimestampMs;
    }

    /** Holds these entries only; whatever lies behind them is going to be noted again. */
    void beginRescan(OffsetIndex.Entries offsetEntries, TimeIndex.Entries timeEntries) {
        offsets.file().replace(offsetEntries.content());
        times.file().replace(timeEntries.content());
        takeMaxTimestamp(timeEntries);
        firstTimestampMs = TIMESTAMP_NOT_LOADED;
        bytesSinceIndexEntry = 0;
    }

    private void takeMaxTimestamp(TimeIndex.Entries timeEntries) {
        maxTimestampMs = timeEntries.lastTimestampMs();
        offsetOfMaxTimestamp = maxTimestampMs < 0 ? -1 : baseOffset + timeEntries.lastRelativeOffset();
    }

    /** Forgets everything from an offset on; {@link #rescanTail} follows when the file is cut too. */
    void truncate(long offset) throws IOException {
        offsets.truncate(offset - baseOffset);
        times.truncate(offset - baseOffset);
        transactions.truncate(offset);
    }

    /** Restores what {@link #note} keeps, from the last index entry on. */
    void rescanTail() throws IOException {
        int sizeBytes = files.sizeBytes();
        int from = offsets.lastPosition();
        takeMaxTimestamp(times.last());
        if (sizeBytes == 0) {
            firstTimestampMs = TIMESTAMP_NOT_LOADED;
        }
        bytesSinceIndexEntry = 0;
        FileChannel channel = file.acquire();
        try {
            SegmentScan.scan(channel, from, sizeBytes, false, (buffer, at, size, position) -> {
                note(buffer, at, size, position, Integer.MAX_VALUE);
                return true;
            });
        } finally {
            file.release();
        }
    }

    /** Makes offset and time index again from the batches. */
    private synchronized void rebuild() throws IOException {
        SegmentIndexes scratch = new SegmentIndexes(files, file, baseOffset, true);
        FileChannel channel = file.acquire();
        try {
            SegmentScan.scan(channel, 0, files.sizeBytes(), false, (buffer, at, size, position) -> {
                scratch.note(buffer, at, size, position, REBUILD_INTERVAL_BYTES);
                return true;
            });
        } finally {
            file.release();
        }
        scratch.seal();
        offsets.file().replace(scratch.offsets.file().all());
        times.file().replace(scratch.times.file().all());
        scratch.release();
        try {
            writeRebuilt();
        } catch (IOException e) {
            if (!Volume.isNoSpace(e)) {
                throw e;
            }
            LogEvents.LOG.warn(
                    "{}: no space to write the rebuilt index; it is kept in memory",
                    files.paths().offsetIndex());
        }
    }

    /**
     * Puts the files of both indexes in place of the old: entries of one do not fit to those of another that was made at another time.
     * Wherever power is lost, there are two of one time, or one is missing and made again.
     */
    private void writeRebuilt() throws IOException {
        SegmentPaths paths = files.paths();
        synchronized (paths) {
            if (!paths.areToBeDeleted()) {
                files.store().delete(paths.offsetIndex());
                files.store().delete(paths.timeIndex());
                files.store()
                        .syncDirectory(Objects.requireNonNull(paths.timeIndex().getParent()));
                times.file().writeFile(true);
                offsets.file().writeFile(true);
            }
        }
    }

    /** Writes the files as they are now; not of a segment that is to be deleted: another may have its names. */
    void writeFiles(boolean sync) throws IOException {
        SegmentPaths paths = files.paths();
        synchronized (paths) {
            if (!paths.areToBeDeleted()) {
                offsets.file().writeFile(sync);
                times.file().writeFile(sync);
                transactions.writeFile();
            }
        }
    }

    /** Gives back the memory. */
    void release() {
        offsets.file().release();
        times.file().release();
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One segment of a log: its file and its indexes. The log's loop appends to and cuts the last segment of a log; the others do not
 * change any more. Any thread may look positions up.
 */
final class Segment {

    /** Room for a few small batches: one read finds the batch within an index interval. */
    private static final int PROBE_BYTES = 4096;

    /** What was appended last is in the page cache: the kernel keeps what it has yet to write, and takes the oldest pages first. */
    private static final int WARM_TAIL_BYTES = 4 << 20;

    /** What a look-up may read around the batches that it finds. */
    private static final int LOOK_UP_BYTES = 16 << 10;

    private static final ThreadLocal<ByteBuffer> PROBE =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PROBE_BYTES));

    private final FileStore store;
    private final IndexMemory memory;
    private final long baseOffset;
    private final SegmentPaths paths;
    private final SegmentFile file;
    private final OffsetIndex offsetIndex;
    private final TimeIndex timeIndex;
    private final TransactionIndex transactionIndex;
    private final long createdMs;
    private final WarmRanges warmRanges = new WarmRanges();

    /** From here on this process has written the file itself. */
    private final int writtenFrom;

    private volatile int sizeBytes;
    private volatile long maxTimestampMs = TIMESTAMP_NOT_LOADED;
    private long offsetOfMaxTimestamp = -1;
    private long firstTimestampMs = TIMESTAMP_NOT_LOADED;
    private int bytesSinceIndexEntry;

    /** Guarded by {@code paths}. */
    private boolean renamed;

    private static final long TIMESTAMP_NOT_LOADED = Long.MIN_VALUE;

    /** What an index needs of its segment. */
    record Files(FileStore store, IndexMemory memory, SegmentPaths paths, IntSupplier size) {
        int sizeBytes() {
            return size.getAsInt();
        }
    }

    private Segment(
            FileStore store,
            IndexMemory memory,
            SegmentPaths paths,
            SegmentFile file,
            long baseOffset,
            int sizeBytes,
            long createdMs,
            boolean empty) {
        this.store = store;
        this.memory = memory;
        this.paths = paths;
        this.file = file;
        this.baseOffset = baseOffset;
        this.sizeBytes = sizeBytes;
        this.writtenFrom = sizeBytes;
        this.createdMs = createdMs;
        Files files = new Files(store, memory, paths, () -> this.sizeBytes);
        this.offsetIndex = new OffsetIndex(files, empty ? OffsetIndex.Entries.NONE : null, this::rebuild);
        this.timeIndex = new TimeIndex(files, empty ? TimeIndex.Entries.NONE : null, this::rebuild);
        this.transactionIndex = new TransactionIndex(store, paths, empty ? List.of() : null);
        if (empty) {
            maxTimestampMs = -1;
        }
    }

    /** Makes an empty segment with its file. */
    static Segment create(
            FileStore store, OpenFiles openFiles, Path directory, long baseOffset, long nowMs, int preallocateBytes)
            throws IOException {
        return create(
                store, openFiles, new SegmentPaths(directory, baseOffset, ""), baseOffset, nowMs, preallocateBytes);
    }

    /** Makes an empty segment that compaction fills; its files' names say that it is not in use. */
    static Segment createCleaned(FileStore store, OpenFiles openFiles, Path directory, long baseOffset, long createdMs)
            throws IOException {
        SegmentPaths paths = new SegmentPaths(directory, baseOffset, LogFileNames.CLEANED);
        return create(store, openFiles, paths, baseOffset, createdMs, 0);
    }

    private static Segment create(
            FileStore store,
            OpenFiles openFiles,
            SegmentPaths paths,
            long baseOffset,
            long createdMs,
            int preallocateBytes)
            throws IOException {
        SegmentFile file = new SegmentFile(store, openFiles, paths.log());
        file.create(preallocateBytes);
        Segment segment = new Segment(store, openFiles.indexMemory(), paths, file, baseOffset, 0, createdMs, true);
        segment.writeIndexes(false); // Tools expect the files from the beginning.
        return segment;
    }

    /** A segment that lies on disk; nothing is opened or read. */
    static Segment existing(
            FileStore store, OpenFiles openFiles, Path directory, long baseOffset, int sizeBytes, long createdMs) {
        SegmentPaths paths = new SegmentPaths(directory, baseOffset, "");
        return new Segment(
                store,
                openFiles.indexMemory(),
                paths,
                new SegmentFile(store, openFiles, paths.log()),
                baseOffset,
                sizeBytes,
                createdMs,
                sizeBytes == 0);
    }

    long baseOffset() {
        return baseOffset;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    SegmentFile file() {
        return file;
    }

    SegmentPaths paths() {
        return paths;
    }

    OffsetIndex offsetIndex() {
        return offsetIndex;
    }

    TimeIndex timeIndex() {
        return timeIndex;
    }

    TransactionIndex transactionIndex() {
        return transactionIndex;
    }

    long createdMs() {
        return createdMs;
    }

    /**
     * Appends whole batches with their final offsets in one write and indexes them. On failure nothing counts as appended.
     *
     * @param buffer the batches, from position to limit; position is left at the limit
     */
    void append(ByteBuffer buffer, int indexIntervalBytes) throws IOException {
        int start = buffer.position();
        int end = buffer.limit();
        int position = sizeBytes;
        FileChannel channel = file.acquire();
        try {
            for (long to = position; buffer.hasRemaining(); ) {
                to += channel.write(buffer, to);
            }
        } catch (IOException e) {
            cutBack(channel, position, e);
            throw e;
        } finally {
            file.release();
        }
        for (int at = start; at < end; ) {
            int size = (int) BatchLayout.sizeBytes(buffer, at);
            note(buffer, at, size, position, indexIntervalBytes);
            position += size;
            at += size;
        }
        sizeBytes = position;
    }

    /** Gives back what a failed write has taken; what cannot be given back is overwritten by the next append. */
    private void cutBack(FileChannel channel, int sizeBefore, IOException cause) {
        try {
            channel.truncate(sizeBefore);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Takes a batch that lies in the file into indexes and timestamps. */
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
            offsetIndex.append(lastOffset - baseOffset, position);
            indexTime();
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += size;
    }

    private void indexTime() {
        if (maxTimestampMs >= 0 && offsetOfMaxTimestamp >= baseOffset) {
            timeIndex.maybeAppend(maxTimestampMs, offsetOfMaxTimestamp - baseOffset);
        }
    }

    /** Prepares an existing segment for {@link #note}: whatever the scan will see again is forgotten. */
    void beginRescan(OffsetIndex.Entries offsets, TimeIndex.Entries times, int newSizeBytes) {
        offsetIndex.file().replace(offsets.content());
        timeIndex.file().replace(times.content());
        takeMaxTimestamp(times);
        firstTimestampMs = TIMESTAMP_NOT_LOADED;
        bytesSinceIndexEntry = 0;
        sizeBytes = newSizeBytes;
    }

    private void takeMaxTimestamp(TimeIndex.Entries times) {
        maxTimestampMs = times.lastTimestampMs();
        offsetOfMaxTimestamp = maxTimestampMs < 0 ? -1 : baseOffset + times.lastRelativeOffset();
    }

    void setSizeBytes(int size) {
        sizeBytes = size;
    }

    /** Whether another append of that size, last offset and timestamp must go to a new segment. */
    boolean mustRoll(LogConfig config, long jitterMs, int appendBytes, long lastOffset, long maxTimestamp, long nowMs)
            throws IOException {
        int size = sizeBytes;
        if (size == 0) {
            return lastOffset - baseOffset > Integer.MAX_VALUE;
        }
        return (long) size + appendBytes > config.segmentSizeBytes()
                || ageMs(maxTimestamp, nowMs) > config.segmentMs() - jitterMs
                || offsetIndex.count() >= config.indexSizeBytes() / OffsetIndex.ENTRY_BYTES
                || timeIndex.count() >= config.indexSizeBytes() / TimeIndex.ENTRY_BYTES - 1
                || lastOffset - baseOffset > Integer.MAX_VALUE;
    }

    /** By the records' own time where they have one, so that old data replayed into a topic is cut into periods as it was then. */
    private long ageMs(long maxTimestamp, long nowMs) throws IOException {
        long first = firstTimestampMs();
        return first >= 0 ? maxTimestamp - first : nowMs - createdMs;
    }

    /** Greatest timestamp of the first batch; may read the file. */
    long firstTimestampMs() throws IOException {
        if (firstTimestampMs == TIMESTAMP_NOT_LOADED && sizeBytes > 0) {
            FileChannel channel = file.acquire();
            try {
                SegmentScan.scan(channel, 0, sizeBytes, false, PROBE.get(), (buffer, at, size, position) -> {
                    firstTimestampMs = BatchLayout.maxTimestamp(buffer, at, size);
                    return false;
                });
            } finally {
                file.release();
            }
        }
        return firstTimestampMs;
    }

    /** The segment gets no more appends: its last timestamp goes into the index. */
    void seal() {
        if (timeIndex.isLoaded() && maxTimestampMs != TIMESTAMP_NOT_LOADED) {
            indexTime();
        }
    }

    /** Cuts off what was preallocated and not used. */
    void trim() throws IOException {
        FileChannel channel = file.acquire();
        try {
            if (channel.size() > sizeBytes) {
                channel.truncate(sizeBytes);
            }
        } finally {
            file.release();
        }
    }

    /** Reserves disk space beyond the end; I/O worker. */
    void reserve(long position, long sizeBytes) {
        store.reserve(file.path(), position, sizeBytes);
    }

    /** Gives back what is reserved; nobody appends. */
    void releaseReserved() throws IOException {
        store.releaseReserved(file.path());
    }

    /** Greatest timestamp; -1 when no record has one. May read the index file. */
    long maxTimestampMs() throws IOException {
        long known = maxTimestampMs;
        if (known == TIMESTAMP_NOT_LOADED) {
            known = timeIndex.last().lastTimestampMs();
            maxTimestampMs = known;
        }
        return known;
    }

    /** Makes both indexes again from the batches. */
    private synchronized void rebuild() throws IOException {
        Segment scratch = new Segment(store, memory, paths, file, baseOffset, 0, createdMs, true);
        FileChannel channel = file.acquire();
        try {
            SegmentScan.scan(channel, 0, sizeBytes, false, (buffer, at, size, position) -> {
                scratch.note(buffer, at, size, position, REBUILD_INTERVAL_BYTES);
                return true;
            });
        } finally {
            file.release();
        }
        scratch.seal();
        offsetIndex.file().replace(scratch.offsetIndex.file().all());
        timeIndex.file().replace(scratch.timeIndex.file().all());
        scratch.releaseIndexes();
        try {
            writeIndexes(true);
        } catch (IOException e) {
            if (!Volume.isNoSpace(e)) {
                throw e;
            }
            LogEvents.LOG.warn("{}: no space to write the rebuilt index; it is kept in memory", paths.offsetIndex());
        }
    }

    private static final int REBUILD_INTERVAL_BYTES = 4096;

    /** A batch in the file. */
    record BatchPosition(int position, int sizeBytes, long baseOffset, long lastOffset) {}

    /** The first batch with a last offset at or above {@code offset} that begins before {@code endPosition}; null when there is none. */
    @Nullable
    BatchPosition locate(long offset, int endPosition) throws IOException {
        int position = offsetIndex.positionBefore(offset - baseOffset);
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

    /**
     * Whether reading so many bytes from an offset on needs no disk, as far as is known.
     *
     * @param active the segment is the one that is appended to
     */
    boolean isWarm(long offset, int bytes, int endPosition, boolean active, long nowNs) {
        int from = offsetIndex.knownPositionBefore(offset - baseOffset);
        if (from < 0) {
            return false;
        }
        return (active && from >= Math.max(writtenFrom, endPosition - WARM_TAIL_BYTES))
                || warmRanges.cover(from, (int) Math.min(endPosition, (long) from + bytes + LOOK_UP_BYTES), nowNs);
    }

    /** Reads into the page cache what {@link #isWarm} asks for; returns how many of the bytes lie beyond the segment. Blocks. */
    int prefetch(long offset, long bytes, int endPosition, long nowNs) throws IOException {
        int from = offsetIndex.positionBefore(Math.max(0, offset - baseOffset));
        int to = (int) Math.min(endPosition, from + bytes + LOOK_UP_BYTES);
        List<TransactionIndex.Aborted> _ = transactionIndex.entries();
        store.prefetch(paths.log(), from, (long) to - from);
        warmRanges.add(from, to, nowNs);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, from + bytes - endPosition));
    }

    /** The last batch boundary at or before {@code position}, seeking from the boundary {@code from} on. */
    int boundaryAtOrBefore(int position, int from, int endPosition) throws IOException {
        int start = Math.max(from, offsetIndex.boundaryBefore(position));
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
        ByteBuffer buffer = PROBE.get().clear().limit(0);
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
        int from = offset <= baseOffset ? 0 : offsetIndex.positionBefore(offset - 1 - baseOffset);
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

    /** Cuts everything from a position and offset on; the loop, last segment only. */
    void truncate(int position, long offset) throws IOException {
        FileChannel channel = file.acquire();
        try {
            channel.truncate(position);
            // Else a power loss could bring the old batches back behind new ones, with offsets that seem to go on.
            channel.force(true);
        } finally {
            file.release();
        }
        offsetIndex.truncate(offset - baseOffset);
        timeIndex.truncate(offset - baseOffset);
        transactionIndex.truncate(offset);
        rescanTail(position);
    }

    /** Restores what {@link #note} keeps, from the last index entry on. */
    void rescanTail(int newSizeBytes) throws IOException {
        int from = offsetIndex.lastPosition();
        sizeBytes = newSizeBytes;
        takeMaxTimestamp(timeIndex.last());
        if (newSizeBytes == 0) {
            firstTimestampMs = TIMESTAMP_NOT_LOADED;
        }
        bytesSinceIndexEntry = 0;
        FileChannel channel = file.acquire();
        try {
            SegmentScan.scan(channel, from, newSizeBytes, false, (buffer, at, size, position) -> {
                note(buffer, at, size, position, Integer.MAX_VALUE);
                return true;
            });
        } finally {
            file.release();
        }
    }

    /** Writes the indexes' files as they are now; not after the segment was renamed: a new one may have its names. */
    void writeIndexes(boolean sync) throws IOException {
        synchronized (paths) {
            if (renamed) {
                return;
            }
            offsetIndex.file().writeFile(sync);
            timeIndex.file().writeFile(sync);
            transactionIndex.writeFile();
        }
    }

    /** Makes what was appended durable; data first written by others in the meantime too. */
    void sync() throws IOException {
        FileChannel channel = file.acquire();
        try {
            channel.force(true);
        } finally {
            file.release();
        }
    }

    /** Renames all files out of the way of a segment with the same base offset. */
    void renameForDeletion() throws IOException {
        synchronized (paths) {
            renamed = true;
            List<Path> indexes = paths.indexes();
            paths.renamedTo(LogFileNames.DELETED);
            file.rename(paths.log());
            moveIndexes(indexes);
        }
    }

    /** Gives all files another suffix, the {@code .log} last: where it is found under the new name, its indexes are too. */
    void renameTo(String suffix) throws IOException {
        synchronized (paths) {
            List<Path> indexes = paths.indexes();
            paths.renamedTo(suffix);
            moveIndexes(indexes);
            file.rename(paths.log());
        }
    }

    private void moveIndexes(List<Path> from) throws IOException {
        List<Path> to = paths.indexes();
        for (int i = 0; i < from.size(); i++) {
            if (store.exists(from.get(i))) {
                store.move(from.get(i), to.get(i));
            }
        }
    }

    /** Removes the files of a segment that is not in use. */
    void remove() throws IOException {
        releaseIndexes();
        file.remove();
        for (Path index : paths.indexes()) {
            store.delete(index);
        }
    }

    private void releaseIndexes() {
        offsetIndex.file().release();
        timeIndex.file().release();
    }

    /** Gives back what it holds of the process; it is not used any more. */
    void close() {
        releaseIndexes();
        file.closeNow();
    }

    /** The log's directory was renamed. */
    void movedTo(Path directory) {
        paths.movedTo(directory);
        file.movedTo(directory);
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * One segment of a log: its file and its indexes. The log's loop appends to and cuts the last segment of a log; the others do not
 * change any more. Any thread may look positions up.
 */
final class Segment {

    private final FileStore store;
    private final long baseOffset;
    private final SegmentPaths paths;
    private final SegmentFile file;
    private final SegmentIndexes indexes;
    private final SegmentLookUp lookUp;
    private final long createdMs;
    private volatile int sizeBytes;

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
        this.paths = paths;
        this.file = file;
        this.baseOffset = baseOffset;
        this.sizeBytes = sizeBytes;
        this.createdMs = createdMs;
        SegmentIndexes.Files files = new SegmentIndexes.Files(store, memory, paths, () -> this.sizeBytes);
        this.indexes = new SegmentIndexes(files, file, baseOffset, empty);
        this.lookUp = new SegmentLookUp(store, file, indexes, baseOffset, sizeBytes);
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
        segment.indexes.writeFiles(false); // Tools expect the files from the beginning.
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

    SegmentIndexes indexes() {
        return indexes;
    }

    SegmentLookUp lookUp() {
        return lookUp;
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
            indexes.note(buffer, at, size, position, indexIntervalBytes);
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

    /** Prepares an existing segment for a scan of its end: whatever will be seen again is forgotten. */
    void beginRescan(OffsetIndex.Entries offsets, TimeIndex.Entries times, int newSizeBytes) {
        indexes.beginRescan(offsets, times);
        sizeBytes = newSizeBytes;
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
                || indexes.isFull(config.indexSizeBytes())
                || lastOffset - baseOffset > Integer.MAX_VALUE;
    }

    /** By the records' own time where they have one, so that old data replayed into a topic is cut into periods as it was then. */
    private long ageMs(long maxTimestamp, long nowMs) throws IOException {
        long first = indexes.firstTimestampMs();
        return first >= 0 ? maxTimestamp - first : nowMs - createdMs;
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

    /** As {@link FileStore#giveUpCache}; I/O worker. */
    void giveUpCache(long from, long dropTo, long to) {
        store.giveUpCache(file.path(), from, dropTo, to);
    }

    /** Reserves disk space beyond the end; I/O worker. */
    void reserve(long position, long sizeBytes) {
        store.reserve(file.path(), position, sizeBytes);
    }

    /** Gives back what is reserved; nobody appends. */
    void releaseReserved() throws IOException {
        store.releaseReserved(file.path());
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
        indexes.truncate(offset);
        sizeBytes = position;
        indexes.rescanTail();
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
            List<Path> before = paths.indexes();
            paths.renamedTo(LogFileNames.DELETED);
            file.rename(paths.log());
            moveIndexes(before);
        }
    }

    /** Gives all files another suffix, the {@code .log} last: where it is found under the new name, its indexes are too. */
    void renameTo(String suffix) throws IOException {
        synchronized (paths) {
            List<Path> before = paths.indexes();
            paths.renamedTo(suffix);
            moveIndexes(before);
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
        indexes.release();
        file.remove();
        for (Path index : paths.indexes()) {
            store.delete(index);
        }
    }

    /** Gives back what it holds of the process; it is not used any more. */
    void close() {
        indexes.release();
        file.closeNow();
    }

    /** The log's directory was renamed. */
    void movedTo(Path directory) {
        paths.movedTo(directory);
        file.movedTo(directory);
    }
}

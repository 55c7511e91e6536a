package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/** Adjacent segments that compaction makes one of, and that one while it is written. One thread at a time. */
final class CleanerGroup {

    private final PartitionLog log;
    private final List<Segment> replaced;
    private final Segment cleaned;
    private final CleanerScan scan;
    private final CleanerFilter filter;
    private final ByteBuffer writeBuffer;
    private final long keepTombstonesAfterMs;
    private ByteBufferOutputStream out;
    private boolean changed;

    private CleanerGroup(
            PartitionLog log,
            List<Segment> replaced,
            Segment cleaned,
            CleanerScan scan,
            CleanerFilter filter,
            ByteBuffer writeBuffer,
            long keepTombstonesAfterMs) {
        this.log = log;
        this.replaced = replaced;
        this.cleaned = cleaned;
        this.scan = scan;
        this.filter = filter;
        this.writeBuffer = writeBuffer;
        this.keepTombstonesAfterMs = keepTombstonesAfterMs;
        this.out = new ByteBufferOutputStream(writeBuffer.clear());
        this.changed = replaced.size() > 1;
    }

    /** Cuts segments into groups, none of which can become larger than a segment and its indexes may be. */
    static List<List<Segment>> of(List<Segment> segments, long endOffset, LogConfig config, FileStore store)
            throws IOException {
        List<List<Segment>> groups = new ArrayList<>();
        List<Segment> group = new ArrayList<>();
        long bytes = 0;
        long offsetIndexBytes = 0;
        long timeIndexBytes = 0;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            long lastOffset = (i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : endOffset) - 1;
            long ownOffsetIndexBytes = sizeBytes(store, segment.paths().offsetIndex());
            long ownTimeIndexBytes = sizeBytes(store, segment.paths().timeIndex());
            boolean fits = !group.isEmpty()
                    && bytes + segment.sizeBytes() <= config.segmentSizeBytes()
                    && offsetIndexBytes + ownOffsetIndexBytes <= config.indexSizeBytes()
                    && timeIndexBytes + ownTimeIndexBytes <= config.indexSizeBytes()
                    && lastOffset - group.getFirst().baseOffset() <= Integer.MAX_VALUE;
            if (!fits) {
                group = new ArrayList<>();
                groups.add(group);
                bytes = 0;
                offsetIndexBytes = 0;
                timeIndexBytes = 0;
            }
            group.add(segment);
            bytes += segment.sizeBytes();
            offsetIndexBytes += ownOffsetIndexBytes;
            timeIndexBytes += ownTimeIndexBytes;
        }
        return groups;
    }

    private static long sizeBytes(FileStore store, Path file) throws IOException {
        return store.exists(file) ? store.sizeBytes(file) : 0;
    }

    /**
     * Makes the file that a group will become.
     *
     * @param keepTombstonesAfterMs batches without a delete horizon keep tombstones in segments that were written after this time
     */
    static CleanerGroup begin(
            PartitionLog log,
            List<Segment> replaced,
            CleanerFilter filter,
            ByteBuffer readBuffer,
            ByteBuffer writeBuffer,
            long keepTombstonesAfterMs)
            throws IOException {
        Segment[] made = new Segment[1];
        whileOpen(
                log,
                () -> made[0] = Segment.createCleaned(
                        log.volume().store(),
                        log.volume().openFiles(),
                        log.directory(),
                        replaced.getFirst().baseOffset(),
                        replaced.getLast().createdMs()));
        CleanerScan scan = new CleanerScan(replaced, readBuffer);
        return new CleanerGroup(log, replaced, made[0], scan, filter, writeBuffer, keepTombstonesAfterMs);
    }

    /** Files are made, synced by name and removed only in the directory of a log that still has it. */
    static void whileOpen(PartitionLog log, PartitionLog.Change change) throws IOException {
        log.flush().whileNothingIsWritten(() -> {
            if (log.isClosed()) {
                throw new IOException(log.topicPartition() + " is closed");
            }
            change.run();
        });
    }

    List<Segment> replaced() {
        return replaced;
    }

    Segment cleaned() {
        return cleaned;
    }

    boolean isDone() {
        return scan.isDone();
    }

    /** Whether the segment is another than the only one it was made from. */
    boolean isChanged() {
        return changed;
    }

    /** Compacts the next batches; how many bytes were read and written. */
    int slice() throws IOException {
        int sizeBefore = cleaned.sizeBytes();
        int read = scan.slice((segment, batch, bytes) -> {
            changed |= filter.filter(batch, bytes, segment.createdMs() > keepTombstonesAfterMs, out);
            if (out.position() >= writeBuffer.capacity() / 2) {
                writeOut();
            }
            return true;
        });
        writeOut();
        return read + cleaned.sizeBytes() - sizeBefore;
    }

    private void writeOut() throws IOException {
        ByteBuffer batches = out.buffer().flip();
        if (cleaned.sizeBytes() > Integer.MAX_VALUE - batches.remaining()) {
            throw new CorruptLogException(cleaned.paths().log() + " would become larger than a segment can be");
        }
        cleaned.append(batches, log.config().indexIntervalBytes());
        out = new ByteBufferOutputStream(writeBuffer.clear());
    }

    /** Brings the written segment to the disk. */
    void sync(List<TransactionIndex.Aborted> abortedTransactions) throws IOException {
        for (TransactionIndex.Aborted aborted : abortedTransactions) {
            cleaned.indexes().transactions().append(aborted);
        }
        cleaned.indexes().seal();
        cleaned.sync();
        whileOpen(log, () -> cleaned.indexes().writeFiles(true));
    }

    /** Removes what was written, unless the whole directory goes anyway. */
    void discard() throws IOException {
        log.flush().whileNothingIsWritten(() -> {
            if (!log.isClosed()) {
                cleaned.remove();
            }
        });
    }
}

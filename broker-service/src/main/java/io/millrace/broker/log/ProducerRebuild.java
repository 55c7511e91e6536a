package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Builds the producer state at an offset again from the newest usable snapshot and the batches after it. Blocks on the disk. */
final class ProducerRebuild {

    /** How far back from a snapshot its producers' batches are looked for; a start reads no more of each log. */
    private static final int RECALL_BYTES = 256 << 10;

    private static final int RECALL_OFFSETS = 1 << 14;

    private ProducerRebuild() {}

    /** Offsets of a log's snapshot files. */
    static NavigableSet<Long> snapshotOffsets(FileStore store, Path directory) throws IOException {
        TreeSet<Long> offsets = new TreeSet<>();
        for (Path file : store.list(directory)) {
            long offset = LogFileNames.offsetOf(file.getFileName().toString(), LogFileNames.PRODUCER_SNAPSHOT);
            if (offset >= 0) {
                offsets.add(offset);
            }
        }
        return offsets;
    }

    static void removeSnapshotsAbove(FileStore store, Path directory, long endOffset) throws IOException {
        for (long offset : snapshotOffsets(store, directory).tailSet(endOffset, false)) {
            store.delete(LogFileNames.file(directory, offset, LogFileNames.PRODUCER_SNAPSHOT));
        }
    }

    /** After a truncation: the state at {@code endOffset}; newer snapshots are removed. */
    static void rebuild(
            FileStore store, Path directory, List<Segment> segments, long endOffset, ProducerStates producers)
            throws IOException {
        rebuild(store, directory, segments, endOffset, endOffset, Long.MAX_VALUE, producers);
    }

    /**
     * Builds the state at {@code endOffset}.
     *
     * @param snapshotUpTo newest snapshot that may be used
     * @param abortedFrom aborted transactions decided at or above this offset are put into the transaction indexes
     */
    static void rebuild(
            FileStore store,
            Path directory,
            List<Segment> segments,
            long endOffset,
            long snapshotUpTo,
            long abortedFrom,
            ProducerStates producers)
            throws IOException {
        producers.clear();
        // One that may not be used may be of records that were cut off: its removal was lost with the power.
        removeSnapshotsAbove(store, directory, Math.min(endOffset, snapshotUpTo));
        long from = loadSnapshot(store, directory, segments, snapshotUpTo, producers);
        recall(segments, from, producers);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            long segmentEnd = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : endOffset;
            if (segmentEnd > from && segment.sizeBytes() > 0) {
                replay(segment, from, endOffset, abortedFrom, producers);
            }
        }
    }

    /** Makes the transaction index of one segment again: who began what is in a snapshot, or in the segments, before it. */
    static void rebuildTransactionIndex(
            FileStore store, Path directory, List<Segment> segments, long endOffset, long snapshotUpTo, Segment rebuilt)
            throws IOException {
        ProducerStates producers = new ProducerStates();
        long base = rebuilt.baseOffset();
        long from = loadSnapshot(store, directory, segments, Math.min(snapshotUpTo, base), producers);
        rebuilt.indexes().transactions().clear();
        for (Segment segment : segments) {
            if (segment.sizeBytes() > 0 && segment.baseOffset() <= base) {
                replay(segment, from, endOffset, base, producers);
            }
        }
        try {
            rebuilt.indexes().transactions().writeFile();
        } catch (IOException e) {
            if (!Volume.isNoSpace(e)) {
                throw e;
            }
            LogEvents.LOG.warn(
                    "{}: no space to write the rebuilt index; it is kept in memory",
                    rebuilt.paths().transactionIndex());
        }
    }

    private static long loadSnapshot(
            FileStore store, Path directory, List<Segment> segments, long snapshotUpTo, ProducerStates producers)
            throws IOException {
        for (long offset : snapshotOffsets(store, directory).descendingSet()) {
            Path file = LogFileNames.file(directory, offset, LogFileNames.PRODUCER_SNAPSHOT);
            if (offset < segments.getFirst().baseOffset()) {
                break; // Batches between it and the first segment are gone: it would know only older sequences.
            } else if (offset <= snapshotUpTo) {
                List<Producer> snapshot = ProducerSnapshots.read(store, file);
                if (snapshot != null) {
                    producers.load(snapshot, offset);
                    return offset;
                }
                LogEvents.LOG.warn("{} is damaged; an older snapshot is used", file);
                store.delete(file);
            }
        }
        return segments.getFirst().baseOffset();
    }

    /**
     * A snapshot has only the last batch of each producer (Kafka's format), but a producer may repeat any of its last five; were the
     * others unknown, it would be told that its sequence is out of order, and would write them a second time. So they are looked up in
     * the log, where they lie just before the snapshot.
     */
    private static void recall(List<Segment> segments, long snapshotOffset, ProducerStates producers)
            throws IOException {
        int budgetBytes = producers.producers().isEmpty() ? 0 : RECALL_BYTES;
        for (int i = segments.size() - 1; i >= 0 && budgetBytes > 0; i--) {
            Segment segment = segments.get(i);
            if (segment.baseOffset() < snapshotOffset && segment.sizeBytes() > 0) {
                SegmentLookUp.BatchPosition end = segment.lookUp().locate(snapshotOffset, segment.sizeBytes());
                int endPosition = end == null ? segment.sizeBytes() : end.position();
                int position = positionBefore(
                        segment, Math.min(snapshotOffset, endOffset(segments, i)), endPosition, budgetBytes);
                recall(segment, position, endPosition, producers);
                budgetBytes = position > 0 ? 0 : budgetBytes - endPosition;
            }
        }
    }

    private static long endOffset(List<Segment> segments, int index) {
        return index + 1 < segments.size() ? segments.get(index + 1).baseOffset() : Long.MAX_VALUE;
    }

    /** Where a batch begins that is no more than so many bytes before {@code endPosition}, which is that of {@code endOffset}. */
    private static int positionBefore(Segment segment, long endOffset, int endPosition, int bytes) throws IOException {
        if (endPosition <= bytes) {
            return 0;
        }
        for (long offsets = RECALL_OFFSETS; offsets > 0; offsets /= 4) {
            SegmentLookUp.BatchPosition begin =
                    segment.lookUp().locate(Math.max(segment.baseOffset(), endOffset - offsets), segment.sizeBytes());
            if (begin != null && endPosition - begin.position() <= bytes) {
                return begin.position();
            }
        }
        return endPosition;
    }

    private static void recall(Segment segment, int position, int endPosition, ProducerStates producers)
            throws IOException {
        Deque<Producer.Batch> batches = new ArrayDeque<>();
        FileChannel channel = segment.file().acquire();
        try {
            SegmentScan.scan(channel, position, endPosition, false, (buffer, at, size, where) -> {
                if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2
                        && BatchLayout.producerId(buffer, at) >= 0
                        && !BatchLayout.isControl(buffer, at)) {
                    batches.push(Producer.Batch.of(buffer, at, size));
                }
                return true;
            });
        } finally {
            segment.file().release();
        }
        batches.forEach(producers::recall); // the newest first
    }

    private static void replay(Segment segment, long from, long endOffset, long abortedFrom, ProducerStates producers)
            throws IOException {
        SegmentLookUp.BatchPosition first = segment.lookUp().locate(from, segment.sizeBytes());
        if (first == null) {
            return;
        }
        FileChannel channel = segment.file().acquire();
        try {
            SegmentScan.scan(channel, first.position(), segment.sizeBytes(), false, (buffer, at, size, position) -> {
                if (BatchLayout.baseOffset(buffer, at) >= endOffset) {
                    return false;
                }
                if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2
                        && BatchLayout.producerId(buffer, at) >= 0) {
                    ProducerStates.Decided decided = producers.apply(buffer, at, size);
                    if (decided != null && decided.aborted() && decided.lastOffset() >= abortedFrom) {
                        segment.indexes()
                                .transactions()
                                .append(new TransactionIndex.Aborted(
                                        decided.producerId(),
                                        decided.firstOffset(),
                                        decided.lastOffset(),
                                        producers.lastStableOffsetAfter(decided)));
                    }
                }
                return true;
            });
        } finally {
            segment.file().release();
        }
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Builds the producer state at an offset again from the newest usable snapshot and the batches after it. Blocks on the disk. */
final class ProducerRebuild {

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
        long from = loadSnapshot(store, directory, segments, endOffset, snapshotUpTo, producers);
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            long segmentEnd = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : endOffset;
            if (segmentEnd > from && segment.sizeBytes() > 0) {
                replay(segment, from, endOffset, abortedFrom, producers);
            }
        }
    }

    private static long loadSnapshot(
            FileStore store,
            Path directory,
            List<Segment> segments,
            long endOffset,
            long snapshotUpTo,
            ProducerStates producers)
            throws IOException {
        removeSnapshotsAbove(store, directory, endOffset);
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

    private static void replay(Segment segment, long from, long endOffset, long abortedFrom, ProducerStates producers)
            throws IOException {
        Segment.BatchPosition first = segment.locate(from, segment.sizeBytes());
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
                        segment.transactionIndex()
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

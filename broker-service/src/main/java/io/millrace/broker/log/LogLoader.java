package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Opens one log from its directory, recovering it if it was not closed: only bytes past the recovery point are verified; what is torn
 * there is cut off, and indexes, leader epochs and producer state are brought up to the end of what is left. Bytes below the recovery
 * point that are no batches any more are damage: then nothing is changed and the log is offline. One thread per log; blocks.
 */
final class LogLoader {

    /**
     * What the checkpoint files say of a log, and how the broker had ended.
     *
     * @param gapsAreLossesFrom where power was lost, the offset from which segments that were written follow one another without a gap:
     *     compaction has not been there; {@link Long#MAX_VALUE} where power was not lost, or nobody can tell
     * @param clean the log was closed: all files are complete and consistent
     * @param samePageCache the machine has not restarted since: every completed write is there, only the last may be torn
     */
    record Known(
            long recoveryPoint,
            long gapsAreLossesFrom,
            long logStartOffset,
            long highWatermark,
            boolean clean,
            boolean samePageCache) {

        /** Nothing is known of a log that is made now. */
        static final Known NEW = new Known(0, Long.MAX_VALUE, 0, 0, true, true);
    }

    /** What the loader found. */
    record Loaded(
            List<Segment> segments,
            LeaderEpochs epochs,
            ProducerStates producers,
            long logStartOffset,
            long highWatermark,
            long logEndOffset,
            long recoveryPoint,
            @Nullable String damage) {}

    private final Volume volume;
    private final FileStore store;
    private final Path directory;
    private final TopicPartition partition;
    private final LogConfig config;
    private final Known known;
    private final List<Segment> segments = new ArrayList<>();
    private final ProducerStates producers = new ProducerStates();
    private LeaderEpochs epochs = new LeaderEpochs(List.of());
    /** Segments with a transaction index that cannot be right; most logs have none. */
    private final List<Segment> withoutTransactions = new ArrayList<>();

    private @Nullable String damage;
    private long logEndOffset;

    private LogLoader(Volume volume, Path directory, TopicPartition partition, LogConfig config, Known known) {
        this.volume = volume;
        this.store = volume.store();
        this.directory = directory;
        this.partition = partition;
        this.config = config;
        this.known = known;
    }

    /** Makes the directory and an empty log in it. */
    static PartitionLog create(
            Volume volume, Path directory, TopicPartition partition, Uuid topicId, EventLoop loop, LogConfig config)
            throws IOException {
        FileStore store = volume.store();
        store.createDirectories(directory);
        PartitionMetadataFile.write(store, directory, topicId);
        Segment first = Segment.create(
                store,
                volume.openFiles(),
                directory,
                0,
                volume.clock().wallClockMs(),
                config.preallocate() ? config.segmentSizeBytes() : 0);
        PartitionLog log = new PartitionLog(
                partition,
                topicId,
                loop,
                volume,
                directory,
                config,
                new Loaded(List.of(first), new LeaderEpochs(List.of()), new ProducerStates(), 0, 0, 0, 0, null));
        log.flush().directoryChanged();
        return log;
    }

    /** Opens a log that lies on disk. */
    static PartitionLog load(
            Volume volume,
            Path directory,
            TopicPartition partition,
            Uuid topicId,
            EventLoop loop,
            LogConfig config,
            Known known)
            throws IOException {
        LogLoader loader = new LogLoader(volume, directory, partition, config, known);
        Loaded loaded = loader.load();
        PartitionLog log = new PartitionLog(partition, topicId, loop, volume, directory, config, loaded);
        log.flush().directoryChanged(); // Recovery may have made or renamed files.
        log.flush().snapshotFilesFound(List.copyOf(ProducerRebuild.snapshotOffsets(volume.store(), directory)));
        return log;
    }

    private Loaded load() throws IOException {
        SwapFiles.complete(store, directory);
        findSegments();
        epochs = LeaderEpochs.read(store, directory);
        boolean epochsLost = epochs.damaged()
                || (epochs.starts().isEmpty() && segments.stream().anyMatch(s -> s.sizeBytes() > 0));
        long recoveryPoint = known.recoveryPoint;
        // Nothing was flushed: the epochs' file was never written, and recovery has seen every batch.
        boolean sawEverything =
                !known.clean && recoveryPoint <= segments.getFirst().baseOffset();
        if (known.clean) {
            openActive();
        } else {
            recoverFrom(recoveryPoint);
        }
        releaseSpaceAhead();
        long logStart = Math.max(known.logStartOffset, segments.getFirst().baseOffset());
        if (damage == null && logStart > logEndOffset) {
            restartAt(logStart);
        }
        logStart = Math.min(logStart, logEndOffset);
        if (damage == null) {
            // A start that is older than the file means that a deletion was forgotten in the crash; its epochs are
            // found again.
            boolean olderThanEpochs =
                    !epochs.starts().isEmpty() && epochs.starts().getFirst().startOffset() > logStart;
            if (!sawEverything && (epochsLost || olderThanEpochs)) {
                rebuildEpochs();
            }
            epochs.truncateFromEnd(logEndOffset);
            epochs.truncateFromStart(logStart);
            long snapshotUpTo = known.clean ? logEndOffset : Math.min(recoveryPoint, logEndOffset);
            ProducerRebuild.rebuild(
                    store,
                    directory,
                    segments,
                    logEndOffset,
                    snapshotUpTo,
                    known.clean ? Long.MAX_VALUE : recoveryPoint,
                    producers);
            withoutTransactions.retainAll(segments);
            for (Segment segment : withoutTransactions) {
                LogEvents.LOG.warn(
                        "{}: damaged; it is made again from the log",
                        segment.paths().transactionIndex());
                ProducerRebuild.rebuildTransactionIndex(
                        store, directory, segments, logEndOffset, snapshotUpTo, segment);
            }
        }
        long highWatermark = Math.max(logStart, Math.min(known.highWatermark, logEndOffset));
        return new Loaded(
                segments,
                epochs,
                producers,
                logStart,
                highWatermark,
                logEndOffset,
                Math.min(Math.max(recoveryPoint, segments.getFirst().baseOffset()), logEndOffset),
                damage);
    }

    /** Lists the directory once: segments, and leftovers that are removed. */
    private void findSegments() throws IOException {
        TreeSet<Long> bases = new TreeSet<>();
        List<Path> indexes = new ArrayList<>();
        for (Path file : store.list(directory)) {
            String name = file.getFileName().toString();
            long base = LogFileNames.offsetOf(name, LogFileNames.LOG);
            if (base >= 0) {
                bases.add(base);
            } else if (name.endsWith(LogFileNames.DELETED)
                    || name.endsWith(LogFileNames.CLEANED)
                    || name.endsWith(".tmp")) {
                store.delete(file);
            } else if (isIndex(name)) {
                indexes.add(file);
            }
        }
        for (Path index : indexes) {
            if (!bases.contains(Long.parseLong(index.getFileName().toString().substring(0, 20)))) {
                store.delete(index);
            }
        }
        for (long base : bases) {
            Path file = LogFileNames.file(directory, base, LogFileNames.LOG);
            Segment segment = Segment.existing(
                    store,
                    volume.openFiles(),
                    directory,
                    base,
                    Math.toIntExact(store.sizeBytes(file)),
                    store.lastModifiedMs(file));
            segments.add(segment);
            Path transactions = segment.paths().transactionIndex();
            if (indexes.contains(transactions) && segment.sizeBytes() == 0) {
                segment.indexes().transactions().clear(); // What it says was cut off before the crash.
            } else if (indexes.contains(transactions) && !TransactionIndex.isWhole(store, transactions, base)) {
                withoutTransactions.add(segment);
            }
        }
        if (segments.isEmpty()) {
            addSegment(known.logStartOffset);
        }
    }

    private static boolean isIndex(String name) {
        return LogFileNames.offsetOf(name, LogFileNames.OFFSET_INDEX) >= 0
                || LogFileNames.offsetOf(name, LogFileNames.TIME_INDEX) >= 0
                || LogFileNames.offsetOf(name, LogFileNames.TRANSACTION_INDEX) >= 0;
    }

    private void addSegment(long base) throws IOException {
        segments.add(Segment.create(
                store, volume.openFiles(), directory, base, volume.clock().wallClockMs(), 0));
    }

    private void restartAt(long offset) throws IOException {
        LogEvents.LOG.warn(
                "{}: the log ends at {}, before its start {}; it begins anew there", partition, logEndOffset, offset);
        List<Segment> old = List.copyOf(segments);
        segments.clear();
        epochs.clear();
        addSegment(offset);
        store.syncDirectory(directory); // Were power to take the old and the new, offsets would be given out again.
        for (Segment segment : old) {
            segment.renameForDeletion();
            segment.remove();
        }
        logEndOffset = offset;
    }

    /** The log was closed in order: only its end is looked at. */
    private void openActive() throws IOException {
        Segment active = segments.getLast();
        logEndOffset = active.baseOffset();
        if (active.sizeBytes() == 0) {
            return;
        }
        int from = active.indexes().offsets().lastPosition();
        SegmentScan.Result result = walk(active, from, false);
        if (result.problem() != null && from > 0) {
            // The index points into nowhere: it is not this segment's.
            rescan(active, 0, false);
        } else if (result.problem() != null) {
            damaged(active, result);
        } else {
            active.indexes().rescanTail();
        }
    }

    /** What an earlier process had reserved and not given back. */
    private void releaseSpaceAhead() throws IOException {
        Segment active = segments.getLast();
        if (active.sizeBytes() >= SpaceAhead.FAST_BYTES) {
            active.releaseReserved();
        }
    }

    private SegmentScan.Result walk(Segment segment, int from, boolean verify) throws IOException {
        FileChannel channel = segment.file().acquire();
        try {
            return SegmentScan.scan(channel, from, segment.sizeBytes(), verify, (buffer, at, size, position) -> {
                logEndOffset = BatchLayout.lastOffset(buffer, at) + 1;
                return true;
            });
        } finally {
            segment.file().release();
        }
    }

    private void recoverFrom(long recoveryPoint) throws IOException {
        int first = 0;
        // A segment that was rolled exactly there has got its last time index entry since.
        while (first + 1 < segments.size() && segments.get(first + 1).baseOffset() < recoveryPoint) {
            first++;
        }
        for (int i = first; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (i > first && isTailLostBefore(segment, recoveryPoint)) {
                cut(
                        i - 1,
                        segments.get(i - 1).sizeBytes(),
                        "no batch before offset " + segment.baseOffset() + ", where the next segment begins");
                segments.getLast().indexes().transactions().truncate(Math.min(recoveryPoint, logEndOffset));
                return;
            }
            SegmentScan.Result result = rescan(segment, recoveryPoint, true);
            if (result.problem() == null) {
                if (i + 1 < segments.size()) {
                    segment.indexes().seal();
                }
                segment.indexes().transactions().truncate(recoveryPoint);
                continue;
            }
            boolean flushedBefore = logEndOffset < recoveryPoint;
            boolean notTorn = known.samePageCache && result.withinFile();
            if (flushedBefore || notTorn) {
                damaged(segment, result);
                return;
            }
            cut(i, result.endPosition(), String.valueOf(result.problem()));
            segment.indexes().transactions().truncate(Math.min(recoveryPoint, logEndOffset));
            return;
        }
    }

    /** Walks a segment from its last trustworthy index entry below an offset to its end, rebuilding what is kept about it. */
    private SegmentScan.Result rescan(Segment segment, long trustBelow, boolean verify) throws IOException {
        int fileSize = segment.sizeBytes();
        OffsetIndex.Entries offsets = new OffsetIndex.Entries(
                OffsetIndex.read(store, segment.paths().offsetIndex(), fileSize).content());
        IndexFile.Found foundTimes = TimeIndex.read(store, segment.paths().timeIndex());
        TimeIndex.Entries times = new TimeIndex.Entries(foundTimes.content());
        logEndOffset = segment.baseOffset();
        segment.beginRescan(OffsetIndex.Entries.NONE, TimeIndex.Entries.NONE, fileSize);
        int from = 0;
        // Beyond a damaged place of the time index nobody knows what the newest timestamp is. Where it goes on longer
        // than
        // the offset index, what looks like entries is none.
        long knownUpTo = foundTimes.whole() ? Long.MAX_VALUE : times.lastRelativeOffset();
        if (!foundTimes.whole() && offsets.floor(knownUpTo - 1) == offsets.floor(Long.MAX_VALUE)) {
            knownUpTo = -1;
        }
        int last = offsets.floor(Math.min(trustBelow - 1 - segment.baseOffset(), knownUpTo));
        if (last >= 0 && pointsToBatch(segment, offsets, last)) {
            from = offsets.position(last);
            segment.beginRescan(offsets.upTo(last + 1), times.upTo(offsets.relativeOffset(last)), fileSize);
        }
        FileChannel channel = segment.file().acquire();
        try {
            SegmentScan.Result result =
                    SegmentScan.scan(channel, from, fileSize, verify, (buffer, at, size, position) -> {
                        note(segment, buffer, at, size, position);
                        return true;
                    });
            return result;
        } finally {
            segment.file().release();
        }
    }

    private void note(Segment segment, ByteBuffer buffer, int at, int size, int position) throws IOException {
        long baseOffset = BatchLayout.baseOffset(buffer, at);
        if (BatchLayout.lastOffset(buffer, at) < segment.baseOffset()) {
            throw new CorruptLogException(segment.paths().log() + ": offset " + baseOffset + " at position " + position
                    + " is below the segment's base offset");
        }
        segment.indexes().note(buffer, at, size, position, config.indexIntervalBytes());
        if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2
                && BatchLayout.leaderEpoch(buffer, at) != epochs.epochOf(baseOffset)) {
            epochs.truncateFromEnd(baseOffset); // What the file says beyond here was written before a truncation.
            epochs.assign(BatchLayout.leaderEpoch(buffer, at), baseOffset);
        }
        logEndOffset = BatchLayout.lastOffset(buffer, at) + 1;
    }

    private boolean pointsToBatch(Segment segment, OffsetIndex.Entries offsets, int entry) throws IOException {
        int position = offsets.position(entry);
        FileChannel channel = segment.file().acquire();
        try {
            boolean[] matches = new boolean[1];
            CRC32C crc = new CRC32C();
            SegmentScan.scan(channel, position, segment.sizeBytes(), false, (buffer, at, size, where) -> {
                matches[0] = BatchLayout.lastOffset(buffer, at) == segment.baseOffset() + offsets.relativeOffset(entry)
                        && BatchLayout.isIntact(buffer, at, size, crc);
                return false;
            });
            return matches[0];
        } finally {
            segment.file().release();
        }
    }

    /**
     * Whether the records just before a segment are missing: power went, and the file before was not on disk as far as it had been
     * written, while this one was there.
     */
    private boolean isTailLostBefore(Segment segment, long recoveryPoint) {
        return segment.baseOffset() > known.gapsAreLossesFrom
                && logEndOffset >= recoveryPoint
                && logEndOffset < segment.baseOffset();
    }

    private void cut(int i, int endPosition, String problem) throws IOException {
        Segment segment = segments.get(i);
        int lost = segment.sizeBytes() - endPosition;
        LogEvents.LOG.warn(
                "{}: {} past the recovery point: {} at position {}, after offset {}; cutting off {} bytes and {} later segments",
                partition,
                segment.paths().log(),
                problem,
                endPosition,
                logEndOffset - 1,
                lost,
                segments.size() - i - 1);
        FileChannel channel = segment.file().acquire();
        try {
            channel.truncate(endPosition);
            channel.force(true); // As for any truncation: what was cut must not come back behind new batches.
        } finally {
            segment.file().release();
        }
        segment.setSizeBytes(endPosition);
        while (segments.size() > i + 1) {
            Segment later = segments.removeLast();
            later.renameForDeletion();
            later.remove();
        }
        store.syncDirectory(directory);
    }

    private void damaged(Segment segment, SegmentScan.Result result) {
        damage = segment.paths().log() + " at position " + result.endPosition() + ", after offset " + (logEndOffset - 1)
                + ": " + result.problem();
        LogEvents.LOG.error(
                "{} is offline, its log is damaged: {}. Nothing was removed; restore the file, or delete the directory {} so that the replica is copied again.",
                partition,
                damage,
                directory);
    }

    private void rebuildEpochs() throws IOException {
        LogEvents.LOG.warn("{}: rebuilding leader epochs from the log", partition);
        epochs.clear();
        for (Segment segment : segments) {
            FileChannel channel = segment.file().acquire();
            try {
                SegmentScan.scan(channel, 0, segment.sizeBytes(), false, (buffer, at, size, position) -> {
                    if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2) {
                        epochs.assign(BatchLayout.leaderEpoch(buffer, at), BatchLayout.baseOffset(buffer, at));
                    }
                    return true;
                });
            } finally {
                segment.file().release();
            }
        }
    }
}

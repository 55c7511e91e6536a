package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The log of one partition: segments with their indexes, leader epochs and producer state, in Kafka 4's on-disk layout.
 *
 * <p>Methods that change the log run on its event loop only. {@link #snapshot()}, {@link #read} and the look-ups may be called on any
 * thread; they see what had been published by the last change.
 */
public final class PartitionLog {

    /** Which offset a timestamp leads to: the first record at or after it. {@code leaderEpoch} is -1 where it is not known. */
    public record TimestampOffset(long timestampMs, long offset, int leaderEpoch) {}

    /** The end of a leader epoch; both -1 when the log does not know an epoch at or below the asked one. */
    public record EpochEnd(int leaderEpoch, long endOffsetExclusive) {}

    /** Waits for records to be on disk. */
    @FunctionalInterface
    public interface FlushListener {
        /** NONE when they are on disk; KAFKA_STORAGE_ERROR when the disk failed, and they may or may not be. On the log's loop. */
        void flushed(Errors error);
    }

    private final TopicPartition topicPartition;
    private final Uuid topicId;
    private final EventLoop loop;
    private final LeaderEpochs epochs;
    private final ProducerStates producers;
    private final BatchCheck batchCheck;
    private final LeaderBatches batches;
    private final ViewReader reader = new ViewReader(this);
    private final LogFlush flush;
    private final Compaction compaction = new Compaction(this);
    private final String name;

    private volatile Volume volume;
    private volatile Path directory;
    private volatile LogConfig config;
    private volatile LogView view;
    private volatile @Nullable String offlineReason;
    private volatile boolean closed;
    private volatile boolean cutting;

    private long logStartOffset;
    private long highWatermark;
    private long logEndOffset;
    private long segmentJitterMs;
    private int generation;

    PartitionLog(
            TopicPartition topicPartition,
            Uuid topicId,
            EventLoop loop,
            Volume volume,
            Path directory,
            LogConfig config,
            LogLoader.Loaded loaded) {
        this.topicPartition = topicPartition;
        this.topicId = topicId;
        this.loop = loop;
        this.volume = volume;
        this.directory = directory;
        this.config = config;
        this.epochs = loaded.epochs();
        this.producers = loaded.producers();
        this.logStartOffset = loaded.logStartOffset();
        this.highWatermark = loaded.highWatermark();
        this.logEndOffset = loaded.logEndOffset();
        this.offlineReason = loaded.damage();
        this.name = topicPartition.toString();
        this.batchCheck = new BatchCheck(name);
        this.batches = new LeaderBatches(name, producers, batchCheck);
        this.flush = new LogFlush(this, loaded.recoveryPoint());
        producers.highWatermarkAdvanced(highWatermark);
        this.view = new LogView(
                snapshotNow(),
                loaded.segments().toArray(Segment[]::new),
                loaded.segments().getLast().sizeBytes(),
                0);
        newJitter();
    }

    public TopicPartition topicPartition() {
        return topicPartition;
    }

    public Uuid topicId() {
        return topicId;
    }

    public EventLoop loop() {
        return loop;
    }

    public LogSnapshot snapshot() {
        return view.snapshot();
    }

    public LogConfig config() {
        return config;
    }

    /** Why the log cannot be used: its directory is offline or the log is damaged; null when it can. Any thread. */
    public @Nullable String offlineReason() {
        String reason = offlineReason;
        return reason != null ? reason : volume.offlineReason();
    }

    /**
     * Appends a producer's or coordinator's batches: checks them, assigns offsets and {@code leaderEpoch} in place (the buffer is
     * changed), writes them in one call. {@code records} is not kept.
     */
    public AppendResult appendAsLeader(MemoryRecords records, int leaderEpoch, AppendOrigin origin) {
        AppendResult.Rejected refusal = refusal(origin);
        if (refusal != null) {
            return refusal;
        }
        LogConfig settings = config;
        long nowMs = volume.clock().wallClockMs();
        AppendResult answer = batches.check(records.buffer(), settings, origin, logStartOffset, nowMs);
        if (answer != null) {
            batches.forget();
            return answer;
        }
        ByteBuffer buffer = batches.buffer();
        boolean appendTime = settings.timestampType() == TimestampType.LOG_APPEND_TIME;
        batches.assign(logEndOffset, leaderEpoch, appendTime ? nowMs : RecordBatch.NO_TIMESTAMP);
        batches.forget();
        long baseOffset = logEndOffset;
        int start = buffer.position();
        try {
            write(buffer, baseOffset, baseOffset + batchCheck.records(), batchCheck.maxTimestampMs(), nowMs);
        } catch (IOException e) {
            return writeFailed(e);
        }
        return new AppendResult.Appended(
                baseOffset,
                logEndOffset,
                appendTime ? nowMs : RecordBatch.NO_TIMESTAMP,
                logStartOffset,
                flush.afterAppend(settings, buffer.limit() - start));
    }

    /**
     * Appends batches as a leader sent them, offsets and epochs included. They must begin at the log end offset or after it; a last
     * batch that was cut off by the fetch's size is left out.
     */
    public AppendResult appendAsFollower(MemoryRecords records) {
        AppendResult.Rejected refusal = refusal(AppendOrigin.REPLICATION);
        if (refusal != null) {
            return refusal;
        }
        ByteBuffer buffer = records.buffer();
        FollowerCheck check = FollowerCheck.check(buffer, name, logEndOffset, batchCheck.crc());
        if (check.rejected() != null) {
            return check.rejected();
        }
        if (check.endPosition() == buffer.position()) {
            return new AppendResult.Appended(logEndOffset, logEndOffset, RecordBatch.NO_TIMESTAMP, logStartOffset);
        }
        buffer.limit(check.endPosition());
        long nowMs = volume.clock().wallClockMs();
        long baseOffset = check.baseOffset();
        int start = buffer.position();
        try {
            write(buffer, baseOffset, check.endOffsetExclusive(), check.maxTimestampMs(), nowMs);
        } catch (IOException e) {
            return writeFailed(e);
        }
        return new AppendResult.Appended(
                baseOffset,
                logEndOffset,
                RecordBatch.NO_TIMESTAMP,
                logStartOffset,
                flush.afterAppend(config, buffer.limit() - start));
    }

    /** Writes checked batches with their final offsets and takes them into everything that is kept about them. */
    private void write(ByteBuffer buffer, long baseOffset, long endOffset, long maxTimestampMs, long nowMs)
            throws IOException {
        int start = buffer.position();
        Segment active = view.active();
        if (active.mustRoll(config, segmentJitterMs, buffer.remaining(), endOffset - 1, maxTimestampMs, nowMs)) {
            roll(Math.max(baseOffset, logEndOffset), nowMs);
            active = view.active();
        }
        active.append(buffer, config.indexIntervalBytes());
        for (int at = start; at < buffer.limit(); ) {
            int size = (int) BatchLayout.sizeBytes(buffer, at);
            if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2) {
                epochs.assign(BatchLayout.leaderEpoch(buffer, at), BatchLayout.baseOffset(buffer, at));
                if (BatchLayout.producerId(buffer, at) >= 0) {
                    producers.apply(buffer, at, size, active.transactionIndex());
                }
            }
            at += size;
        }
        logEndOffset = endOffset;
        publish(view.segments());
    }

    private void roll(long baseOffset, long nowMs) throws IOException {
        Segment sealed = view.active();
        LogConfig settings = config;
        Segment next = Segment.create(
                volume.store(),
                volume.openFiles(),
                directory,
                baseOffset,
                nowMs,
                settings.preallocate() ? settings.segmentSizeBytes() : 0);
        sealed.seal();
        sealed.trim();
        Segment[] segments = Arrays.copyOf(view.segments(), view.segments().length + 1);
        segments[segments.length - 1] = next;
        newJitter();
        publish(segments);
        flush.rolled(sealed, logEndOffset);
    }

    private void newJitter() {
        long most = Math.min(config.segmentJitterMs(), config.segmentMs());
        // Spread by name: reproducible, and different for the partitions of a topic.
        segmentJitterMs = most <= 0 ? 0 : Math.floorMod((name.hashCode() * 31L + generation) * 0x9E3779B97F4AL, most);
    }

    private AppendResult.@Nullable Rejected refusal(AppendOrigin origin) {
        String reason = offlineReason();
        if (reason == null && closed) {
            reason = "the log is closed";
        }
        if (reason == null && volume.isFull() && origin != AppendOrigin.COORDINATOR) {
            reason = "log directory " + volume.path() + " is full; free space or lower retention";
        }
        return reason == null
                ? null
                : new AppendResult.Rejected(Errors.KAFKA_STORAGE_ERROR, name + ": " + reason, List.of());
    }

    private AppendResult.Rejected writeFailed(IOException e) {
        failed("appending to", e);
        return new AppendResult.Rejected(
                Errors.KAFKA_STORAGE_ERROR, name + ": the records could not be written: " + e.getMessage(), List.of());
    }

    /**
     * Reads whole batches from the one that contains {@code offset} up to {@code endOffsetExclusive} and about {@code maxBytes}.
     *
     * @param atLeastOneBatch return the first batch even if it is larger than {@code maxBytes}
     * @param aborted also list the aborted transactions in the range
     * @throws OffsetOutOfRangeException {@code offset} is below the log start or above the log end
     * @throws KafkaStorageException the log cannot be read
     */
    public LogRead read(long offset, int maxBytes, long endOffsetExclusive, boolean atLeastOneBatch, boolean aborted) {
        return reader.read(offset, maxBytes, endOffsetExclusive, atLeastOneBatch, aborted);
    }

    /** The first record with a timestamp at or after {@code timestampMs}; null when there is none. May read cold data: I/O worker. */
    public @Nullable TimestampOffset offsetForTimestamp(long timestampMs) {
        return reader.reading(current -> LogReader.forTimestamp(current, timestampMs));
    }

    /** The first record that carries the greatest timestamp of the log; null for an empty log. I/O worker. */
    public @Nullable TimestampOffset offsetOfMaxTimestamp() {
        return reader.reading(LogReader::ofMaxTimestamp);
    }

    /** Takes this log out of service. Any thread. */
    void damaged(String what) {
        offlineReason = "the log is damaged: " + what;
        LogEvents.LOG.error(
                "Partition {} is offline: {}. Nothing was removed; restore the file, or delete the replica's directory {} so that it is copied again.",
                name,
                what,
                directory);
    }

    /** Where {@code leaderEpoch}, or the greatest known epoch below it, ends (KIP-101, KIP-320). */
    public EpochEnd endOfEpoch(int leaderEpoch) {
        return epochs.endOf(leaderEpoch, view.snapshot().logEndOffset());
    }

    /** The leader epoch that {@code offset} was, or would be, written in; -1 when it is not known. */
    public int epochOf(long offset) {
        return epochs.epochOf(offset);
    }

    /** Notes that {@code leaderEpoch} begins at the log end offset. */
    public void beginEpoch(int leaderEpoch) {
        epochs.assign(leaderEpoch, logEndOffset);
        publish(view.segments());
    }

    /** Moves the high watermark; never above the log end offset, and back only by truncation. */
    public void advanceHighWatermark(long newHighWatermark) {
        long bounded = Math.min(newHighWatermark, logEndOffset);
        if (bounded > highWatermark) {
            highWatermark = bounded;
            producers.highWatermarkAdvanced(bounded);
            publish(view.segments());
        }
    }

    /** Cuts off all records at and above {@code offset}. */
    public void truncateTo(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException(name + ": cannot truncate to offset " + offset);
        }
        if (offset >= logEndOffset) {
            epochs.truncateFromEnd(offset);
            publish(view.segments());
            return;
        }
        if (offset < view.segments()[0].baseOffset()) {
            truncateFullyAndStartAt(offset);
            return;
        }
        changing("truncating", () -> {
            LogView current = view;
            int last = current.floor(offset);
            Segment active = current.segments()[last];
            Segment.BatchPosition first = active.locate(offset, current.sizeBytes(last));
            int position = first == null ? current.sizeBytes(last) : first.position();
            flush.truncating(offset, active.endOffsetBefore(offset, position));
            List<Segment> dropped =
                    List.of(Arrays.copyOfRange(current.segments(), last + 1, current.segments().length));
            renameDurably(dropped);
            generation++;
            cutting = true;
            active.truncate(position, offset);
            epochs.truncateFromEnd(offset);
            logEndOffset = offset;
            highWatermark = Math.min(highWatermark, offset);
            logStartOffset = Math.min(logStartOffset, offset);
            publish(Arrays.copyOf(current.segments(), last + 1));
            cutting = false;
            volume.removeLater(dropped, config.fileDeleteDelayMs());
            flush.truncated(offset);
            restoreProducers(offset);
        });
    }

    private void restoreProducers(long offset) throws IOException {
        // What they say of the records that were cut off must not be taken for the records that come instead.
        ProducerRebuild.removeSnapshotsAbove(volume.store(), directory, offset);
        flush.directoryChanged();
        if (producers.lastChangeOffset() < offset) {
            return; // No producer's batch was cut off.
        }
        ProducerRebuild.rebuild(volume.store(), directory, List.of(view.segments()), offset, producers);
        producers.highWatermarkAdvanced(highWatermark);
        publish(view.segments());
    }

    /** Drops all records and starts again, empty, at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        changing("truncating", () -> {
            long end = Math.min(offset, view.segments()[0].baseOffset());
            flush.truncating(end, end);
            List<Segment> dropped = List.of(view.segments());
            renameDurably(dropped);
            Segment empty = Segment.create(
                    volume.store(),
                    volume.openFiles(),
                    directory,
                    offset,
                    volume.clock().wallClockMs(),
                    0);
            generation++;
            epochs.clear();
            producers.clear();
            logStartOffset = offset;
            highWatermark = offset;
            logEndOffset = offset;
            publish(new Segment[] {empty});
            volume.removeLater(dropped, config.fileDeleteDelayMs());
            flush.restarted(offset);
        });
    }

    /**
     * Moves the log start offset up to {@code offset} (delete-records); segments wholly below it go away in the background.
     *
     * @throws OffsetOutOfRangeException {@code offset} is above the high watermark
     */
    public void advanceLogStart(long offset) {
        if (offset > highWatermark) {
            throw new OffsetOutOfRangeException(name + ": the log start cannot move to offset " + offset
                    + ", above the high watermark " + highWatermark);
        }
        if (offset > logStartOffset) {
            logStartOffset = offset;
            epochs.truncateFromStart(offset);
            publish(view.segments());
            volume.checkpointSoon();
            if (view.segments().length > 1 && view.segments()[1].baseOffset() <= offset) {
                dropSegmentsBelow(offset, "log start offset");
            }
        }
    }

    /**
     * Drops leading segments whose records are all below an offset; moves the log start if need be. The high watermark must have
     * passed it. A log whose active segment is dropped continues with an empty one.
     */
    void dropSegmentsBelow(long offset, String reason) {
        if (offset > highWatermark || closed) {
            return;
        }
        changing("deleting old segments", () -> {
            if (offset >= logEndOffset && view.active().sizeBytes() > 0) {
                roll(logEndOffset, volume.clock().wallClockMs());
            }
            Segment[] segments = view.segments();
            int drop = 0;
            while (drop + 1 < segments.length && segments[drop + 1].baseOffset() <= offset) {
                drop++;
            }
            if (drop == 0) {
                return;
            }
            List<Segment> dropped = List.of(Arrays.copyOf(segments, drop));
            long newStart = Math.max(logStartOffset, segments[drop].baseOffset());
            LogEvents.LOG.info(
                    "{}: deleting {} segments below offset {} ({})", name, drop, segments[drop].baseOffset(), reason);
            logStartOffset = newStart;
            epochs.truncateFromStart(newStart);
            publish(Arrays.copyOfRange(segments, drop, segments.length));
            renameForDeletion(dropped);
            volume.removeLater(dropped, config.fileDeleteDelayMs());
            volume.checkpointSoon();
        });
    }

    private void renameForDeletion(List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            segment.renameForDeletion();
        }
        flush.directoryChanged();
    }

    /** As {@link #renameForDeletion}, for a truncation: before new records take their offsets the old must be gone for good. */
    private void renameDurably(List<Segment> segments) throws IOException {
        if (!segments.isEmpty()) {
            renameForDeletion(segments);
            volume.store().syncDirectory(directory);
        }
    }

    /** Replaces the topic's configuration. */
    public void reconfigure(LogConfig newConfig) {
        config = newConfig;
        newJitter();
    }

    /** Idempotent and transactional producers with state in this log, for DescribeProducers; the log's loop. */
    public List<ProducerState> producers() {
        return producers.describe();
    }

    /** Bytes of all segments. */
    public long sizeBytes() {
        return view.totalBytes();
    }

    /** Offset below which all records are on disk; any thread. */
    public long flushedOffset() {
        return flush.flushedOffset();
    }

    /** Calls the listener when all records below {@code endOffsetExclusive} are on disk, or never will be; syncs soon. */
    public void awaitFlush(long endOffsetExclusive, FlushListener listener) {
        flush.await(endOffsetExclusive, listener);
    }

    // ---- for the rest of the package ----

    Volume volume() {
        return volume;
    }

    Path directory() {
        return directory;
    }

    LogView view() {
        return view;
    }

    LeaderEpochs epochs() {
        return epochs;
    }

    ProducerStates producerStates() {
        return producers;
    }

    LogFlush flush() {
        return flush;
    }

    Compaction compaction() {
        return compaction;
    }

    void flushFailed() {
        loop.run(flush::failed);
    }

    /** A segment of the current view may be shorter than the view says. */
    boolean isBeingCut() {
        return cutting;
    }

    boolean isClosed() {
        return closed;
    }

    /** No change is accepted any more; readers with a slice read on. */
    void close() {
        closed = true;
    }

    /** The files of the log were renamed into another directory, maybe of another volume. */
    void movedTo(Volume newVolume, Path newDirectory) {
        volume = newVolume;
        directory = newDirectory;
        for (Segment segment : view.segments()) {
            segment.movedTo(newDirectory);
        }
    }

    /** Takes the directory offline for an error of the disk; not for what a deletion or a lack of space explains. Any thread. */
    void failed(String doing, IOException e) {
        if (Volume.isNoSpace(e)) {
            volume.setFull(true);
        } else if (closed) {
            // Deleted meanwhile: its files were renamed under whoever used them.
            LogEvents.LOG.debug("{} {} was overtaken by its deletion", doing, name, e);
        } else {
            volume.fail(doing + " " + name, e);
        }
    }

    /**
     * Closes the log and renames its directory; no background work writes there afterwards, so that a new log may take the name.
     */
    void closeAndRename(Path newDirectory) throws IOException {
        close();
        flush.whileNothingIsWritten(() -> {
            volume.store().move(directory, newDirectory);
            movedTo(volume, newDirectory);
        });
    }

    interface Change {
        void run() throws IOException;
    }

    private void changing(String doing, Change change) {
        try {
            change.run();
        } catch (IOException e) {
            failed(doing, e);
            throw new KafkaStorageException(name + ": " + doing + " failed: " + e.getMessage(), e);
        }
    }

    private LogSnapshot snapshotNow() {
        return new LogSnapshot(
                logStartOffset,
                highWatermark,
                producers.lastStableOffset(logStartOffset, highWatermark),
                logEndOffset,
                epochs.latestEpoch());
    }

    void publish(Segment[] segments) {
        view = new LogView(snapshotNow(), segments, segments[segments.length - 1].sizeBytes(), generation);
    }
}

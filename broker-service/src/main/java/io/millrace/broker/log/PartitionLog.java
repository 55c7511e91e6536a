package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
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
    private final LogState state;
    private final LogAppender appender;
    private final LogCuts cuts;
    private final ViewReader reader = new ViewReader(this);
    private final LogFlush flush;
    private final Compaction compaction = new Compaction(this);

    private volatile Volume volume;
    private volatile Path directory;
    private volatile LogConfig config;
    private volatile @Nullable String offlineReason;
    /** Most logs are never far behind. */
    private @Nullable DropBehind dropBehind;

    private volatile boolean closed;

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
        this.offlineReason = loaded.damage();
        this.state = new LogState(loaded);
        this.appender = new LogAppender(this, state);
        this.cuts = new LogCuts(this, state, appender);
        this.flush = new LogFlush(this, loaded.recoveryPoint());
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
        return view().snapshot();
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
        return appender.asLeader(records, leaderEpoch, origin);
    }

    /**
     * Appends batches as a leader sent them, offsets and epochs included. They must begin at the log end offset or after it; a last
     * batch that was cut off by the fetch's size is left out.
     */
    public AppendResult appendAsFollower(MemoryRecords records) {
        return appender.asFollower(records);
    }

    /** What was appended last was copied from a leader that has, or has not, committed more. Thread: the log's loop. */
    public void copied(int bytes, boolean stillBehind) {
        if (dropBehind == null && stillBehind) {
            dropBehind = new DropBehind(this);
        }
        if (dropBehind != null) {
            dropBehind.copied(bytes, stillBehind);
        }
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

    /** The first record that carries the greatest timestamp of the segments, be it below the log start; null when none has one. I/O worker. */
    public @Nullable TimestampOffset offsetOfMaxTimestamp() {
        return reader.reading(LogReader::ofMaxTimestamp);
    }

    /** Takes this log out of service. Any thread. */
    void damaged(String what) {
        offlineReason = "the log is damaged: " + what;
        LogEvents.LOG.error(
                "Partition {} is offline: {}. Nothing was removed; restore the file, or delete the replica's directory {} so that it is copied again.",
                topicPartition,
                what,
                directory);
    }

    /** Where {@code leaderEpoch}, or the greatest known epoch below it, ends (KIP-101, KIP-320). */
    public EpochEnd endOfEpoch(int leaderEpoch) {
        return epochs.endOf(leaderEpoch, view().snapshot().logEndOffset());
    }

    /** The leader epoch that {@code offset} was, or would be, written in; -1 when it is not known. */
    public int epochOf(long offset) {
        return epochs.epochOf(offset);
    }

    /** Notes that {@code leaderEpoch} begins at the log end offset. */
    public void beginEpoch(int leaderEpoch) {
        epochs.assign(leaderEpoch, state.logEndOffset());
        state.publish();
    }

    /** Moves the high watermark; never above the log end offset, and back only by truncation. */
    public void advanceHighWatermark(long newHighWatermark) {
        state.advanceHighWatermark(newHighWatermark);
    }

    /** Cuts off all records at and above {@code offset}. */
    public void truncateTo(long offset) {
        cuts.truncateTo(offset);
    }

    /** Drops all records and starts again, empty, at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        cuts.truncateFullyAndStartAt(offset);
    }

    /**
     * Moves the log start offset up to {@code offset} (delete-records); segments wholly below it go away in the background.
     *
     * @throws OffsetOutOfRangeException {@code offset} is above the high watermark
     */
    public void advanceLogStart(long offset) {
        cuts.advanceLogStart(offset);
    }

    /**
     * Drops leading segments whose records are all below an offset; moves the log start if need be. The high watermark must have
     * passed it. A log whose active segment is dropped continues with an empty one.
     */
    void dropSegmentsBelow(long offset, String reason) {
        cuts.dropSegmentsBelow(offset, reason);
    }

    /** Replaces the topic's configuration. */
    public void reconfigure(LogConfig newConfig) {
        config = newConfig;
        appender.newJitter();
    }

    /** Idempotent and transactional producers with state in this log, for DescribeProducers; the log's loop. */
    public List<ProducerState> producers() {
        return producers.describe();
    }

    /** Bytes of all segments. */
    public long sizeBytes() {
        return view().totalBytes();
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
        return state.view();
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
        return state.isBeingCut();
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
        for (Segment segment : view().segments()) {
            segment.movedTo(newDirectory);
        }
    }

    /** Takes the directory offline for an error of the disk; not for what a deletion or a lack of space explains. Any thread. */
    void failed(String doing, IOException e) {
        if (Volume.isNoSpace(e)) {
            volume.setFull(true);
        } else if (closed) {
            // Deleted meanwhile: its files were renamed under whoever used them.
            LogEvents.LOG.debug("{} {} was overtaken by its deletion", doing, topicPartition, e);
        } else {
            volume.fail(doing + " " + topicPartition, e);
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

    /** Shows everybody the log with other segments. */
    void publish(Segment[] segments) {
        state.publish(segments);
    }
}

package io.millrace.broker.log;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
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

    public TopicPartition topicPartition() {
        throw new UnsupportedOperationException();
    }

    public LogSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends a producer's or coordinator's batches: checks them, assigns offsets and {@code leaderEpoch} in place (the buffer is
     * changed), writes them in one call. {@code records} is not kept.
     */
    public AppendResult appendAsLeader(MemoryRecords records, int leaderEpoch, AppendOrigin origin) {
        throw new UnsupportedOperationException();
    }

    /** Appends batches as a leader sent them, offsets and epochs included. They must begin at the log end offset or after it. */
    public AppendResult appendAsFollower(MemoryRecords records) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads whole batches from the one that contains {@code offset} up to {@code endOffsetExclusive} and about {@code maxBytes}.
     *
     * @param atLeastOneBatch return the first batch even if it is larger than {@code maxBytes}
     * @param aborted also list the aborted transactions in the range
     * @throws org.apache.kafka.common.errors.OffsetOutOfRangeException {@code offset} is below the log start or above the log end
     */
    public LogRead read(long offset, int maxBytes, long endOffsetExclusive, boolean atLeastOneBatch, boolean aborted) {
        throw new UnsupportedOperationException();
    }

    /** The first record with a timestamp at or after {@code timestampMs}; null when there is none. May read cold data: I/O worker. */
    public @Nullable TimestampOffset offsetForTimestamp(long timestampMs) {
        throw new UnsupportedOperationException();
    }

    /** The first record that carries the greatest timestamp of the log; null for an empty log. I/O worker. */
    public @Nullable TimestampOffset offsetOfMaxTimestamp() {
        throw new UnsupportedOperationException();
    }

    /** Where {@code leaderEpoch}, or the greatest known epoch below it, ends (KIP-101, KIP-320). */
    public EpochEnd endOfEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** The leader epoch that {@code offset} was, or would be, written in; -1 when it is not known. */
    public int epochOf(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Notes that {@code leaderEpoch} begins at the log end offset. */
    public void beginEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** Moves the high watermark; never above the log end offset, and back only by truncation. */
    public void advanceHighWatermark(long highWatermark) {
        throw new UnsupportedOperationException();
    }

    /** Cuts off all records at and above {@code offset}. */
    public void truncateTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Drops all records and starts again, empty, at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Moves the log start offset up to {@code offset} (delete-records); segments wholly below it go away in the background. */
    public void advanceLogStart(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Replaces the topic's configuration: overrides of the topic only, by Kafka's keys. */
    public void reconfigure(Map<String, String> topicOverrides) {
        throw new UnsupportedOperationException();
    }

    /** Idempotent and transactional producers with state in this log, for DescribeProducers. */
    public List<ProducerState> producers() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of all segments. */
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }
}

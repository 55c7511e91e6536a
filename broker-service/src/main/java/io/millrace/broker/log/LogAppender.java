package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** Puts records at the end of one log: as leader and as follower, into new segments as the old are full. The log's loop only. */
final class LogAppender {

    private final PartitionLog log;
    private final LogState state;
    private final String name;
    private final BatchCheck batchCheck;
    private final LeaderBatches batches;
    private long segmentJitterMs;

    LogAppender(PartitionLog log, LogState state) {
        this.log = log;
        this.state = state;
        this.name = log.topicPartition().toString();
        this.batchCheck = new BatchCheck(name);
        this.batches = new LeaderBatches(name, log.producerStates(), batchCheck);
        newJitter();
    }

    /** As {@link PartitionLog#appendAsLeader}. */
    AppendResult asLeader(MemoryRecords records, int leaderEpoch, AppendOrigin origin) {
        AppendResult.Rejected refusal = refusal(origin);
        if (refusal != null) {
            return refusal;
        }
        LogConfig settings = log.config();
        long nowMs = log.volume().clock().wallClockMs();
        AppendResult answer = batches.check(records.buffer(), settings, origin, state.logStartOffset(), nowMs);
        if (answer != null) {
            batches.forget();
            return answer;
        }
        ByteBuffer buffer = batches.buffer();
        boolean appendTime = settings.timestampType() == TimestampType.LOG_APPEND_TIME;
        long appendTimeMs = appendTime ? nowMs : RecordBatch.NO_TIMESTAMP;
        long baseOffset = state.logEndOffset();
        batches.assign(baseOffset, leaderEpoch, appendTimeMs);
        batches.forget();
        return write(
                buffer,
                baseOffset,
                baseOffset + batchCheck.records(),
                batchCheck.maxTimestampMs(),
                appendTimeMs,
                settings,
                nowMs);
    }

    /** As {@link PartitionLog#appendAsFollower}. */
    AppendResult asFollower(MemoryRecords records) {
        AppendResult.Rejected refusal = refusal(AppendOrigin.REPLICATION);
        if (refusal != null) {
            return refusal;
        }
        ByteBuffer buffer = records.buffer();
        long end = state.logEndOffset();
        FollowerCheck check = FollowerCheck.check(buffer, name, end, batchCheck.crc());
        if (check.rejected() != null) {
            return check.rejected();
        }
        if (check.endPosition() == buffer.position()) {
            return new AppendResult.Appended(end, end, RecordBatch.NO_TIMESTAMP, state.logStartOffset());
        }
        buffer.limit(check.endPosition());
        return write(
                buffer,
                check.baseOffset(),
                check.endOffsetExclusive(),
                check.maxTimestampMs(),
                RecordBatch.NO_TIMESTAMP,
                log.config(),
                log.volume().clock().wallClockMs());
    }

    private AppendResult.@Nullable Rejected refusal(AppendOrigin origin) {
        String reason = log.offlineReason();
        if (reason == null && log.isClosed()) {
            reason = "the log is closed";
        }
        if (reason == null && log.volume().isFull() && origin != AppendOrigin.COORDINATOR) {
            reason = "log directory " + log.volume().path() + " is full; free space or lower retention";
        }
        return reason == null
                ? null
                : new AppendResult.Rejected(Errors.KAFKA_STORAGE_ERROR, name + ": " + reason, List.of());
    }

    /** Writes checked batches with their final offsets and answers. */
    private AppendResult write(
            ByteBuffer buffer,
            long baseOffset,
            long endOffset,
            long maxTimestampMs,
            long appendTimeMs,
            LogConfig settings,
            long nowMs) {
        int bytes = buffer.remaining();
        try {
            Segment active = activeFor(bytes, endOffset, maxTimestampMs, nowMs);
            takeIn(active, buffer, endOffset, settings);
        } catch (IOException e) {
            log.failed("appending to", e);
            return new AppendResult.Rejected(
                    Errors.KAFKA_STORAGE_ERROR,
                    name + ": the records could not be written: " + e.getMessage(),
                    List.of());
        }
        return new AppendResult.Appended(
                baseOffset,
                endOffset,
                appendTimeMs,
                state.logStartOffset(),
                log.flush().afterAppend(settings, bytes));
    }

    private Segment activeFor(int bytes, long endOffset, long maxTimestampMs, long nowMs) throws IOException {
        Segment active = state.view().active();
        if (active.mustRoll(log.config(), segmentJitterMs, bytes, endOffset - 1, maxTimestampMs, nowMs)) {
            // Where the last batch ends even if the records begin later: recovery takes a gap between segments for lost
            // records.
            roll(Math.max(endOffset - 1 - Integer.MAX_VALUE, log.flush().recoverableEnd(state.logEndOffset())), nowMs);
            return state.view().active();
        }
        return active;
    }

    /** Writes batches, and takes them into everything that is kept about them. */
    private void takeIn(Segment active, ByteBuffer buffer, long endOffset, LogConfig settings) throws IOException {
        int start = buffer.position();
        active.append(buffer, settings.indexIntervalBytes());
        for (int at = start; at < buffer.limit(); ) {
            int size = (int) BatchLayout.sizeBytes(buffer, at);
            if (BatchLayout.magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2) {
                log.epochs().assign(BatchLayout.leaderEpoch(buffer, at), BatchLayout.baseOffset(buffer, at));
                if (BatchLayout.producerId(buffer, at) >= 0) {
                    log.producerStates()
                            .apply(buffer, at, size, active.indexes().transactions());
                }
            }
            at += size;
        }
        state.appended(endOffset);
    }

    /** Ends the active segment; a new one begins at an offset. */
    void roll(long baseOffset, long nowMs) throws IOException {
        Segment sealed = state.view().active();
        LogConfig settings = log.config();
        Volume volume = log.volume();
        Segment next = Segment.create(
                volume.store(),
                volume.openFiles(),
                log.directory(),
                baseOffset,
                nowMs,
                settings.preallocate() ? settings.segmentSizeBytes() : 0);
        sealed.indexes().seal();
        sealed.trim();
        Segment[] before = state.view().segments();
        Segment[] segments = Arrays.copyOf(before, before.length + 1);
        segments[before.length] = next;
        newJitter();
        state.publish(segments);
        log.flush().rolled(sealed, state.logEndOffset());
    }

    /** The active segment may be older than others by up to this, so that not all are rolled at once. */
    void newJitter() {
        LogConfig config = log.config();
        long most = Math.min(config.segmentJitterMs(), config.segmentMs());
        // Spread by name: reproducible, and different for the partitions of a topic.
        segmentJitterMs =
                most <= 0 ? 0 : Math.floorMod((name.hashCode() * 31L + state.generation()) * 0x9E3779B97F4AL, most);
    }
}

package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * What a leader does to the batches of one append before they are written: checks them, against the producers' state too, and gives them
 * offsets and an epoch. Reused for every append of a log; the log's loop only.
 */
final class LeaderBatches {

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final String name;
    private final ProducerStates producers;
    private final BatchCheck batchCheck;
    private ByteBuffer buffer = NONE;

    LeaderBatches(String name, ProducerStates producers, BatchCheck batchCheck) {
        this.name = name;
        this.producers = producers;
        this.batchCheck = batchCheck;
    }

    /**
     * Checks an append.
     *
     * @return null when it may be written, as {@link #buffer()}; otherwise its answer: a refusal, or that a producer's batch is in the
     *     log already
     */
    @Nullable
    AppendResult check(ByteBuffer batches, LogConfig settings, AppendOrigin origin, long logStartOffset, long nowMs) {
        buffer = batches;
        AppendResult.Rejected refusal = batchCheck.check(buffer, settings, origin, nowMs);
        if (refusal != null) {
            return refusal;
        }
        if (batchCheck.lookInside()) {
            switch (new RecordCheck(name, settings, nowMs).check(buffer)) {
                case RecordCheck.Outcome.Fine fine -> buffer = fine.buffer();
                case RecordCheck.Outcome.Refused refused -> {
                    return refused.rejected();
                }
            }
        }
        return batchCheck.producers() ? checkProducers(origin, logStartOffset) : null;
    }

    /** The batches to write: those that were checked, or what they were recompressed to. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** The append is over; its memory belongs to somebody else again. */
    void forget() {
        buffer = NONE;
    }

    private @Nullable AppendResult checkProducers(AppendOrigin origin, long logStartOffset) {
        if (batchCheck.batches() == 1) {
            return producers.check(buffer, buffer.position(), origin, logStartOffset);
        }
        // Several batches: each is checked against a copy that has taken in those before it.
        Set<Long> ids = new HashSet<>();
        for (int at = buffer.position(); at < buffer.limit(); at += (int) BatchLayout.sizeBytes(buffer, at)) {
            ids.add(BatchLayout.producerId(buffer, at));
        }
        ProducerStates copy = producers.copyFor(ids);
        for (int at = buffer.position(); at < buffer.limit(); ) {
            int size = (int) BatchLayout.sizeBytes(buffer, at);
            if (BatchLayout.producerId(buffer, at) >= 0) {
                AppendResult known = copy.check(buffer, at, origin, logStartOffset);
                if (known != null) {
                    return known;
                }
                copy.apply(buffer, at, size);
            }
            at += size;
        }
        return null;
    }

    /** Writes offsets, the leader's epoch and, unless it is {@link RecordBatch#NO_TIMESTAMP}, the append time into the batches. */
    void assign(long firstOffset, int leaderEpoch, long appendTimeMs) {
        long offset = firstOffset;
        for (int at = buffer.position(); at < buffer.limit(); ) {
            int size = (int) BatchLayout.sizeBytes(buffer, at);
            BatchLayout.setBaseOffset(buffer, at, offset);
            BatchLayout.setLeaderEpoch(buffer, at, leaderEpoch);
            if (appendTimeMs != RecordBatch.NO_TIMESTAMP) {
                BatchLayout.setLogAppendTime(buffer, at, size, appendTimeMs, batchCheck.crc());
            }
            offset += BatchLayout.lastOffsetDelta(buffer, at) + 1L;
            at += size;
        }
    }
}

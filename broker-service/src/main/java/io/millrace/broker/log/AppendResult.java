package io.millrace.broker.log;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Outcome of an append: expected refusals are values, not exceptions. */
public sealed interface AppendResult {

    /**
     * Records are in the log (page cache; on disk once the flush point passes them).
     *
     * @param baseOffset offset of the first record
     * @param endOffsetExclusive offset after the last record
     * @param logAppendTimeMs the broker's timestamp if the topic uses LogAppendTime, else -1
     * @param awaitsFlush the topic's {@code flush.messages} says that this append is to be acknowledged only when it is on disk: see
     *     {@link PartitionLog#awaitFlush}
     */
    record Appended(
            long baseOffset, long endOffsetExclusive, long logAppendTimeMs, long logStartOffset, boolean awaitsFlush)
            implements AppendResult {

        public Appended(long baseOffset, long endOffsetExclusive, long logAppendTimeMs, long logStartOffset) {
            this(baseOffset, endOffsetExclusive, logAppendTimeMs, logStartOffset, false);
        }
    }

    /** All batches of an idempotent producer's retry were already in the log, at these offsets. */
    record Duplicate(long baseOffset, long endOffsetExclusive, long logAppendTimeMs, long logStartOffset)
            implements AppendResult {}

    /**
     * Nothing was appended.
     *
     * @param message what was wrong and what to do, for the client
     * @param recordErrors the offending records where they are known, by index in the request's batch
     */
    record Rejected(Errors error, String message, List<RecordError> recordErrors) implements AppendResult {}

    /** One offending record of a refused batch. */
    record RecordError(int batchIndex, @Nullable String message) {}
}

package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What a follower was sent, after a look at its batches: whole, intact, and with offsets that go on from the log's end.
 *
 * @param rejected why nothing of it can be appended; null when it can
 * @param endPosition after the last whole batch in the buffer
 */
record FollowerCheck(
        AppendResult.@Nullable Rejected rejected,
        int endPosition,
        long baseOffset,
        long endOffsetExclusive,
        long maxTimestampMs) {

    static FollowerCheck check(ByteBuffer buffer, String partition, long logEndOffset, CRC32C crc) {
        int at = buffer.position();
        long baseOffset = logEndOffset;
        long nextOffset = logEndOffset;
        long maxTimestamp = -1;
        while (buffer.limit() - at >= BatchLayout.PREFIX_BYTES) {
            long size = BatchLayout.sizeBytes(buffer, at);
            if (size < BatchLayout.MIN_LEGACY_BYTES) {
                return corrupt(partition + ": the leader sent a batch of length " + size);
            }
            if (size > buffer.limit() - at) {
                break; // Cut off by the fetch's size limit; it comes again whole.
            }
            if (!BatchLayout.isIntact(buffer, at, (int) size, crc)) {
                return corrupt(partition + ": the leader sent a damaged batch after offset " + (nextOffset - 1));
            }
            long first = BatchLayout.baseOffset(buffer, at);
            if (first < nextOffset) {
                return corrupt(
                        partition + ": the leader sent offset " + first + ", but the log goes on at " + nextOffset);
            }
            if (at == buffer.position()) {
                baseOffset = first;
            }
            nextOffset = BatchLayout.lastOffset(buffer, at) + 1;
            maxTimestamp = Math.max(maxTimestamp, BatchLayout.maxTimestamp(buffer, at, (int) size));
            at += (int) size;
        }
        return new FollowerCheck(null, at, baseOffset, nextOffset, maxTimestamp);
    }

    private static FollowerCheck corrupt(String message) {
        return new FollowerCheck(new AppendResult.Rejected(Errors.CORRUPT_MESSAGE, message, List.of()), 0, 0, 0, 0);
    }
}

package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** Finds records by time within one segment. Any thread; may read cold data. */
final class TimestampSearch {

    /** The record that is looked for lies within an index interval and a batch of where the search begins. */
    private static final int CHUNK_BYTES = 32 << 10;

    private TimestampSearch() {}

    /** The first record at or after a timestamp and at or above an offset; null when there is none. */
    static PartitionLog.@Nullable TimestampOffset firstAtOrAfter(
            Segment segment, int sizeBytes, long timestampMs, long startOffset) throws IOException {
        // Everything up to this offset is too old.
        int tooOld = segment.indexes().times().offsetNotNewerThan(timestampMs - 1);
        long from = segment.baseOffset() + Math.max(tooOld, 0);
        int position = segment.indexes().offsets().positionBefore(Math.max(from, startOffset) - segment.baseOffset());
        PartitionLog.@Nullable TimestampOffset[] found = new PartitionLog.@Nullable TimestampOffset[1];
        FileChannel channel = segment.file().acquire();
        try {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            SegmentScan.scan(channel, position, sizeBytes, false, chunk, (buffer, at, size, where) -> {
                if (BatchLayout.maxTimestamp(buffer, at, size) >= timestampMs
                        && BatchLayout.lastOffset(buffer, at) >= startOffset) {
                    found[0] = within(buffer, at, size, timestampMs, startOffset);
                }
                return found[0] == null;
            });
        } finally {
            segment.file().release();
        }
        return found[0];
    }

    private static PartitionLog.@Nullable TimestampOffset within(
            ByteBuffer buffer, int at, int size, long timestampMs, long startOffset) {
        RecordBatch batch = BatchLayout.batch(buffer, at, size);
        int epoch = batch.partitionLeaderEpoch();
        try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.timestamp() >= timestampMs && record.offset() >= startOffset) {
                    return new PartitionLog.TimestampOffset(record.timestamp(), record.offset(), epoch);
                }
            }
        }
        return null;
    }
}

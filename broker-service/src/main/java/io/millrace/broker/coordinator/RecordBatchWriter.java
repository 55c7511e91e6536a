package io.millrace.broker.coordinator;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/** Encodes coordinator records as one batch, again and again in the same buffer; on the shard's loop. */
final class RecordBatchWriter {
    private static final int INITIAL_BYTES = 16 * 1024;
    /** A buffer that grew past this is not kept. */
    private static final int MAX_KEPT_BYTES = 1024 * 1024;

    private final Compression compression;
    private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES);

    RecordBatchWriter(Compression compression) {
        this.compression = compression;
    }

    /** The batch is valid until the next call. */
    MemoryRecords encode(List<CoordinatorRecord> records, long timestampMs) {
        buffer.clear();
        var stream = new ByteBufferOutputStream(buffer);
        try (var builder = new MemoryRecordsBuilder(
                stream,
                RecordBatch.CURRENT_MAGIC_VALUE,
                compression,
                TimestampType.CREATE_TIME,
                0L,
                timestampMs,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                Integer.MAX_VALUE)) {
            for (CoordinatorRecord record : records) {
                builder.append(timestampMs, record.keyBytes(), record.valueBytes());
            }
            MemoryRecords batch = builder.build();
            if (stream.buffer().capacity() <= MAX_KEPT_BYTES) {
                buffer = stream.buffer();
            }
            return batch;
        }
    }
}

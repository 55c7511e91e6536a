package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/** Batches as clients and leaders send them, with offsets of one's own choice. */
final class SentBatches {

    private final Random random;

    SentBatches(Random random) {
        this.random = random;
    }

    /** @param unassigned what is taken off all offsets: a leader is sent offsets from 0 on */
    MemoryRecords batch(
            long[] offsets,
            long unassigned,
            long last,
            SimpleRecord[] some,
            long producerId,
            int sequence,
            boolean transactional,
            int epoch) {
        Compression compression = random.nextInt(4) == 0 ? Compression.lz4().build() : Compression.NONE;
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
                new ByteBufferOutputStream(256),
                RecordBatch.CURRENT_MAGIC_VALUE,
                compression,
                TimestampType.CREATE_TIME,
                offsets[0] - unassigned,
                RecordBatch.NO_TIMESTAMP,
                producerId,
                producerId < 0 ? RecordBatch.NO_PRODUCER_EPOCH : 0,
                sequence,
                transactional,
                false,
                epoch,
                Integer.MAX_VALUE);
        for (int i = 0; i < some.length; i++) {
            builder.appendWithOffset(offsets[i] - unassigned, some[i]);
        }
        builder.overrideLastOffset(last - unassigned);
        return builder.build();
    }

    /** What a leader sends may end within a batch. */
    MemoryRecords cutOff(MemoryRecords records) {
        if (random.nextInt(4) > 0) {
            return records;
        }
        ByteBuffer whole = records.buffer();
        ByteBuffer longer = ByteBuffer.allocate(2 * whole.remaining());
        longer.put(whole.duplicate()).put(whole.slice(0, random.nextInt(whole.remaining())));
        return MemoryRecords.readableRecords(longer.flip());
    }
}

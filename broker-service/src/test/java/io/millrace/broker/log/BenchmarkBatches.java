package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as producers send them, for the benchmarks: values half of which compresses away. */
final class BenchmarkBatches {

    private static final int VALUE_BYTES = 100;

    private BenchmarkBatches() {}

    /** One batch, in memory as the network's, whose records take about so many bytes before compression. */
    static ByteBuffer direct(int sizeBytes, Compression compression, long timestampMs) {
        Random random = new Random(7);
        SimpleRecord[] records = new SimpleRecord[Math.max(1, sizeBytes / VALUE_BYTES)];
        for (int i = 0; i < records.length; i++) {
            byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            java.util.Arrays.fill(value, VALUE_BYTES / 2, VALUE_BYTES, (byte) 'x');
            records[i] = new SimpleRecord(timestampMs, null, value);
        }
        ByteBuffer batch = MemoryRecords.withRecords(compression, records).buffer();
        return ByteBuffer.allocateDirect(batch.remaining()).put(batch).flip();
    }

    static Compression compression(String name) {
        return Compression.of(name).build();
    }
}

package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Where the fields of a version 2 record batch lie, for reading and patching them in a buffer without an object per batch.
 *
 * <pre>
 *  0 base offset     8 length (of what follows)   12 leader epoch   16 magic        17 CRC-32C (of all from 21)
 * 21 attributes     23 last offset delta          27 base timestamp 35 max timestamp
 * 43 producer id    51 producer epoch             53 base sequence  57 record count 61 records
 * </pre>
 *
 * Versions 0 and 1 share base offset (there the offset of the last record), length and magic.
 */
final class BatchLayout {

    /** Bytes before the part that the length field counts. */
    static final int OVERHEAD_BYTES = 12;

    /** Enough to read length and magic. */
    static final int PREFIX_BYTES = 17;

    static final int HEADER_BYTES = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;

    /** A smaller batch cannot be of any version. */
    static final int MIN_LEGACY_BYTES = OVERHEAD_BYTES + 14;

    private static final int LENGTH = 8;
    private static final int LEADER_EPOCH = 12;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int BASE_TIMESTAMP = 27;
    private static final int MAX_TIMESTAMP = 35;
    private static final int PRODUCER_ID = 43;
    private static final int PRODUCER_EPOCH = 51;
    private static final int BASE_SEQUENCE = 53;
    private static final int RECORD_COUNT = 57;

    private static final int COMPRESSION_MASK = 0x07;
    private static final int TIMESTAMP_TYPE_MASK = 0x08;
    private static final int TRANSACTIONAL_MASK = 0x10;
    private static final int CONTROL_MASK = 0x20;

    private BatchLayout() {}

    static long baseOffset(ByteBuffer buffer, int at) {
        return buffer.getLong(at);
    }

    /** Bytes of the whole batch as its header says; may be nonsense, also negative. */
    static long sizeBytes(ByteBuffer buffer, int at) {
        return (long) buffer.getInt(at + LENGTH) + OVERHEAD_BYTES;
    }

    static int leaderEpoch(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LEADER_EPOCH);
    }

    static byte magic(ByteBuffer buffer, int at) {
        return buffer.get(at + MAGIC);
    }

    static int storedCrc(ByteBuffer buffer, int at) {
        return buffer.getInt(at + CRC);
    }

    static short attributes(ByteBuffer buffer, int at) {
        return buffer.getShort(at + ATTRIBUTES);
    }

    static int compressionId(ByteBuffer buffer, int at) {
        return attributes(buffer, at) & COMPRESSION_MASK;
    }

    static boolean isLogAppendTime(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & TIMESTAMP_TYPE_MASK) != 0;
    }

    static boolean isTransactional(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & TRANSACTIONAL_MASK) != 0;
    }

    static boolean isControl(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & CONTROL_MASK) != 0;
    }

    static int lastOffsetDelta(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LAST_OFFSET_DELTA);
    }

    static long baseTimestamp(ByteBuffer buffer, int at) {
        return buffer.getLong(at + BASE_TIMESTAMP);
    }

    static long producerId(ByteBuffer buffer, int at) {
        return buffer.getLong(at + PRODUCER_ID);
    }

    static short producerEpoch(ByteBuffer buffer, int at) {
        return buffer.getShort(at + PRODUCER_EPOCH);
    }

    static int baseSequence(ByteBuffer buffer, int at) {
        return buffer.getInt(at + BASE_SEQUENCE);
    }

    static int recordCount(ByteBuffer buffer, int at) {
        return buffer.getInt(at + RECORD_COUNT);
    }

    /** Offset of the last record; all versions. The prefix, and for version 2 the header, must be in the buffer. */
    static long lastOffset(ByteBuffer buffer, int at) {
        long base = baseOffset(buffer, at);
        return magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2 ? base + lastOffsetDelta(buffer, at) : base;
    }

    /** Greatest timestamp; all versions. Versions 0 and 1 need {@code sizeBytes} bytes in the buffer. */
    static long maxTimestamp(ByteBuffer buffer, int at, int sizeBytes) {
        return magic(buffer, at) >= RecordBatch.MAGIC_VALUE_V2
                ? buffer.getLong(at + MAX_TIMESTAMP)
                : batch(buffer, at, sizeBytes).maxTimestamp();
    }

    static void setBaseOffset(ByteBuffer buffer, int at, long baseOffset) {
        buffer.putLong(at, baseOffset);
    }

    static void setLeaderEpoch(ByteBuffer buffer, int at, int leaderEpoch) {
        buffer.putInt(at + LEADER_EPOCH, leaderEpoch);
    }

    /** Makes it a LogAppendTime batch of that time, checksum included. */
    static void setLogAppendTime(ByteBuffer buffer, int at, int sizeBytes, long timeMs, CRC32C crc) {
        buffer.putShort(at + ATTRIBUTES, (short) (attributes(buffer, at) | TIMESTAMP_TYPE_MASK));
        buffer.putLong(at + MAX_TIMESTAMP, timeMs);
        buffer.putInt(at + CRC, computeCrc(buffer, at, sizeBytes, crc));
    }

    /** The checksum the batch should carry; {@code crc} is scratch, and position and limit of {@code buffer} are kept. */
    static int computeCrc(ByteBuffer buffer, int at, int sizeBytes, CRC32C crc) {
        int position = buffer.position();
        int limit = buffer.limit();
        buffer.limit(at + sizeBytes).position(at + ATTRIBUTES);
        crc.reset();
        crc.update(buffer);
        buffer.limit(limit).position(position);
        return (int) crc.getValue();
    }

    /** Whether the whole batch, of any version, is intact by its own checksum. */
    static boolean isIntact(ByteBuffer buffer, int at, int sizeBytes, CRC32C crc) {
        byte magic = magic(buffer, at);
        if (magic == RecordBatch.MAGIC_VALUE_V2) {
            return sizeBytes >= HEADER_BYTES
                    && lastOffsetDelta(buffer, at) >= 0
                    && storedCrc(buffer, at) == computeCrc(buffer, at, sizeBytes, crc);
        }
        return (magic == 0 || magic == 1) && batch(buffer, at, sizeBytes).isValid();
    }

    /** Kafka's view of one batch, for everything that looks inside. */
    static MutableRecordBatch batch(ByteBuffer buffer, int at, int sizeBytes) {
        return MemoryRecords.readableRecords(buffer.slice(at, sizeBytes))
                .batches()
                .iterator()
                .next();
    }

    static TimestampType timestampType(ByteBuffer buffer, int at) {
        return isLogAppendTime(buffer, at) ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
    }
}

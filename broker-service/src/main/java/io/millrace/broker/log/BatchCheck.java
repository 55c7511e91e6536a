package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a leader is asked to append by the batch headers alone, and remembers what it saw. One per log, owned by its loop and
 * used again for every append.
 */
final class BatchCheck {

    private final String partition;
    private final CRC32C crc = new CRC32C();

    private int batches;
    private long records;
    private long maxTimestampMs;
    private boolean producers;
    private boolean lookInside;

    BatchCheck(String partition) {
        this.partition = partition;
    }

    /** Batches in the checked buffer. */
    int batches() {
        return batches;
    }

    /** Offsets that the batches take. */
    long records() {
        return records;
    }

    long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** Whether any batch has a producer id. */
    boolean producers() {
        return producers;
    }

    /** Whether the records themselves must be seen: keys, timestamps against a lower limit, strictness, another compression. */
    boolean lookInside() {
        return lookInside;
    }

    CRC32C crc() {
        return crc;
    }

    /** Why the batches from the buffer's position to its limit cannot be appended; null when by their headers they can. */
    AppendResult.@Nullable Rejected check(ByteBuffer buffer, LogConfig config, AppendOrigin origin, long nowMs) {
        batches = 0;
        records = 0;
        maxTimestampMs = RecordBatch.NO_TIMESTAMP;
        producers = false;
        lookInside = origin == AppendOrigin.CLIENT
                && (config.compact()
                        || config.strictValidation()
                        || (config.timestampType() == TimestampType.CREATE_TIME
                                && config.timestampBeforeMaxMs() != Long.MAX_VALUE));
        int end = buffer.limit();
        if (end - buffer.position() > config.segmentSizeBytes()) {
            return reject(
                    Errors.RECORD_LIST_TOO_LARGE,
                    "the batches have " + (end - buffer.position()) + " bytes; a segment takes "
                            + config.segmentSizeBytes());
        }
        for (int at = buffer.position(); at < end; ) {
            AppendResult.Rejected rejected = checkBatch(buffer, at, end, config, origin, nowMs);
            if (rejected != null) {
                return rejected;
            }
            batches++;
            at += (int) BatchLayout.sizeBytes(buffer, at);
        }
        return batches == 0 ? reject(Errors.INVALID_RECORD, "there is no record batch") : null;
    }

    private AppendResult.@Nullable Rejected checkBatch(
            ByteBuffer buffer, int at, int end, LogConfig config, AppendOrigin origin, long nowMs) {
        if (end - at < BatchLayout.PREFIX_BYTES) {
            return reject(
                    Errors.CORRUPT_MESSAGE, "a record batch of " + (end - at) + " bytes is shorter than its header");
        }
        if (BatchLayout.magic(buffer, at) != RecordBatch.MAGIC_VALUE_V2) {
            return reject(
                    Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
                    "record batches must have version 2, not " + BatchLayout.magic(buffer, at));
        }
        long size = BatchLayout.sizeBytes(buffer, at);
        if (size < BatchLayout.HEADER_BYTES || size > end - at) {
            return reject(
                    Errors.CORRUPT_MESSAGE,
                    "the record batch says it has " + size + " bytes; " + (end - at) + " were sent");
        }
        if (size > config.maxMessageBytes()) {
            return reject(
                    Errors.MESSAGE_TOO_LARGE,
                    "the record batch has " + size + " bytes; max.message.bytes is " + config.maxMessageBytes());
        }
        if (BatchLayout.storedCrc(buffer, at) != BatchLayout.computeCrc(buffer, at, (int) size, crc)) {
            return reject(Errors.CORRUPT_MESSAGE, "the record batch's checksum does not match its bytes");
        }
        if (origin == AppendOrigin.CLIENT && BatchLayout.baseOffset(buffer, at) != 0) {
            return reject(
                    Errors.INVALID_RECORD,
                    "the base offset of a produced batch must be 0, not " + BatchLayout.baseOffset(buffer, at));
        }
        return checkFields(buffer, at, config, origin, nowMs);
    }

    private AppendResult.@Nullable Rejected checkFields(
            ByteBuffer buffer, int at, LogConfig config, AppendOrigin origin, long nowMs) {
        int delta = BatchLayout.lastOffsetDelta(buffer, at);
        int count = BatchLayout.recordCount(buffer, at);
        if (delta < 0 || count <= 0 || count != delta + 1L) {
            return reject(
                    Errors.INVALID_RECORD,
                    "the batch says it has " + count + " records but its last offset delta is " + delta);
        }
        int compression = BatchLayout.compressionId(buffer, at);
        if (compression > 4) {
            return reject(Errors.INVALID_RECORD, "unknown compression type " + compression);
        }
        boolean hasProducer = BatchLayout.producerId(buffer, at) != RecordBatch.NO_PRODUCER_ID;
        if (origin == AppendOrigin.CLIENT) {
            if (BatchLayout.isControl(buffer, at)) {
                return reject(Errors.INVALID_RECORD, "clients are not allowed to write control records");
            }
            if (hasProducer
                    && (BatchLayout.producerId(buffer, at) < 0
                            || BatchLayout.producerEpoch(buffer, at) < 0
                            || BatchLayout.baseSequence(buffer, at) < 0)) {
                return reject(
                        Errors.INVALID_RECORD,
                        "invalid sequence number " + BatchLayout.baseSequence(buffer, at) + " or epoch "
                                + BatchLayout.producerEpoch(buffer, at) + " of producer "
                                + BatchLayout.producerId(buffer, at));
            }
            if (!hasProducer && BatchLayout.isTransactional(buffer, at)) {
                return reject(Errors.INVALID_RECORD, "a transactional batch must name its producer");
            }
            AppendResult.Rejected late = checkTimestamp(buffer, at, config, nowMs);
            if (late != null) {
                return late;
            }
            lookInside |= config.compression().isPresent()
                    && config.compression().get().type().id != compression;
        }
        producers |= hasProducer;
        records += delta + 1L;
        maxTimestampMs = Math.max(maxTimestampMs, BatchLayout.maxTimestamp(buffer, at, 0));
        return null;
    }

    private AppendResult.@Nullable Rejected checkTimestamp(ByteBuffer buffer, int at, LogConfig config, long nowMs) {
        if (BatchLayout.isLogAppendTime(buffer, at)) {
            return reject(
                    Errors.INVALID_TIMESTAMP, "producers must not set the timestamp type to LogAppendTime themselves");
        }
        if (config.timestampType() == TimestampType.LOG_APPEND_TIME) {
            return null;
        }
        long newest = BatchLayout.maxTimestamp(buffer, at, 0);
        // Which of the records it is, each of them says.
        lookInside |= newest != RecordBatch.NO_TIMESTAMP && newest - nowMs > config.timestampAfterMaxMs();
        return null;
    }

    private AppendResult.Rejected reject(Errors error, String message) {
        return new AppendResult.Rejected(error, partition + ": " + message, List.of());
    }
}

package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;

/**
 * The slow side of an append: looks at every record where a topic's settings need it, and compresses again where the topic wants
 * another compression. Thread of the caller.
 */
final class RecordCheck {

    private static final int ERRORS_SHOWN = 3;

    /** What decompression works in; a few buffers of at most a block of LZ4 (4 MB) a thread. */
    private static final ThreadLocal<BufferSupplier> BUFFERS = ThreadLocal.withInitial(BufferSupplier::create);

    /** What came out: the bytes to append, or why not. */
    sealed interface Outcome {
        record Fine(ByteBuffer buffer) implements Outcome {}

        record Refused(AppendResult.Rejected rejected) implements Outcome {}
    }

    private final String partition;
    private final LogConfig config;
    private final long nowMs;
    private final List<AppendResult.RecordError> errors = new ArrayList<>();
    private boolean timestampErrors;

    RecordCheck(String partition, LogConfig config, long nowMs) {
        this.partition = partition;
        this.config = config;
        this.nowMs = nowMs;
    }

    /** Checks batches that passed {@link BatchCheck}, from position to limit. */
    Outcome check(ByteBuffer buffer) {
        List<MemoryRecords> rewritten = new ArrayList<>();
        boolean changed = false;
        try {
            for (int at = buffer.position(); at < buffer.limit(); ) {
                int size = (int) BatchLayout.sizeBytes(buffer, at);
                MutableRecordBatch batch = BatchLayout.batch(buffer, at, size);
                checkRecords(batch);
                boolean recompress = config.compression().isPresent()
                        && config.compression().get().type() != batch.compressionType();
                changed |= recompress;
                rewritten.add(
                        recompress
                                ? recompress(batch, config.compression().get())
                                : MemoryRecords.readableRecords(buffer.slice(at, size)));
                at += size;
            }
        } catch (ApiException e) {
            return refused(Errors.forException(e), String.valueOf(e.getMessage()));
        } catch (KafkaException | IllegalArgumentException e) {
            return refused(Errors.CORRUPT_MESSAGE, "the records cannot be read: " + e.getMessage());
        }
        if (!errors.isEmpty()) {
            return new Outcome.Refused(rejection());
        }
        return changed ? joined(rewritten) : new Outcome.Fine(buffer);
    }

    private void checkRecords(MutableRecordBatch batch) {
        boolean whole = config.strictValidation();
        boolean checkTimes = config.timestampType() == TimestampType.CREATE_TIME;
        int index = 0;
        long newest = RecordBatch.NO_TIMESTAMP;
        BufferSupplier buffers = BUFFERS.get();
        try (CloseableIterator<Record> records =
                whole ? batch.streamingIterator(buffers) : batch.skipKeyValueIterator(buffers)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (whole) {
                    record.ensureValid();
                    if (record.offset() != batch.baseOffset() + index) {
                        errors.add(new AppendResult.RecordError(
                                index,
                                "record " + index + " has offset delta " + (record.offset() - batch.baseOffset())));
                    }
                }
                if (config.compact() && !record.hasKey()) {
                    errors.add(new AppendResult.RecordError(
                            index,
                            "Compacted topic cannot accept message without key in topic partition " + partition + "."));
                }
                if (checkTimes) {
                    checkTime(record.timestamp(), index);
                }
                newest = Math.max(newest, record.timestamp());
                index++;
            }
        }
        if (checkTimes && newest != batch.maxTimestamp()) {
            if (whole) {
                batch.setMaxTimestamp(TimestampType.CREATE_TIME, newest);
            } else {
                checkTime(batch.maxTimestamp(), 0); // The header is believed, so it has to be within the limits itself.
            }
        }
    }

    private void checkTime(long timestampMs, int index) {
        if (timestampMs != RecordBatch.NO_TIMESTAMP
                && (nowMs - timestampMs > config.timestampBeforeMaxMs()
                        || timestampMs - nowMs > config.timestampAfterMaxMs())) {
            timestampErrors = true;
            errors.add(new AppendResult.RecordError(
                    index,
                    "Timestamp " + timestampMs + " of message with offset " + index
                            + " is out of range. The timestamp should be within ["
                            + (nowMs - config.timestampBeforeMaxMs()) + ", "
                            + (nowMs + config.timestampAfterMaxMs()) + "]"));
        }
    }

    private AppendResult.Rejected rejection() {
        if (timestampErrors) {
            return new AppendResult.Rejected(
                    Errors.INVALID_TIMESTAMP,
                    "One or more records have been rejected due to invalid timestamp",
                    List.copyOf(errors));
        }
        return new AppendResult.Rejected(
                Errors.INVALID_RECORD,
                "One or more records have been rejected due to " + errors.size()
                        + " record errors in total, and only showing the first three errors at most: "
                        + errors.subList(0, Math.min(ERRORS_SHOWN, errors.size())),
                List.copyOf(errors));
    }

    private MemoryRecords recompress(RecordBatch batch, Compression compression) {
        ByteBuffer target = ByteBuffer.allocate(Math.max(batch.sizeInBytes(), 1024));
        try (MemoryRecordsBuilder builder = MemoryRecords.builder(
                        target,
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        compression,
                        TimestampType.CREATE_TIME,
                        batch.baseOffset(),
                        RecordBatch.NO_TIMESTAMP,
                        batch.producerId(),
                        batch.producerEpoch(),
                        batch.baseSequence(),
                        batch.isTransactional(),
                        RecordBatch.NO_PARTITION_LEADER_EPOCH);
                CloseableIterator<Record> records = batch.streamingIterator(BUFFERS.get())) {
            records.forEachRemaining(builder::append);
            return builder.build();
        }
    }

    private Outcome joined(List<MemoryRecords> parts) {
        int total = parts.stream().mapToInt(MemoryRecords::sizeInBytes).sum();
        ByteBuffer joined = ByteBuffer.allocate(total);
        for (MemoryRecords part : parts) {
            if (part.sizeInBytes() > config.maxMessageBytes()) {
                return refused(
                        Errors.MESSAGE_TOO_LARGE,
                        "compressed as the topic wants it the batch has " + part.sizeInBytes()
                                + " bytes; max.message.bytes is " + config.maxMessageBytes());
            }
            joined.put(part.buffer());
        }
        return new Outcome.Fine(joined.flip());
    }

    private Outcome refused(Errors error, String message) {
        return new Outcome.Refused(new AppendResult.Rejected(error, partition + ": " + message, List.of()));
    }
}

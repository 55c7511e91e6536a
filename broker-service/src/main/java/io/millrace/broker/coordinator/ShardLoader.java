package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.IoWorkers;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays an internal partition into a new shard: on an I/O worker up to the high watermark, then on the loop waits for the high
 * watermark to reach the end that the log had when leadership began, and so on until nothing is missing.
 */
final class ShardLoader<S extends CoordinatorShard> {
    private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);

    /** Whoever waits for groups of a large partition shall see that it goes on. */
    private static final int RECORDS_BETWEEN_REPORTS = 100_000;

    /** How loading ended; on the loop. {@code failure} is null when the shard is complete. */
    interface Completion {
        void loaded(long endOffsetExclusive, @Nullable Exception failure);
    }

    private final String name;
    private final ShardHost<S> host;
    private final RecordCodec codec;
    private final IoWorkers workers;
    private final int bufferSizeBytes;
    private final long endOffsetExclusive;
    private final Completion completion;
    private long position;
    private long recordCount;

    ShardLoader(
            String name,
            ShardHost<S> host,
            RecordCodec codec,
            IoWorkers workers,
            int bufferSizeBytes,
            Completion completion) {
        this.name = name;
        this.host = host;
        this.codec = codec;
        this.workers = workers;
        this.bufferSizeBytes = bufferSizeBytes;
        this.completion = completion;
        this.endOffsetExclusive = host.log().endOffset();
        this.position = host.log().startOffset();
    }

    long recordCount() {
        return recordCount;
    }

    /** On the loop; the shard must not be touched until the completion is called. */
    void proceed() {
        if (host.closed()) {
            return;
        }
        if (position >= endOffsetExclusive) {
            completion.loaded(position, null);
        } else if (host.log().highWatermark() <= position) {
            host.log().awaitHighWatermark(position, this::proceed);
        } else {
            workers.submit(this::replayCommitted, host.loop(), this::replayed);
        }
    }

    private void replayed(@Nullable Long reached, @Nullable Exception failure) {
        if (host.closed()) {
            return;
        }
        if (failure != null) {
            completion.loaded(position, failure);
            return;
        }
        position = Objects.requireNonNull(reached);
        proceed();
    }

    /** On an I/O worker: nothing else touches shard and position meanwhile. Returns the offset to go on from. */
    private Long replayCommitted() {
        long offset = position;
        while (offset < endOffsetExclusive) {
            MemoryRecords records = host.log().read(offset, bufferSizeBytes);
            long next = offset;
            for (MutableRecordBatch batch : records.batches()) {
                replayBatch(batch, offset);
                next = batch.nextOffset();
            }
            if (next == offset) {
                break;
            }
            offset = next;
        }
        return offset;
    }

    private void replayBatch(MutableRecordBatch batch, long fromOffset) {
        if (batch.isControlBatch()) {
            for (Record record : batch) {
                ControlRecordType type = ControlRecordType.parse(record.key());
                if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT) {
                    host.shard().replayTransactionEnd(batch.producerId(), type == ControlRecordType.COMMIT);
                }
            }
            return;
        }
        long producerId = batch.isTransactional() ? batch.producerId() : CoordinatorShard.NO_PRODUCER_ID;
        for (Record record : batch) {
            if (record.offset() >= fromOffset && record.hasKey()) {
                replayRecord(record, producerId);
            }
        }
    }

    private void replayRecord(Record record, long producerId) {
        ByteBuffer key = record.key();
        short type = key.getShort(key.position());
        CoordinatorRecord decoded = codec.decode(key, record.hasValue() ? record.value() : null);
        if (decoded == null) {
            LOG.warn(
                    "{}: skipped the record at offset {}: its type {} is not known to this version",
                    name,
                    record.offset(),
                    type);
            return;
        }
        host.shard().replay(record.offset(), producerId, decoded);
        recordCount++;
        if (recordCount % RECORDS_BETWEEN_REPORTS == 0) {
            LOG.info(
                    "{}: loading coordinator state: {} records so far, at offset {} of {}",
                    name,
                    recordCount,
                    record.offset(),
                    endOffsetExclusive);
        }
    }
}

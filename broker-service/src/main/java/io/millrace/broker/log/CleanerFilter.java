package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.CloseableIterator;

/**
 * Decides what compaction leaves of each batch, and writes it. Of a key its last record stays; a record without a value (a tombstone)
 * and the marker of a transaction without records stay until their batch's delete horizon, which the first compaction that meets them
 * sets (KIP-534); records of aborted transactions go. Offsets, sequences, epochs and compression stay as they are. One thread at a time.
 */
final class CleanerFilter {

    private final CleanerOffsetMap map;
    private final CleanerTransactions transactions;
    private final Map<Long, ProducerStates.LastBatch> producers;
    private final long endOffset;
    private final long nowMs;
    private final long deleteRetentionMs;
    private final BufferSupplier buffers = BufferSupplier.create();
    private final BitSet kept = new BitSet();
    private long recordsRead;
    private long recordsWritten;

    /**
     * @param producers the last batches of the producers the log knows: they stay, emptied if need be, for their sequence and epoch
     * @param endOffset where the compaction ends; the batch before it stays, so that the offset is not forgotten
     */
    CleanerFilter(
            CleanerOffsetMap map,
            CleanerTransactions transactions,
            Map<Long, ProducerStates.LastBatch> producers,
            long endOffset,
            long nowMs,
            long deleteRetentionMs) {
        this.map = map;
        this.transactions = transactions;
        this.producers = producers;
        this.endOffset = endOffset;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    long recordsRead() {
        return recordsRead;
    }

    long recordsWritten() {
        return recordsWritten;
    }

    /**
     * Writes what is left of a batch; whether that is other than the batch as it was.
     *
     * @param bytes the batch's own bytes
     * @param keepLegacyTombstones whether batches without a delete horizon, of version 0 or 1, keep their tombstones
     */
    boolean filter(RecordBatch batch, ByteBuffer bytes, boolean keepLegacyTombstones, ByteBufferOutputStream out) {
        boolean control = batch.isControlBatch();
        boolean needless = control ? transactions.isSuperfluous(batch) : transactions.isAborted(batch);
        boolean drop = needless && (!control || isPast(batch.deleteHorizonMs()));
        Choice choice = choose(batch, drop, keepLegacyTombstones);
        boolean needsHorizon = batch.magic() >= RecordBatch.MAGIC_VALUE_V2
                && batch.deleteHorizonMs().isEmpty()
                && (control ? needless : choice.tombstones);
        recordsRead += choice.records;
        recordsWritten += choice.kept;
        if (choice.kept == choice.records && choice.kept > 0 && !needsHorizon) {
            out.write(bytes);
            return false;
        }
        if (choice.kept > 0) {
            rewrite(batch, needsHorizon ? newHorizon() : batch.deleteHorizonMs(), out);
        } else if (batch.magic() >= RecordBatch.MAGIC_VALUE_V2
                && (isLastOfProducer(batch) || batch.nextOffset() == endOffset)) {
            writeEmpty(batch, out);
            return choice.records > 0;
        }
        return true;
    }

    private boolean isPast(OptionalLong deleteHorizonMs) {
        return deleteHorizonMs.isPresent() && deleteHorizonMs.getAsLong() <= nowMs;
    }

    private OptionalLong newHorizon() {
        return OptionalLong.of(nowMs + Math.min(deleteRetentionMs, Long.MAX_VALUE - nowMs));
    }

    /** How many records a batch has, how many of them stay (they are marked in {@link #kept}), and whether there are tombstones among those. */
    private record Choice(int records, int kept, boolean tombstones) {}

    private Choice choose(RecordBatch batch, boolean drop, boolean keepLegacyTombstones) {
        kept.clear();
        int index = 0;
        boolean tombstones = false;
        try (CloseableIterator<Record> records = batch.streamingIterator(buffers)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (!drop && (batch.isControlBatch() || isKept(batch, record, keepLegacyTombstones))) {
                    kept.set(index);
                    tombstones |= !record.hasValue();
                }
                index++;
            }
        }
        return new Choice(index, kept.cardinality(), tombstones);
    }

    private boolean isKept(RecordBatch batch, Record record, boolean keepLegacyTombstones) {
        if (record.offset() > map.latestOffset()) {
            return true;
        }
        if (!record.hasKey() || record.offset() < map.get(record.key())) {
            return false;
        }
        return record.hasValue()
                || (batch.magic() >= RecordBatch.MAGIC_VALUE_V2
                        ? !isPast(batch.deleteHorizonMs())
                        : keepLegacyTombstones);
    }

    /**
     * The batch that holds a producer's last sequence; or, of a producer that has not written since its last transaction, the marker,
     * which holds its epoch.
     */
    private boolean isLastOfProducer(RecordBatch batch) {
        ProducerStates.LastBatch last = batch.hasProducerId() ? producers.get(batch.producerId()) : null;
        if (last == null) {
            return false;
        }
        return last.offset() >= 0
                ? batch.lastOffset() == last.offset()
                : batch.isControlBatch() && batch.producerEpoch() == last.epoch();
    }

    private void rewrite(RecordBatch batch, OptionalLong deleteHorizonMs, ByteBufferOutputStream out) {
        TimestampType timestamps = batch.timestampType();
        try (CloseableIterator<Record> records = batch.streamingIterator(buffers)) {
            MemoryRecordsBuilder builder = null;
            for (int index = 0; records.hasNext(); index++) {
                Record record = records.next();
                if (!kept.get(index)) {
                    continue;
                }
                if (builder == null) {
                    builder = new MemoryRecordsBuilder(
                            out,
                            batch.magic(),
                            Compression.of(batch.compressionType()).build(),
                            timestamps,
                            batch.magic() >= RecordBatch.MAGIC_VALUE_V2 ? batch.baseOffset() : record.offset(),
                            timestamps == TimestampType.LOG_APPEND_TIME
                                    ? batch.maxTimestamp()
                                    : RecordBatch.NO_TIMESTAMP,
                            batch.producerId(),
                            batch.producerEpoch(),
                            batch.baseSequence(),
                            batch.isTransactional(),
                            batch.isControlBatch(),
                            batch.partitionLeaderEpoch(),
                            Integer.MAX_VALUE,
                            deleteHorizonMs.orElse(RecordBatch.NO_TIMESTAMP));
                }
                builder.append(record);
            }
            if (builder == null) {
                throw new IllegalStateException("no record to keep at offset " + batch.baseOffset());
            }
            if (batch.magic() >= RecordBatch.MAGIC_VALUE_V2) {
                builder.overrideLastOffset(batch.lastOffset()); // With it the last sequence stays what it was.
            }
            builder.close();
        }
    }

    private static void writeEmpty(RecordBatch batch, ByteBufferOutputStream out) {
        ByteBuffer header = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(
                header,
                batch.magic(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.partitionLeaderEpoch(),
                batch.timestampType(),
                batch.maxTimestamp(),
                batch.isTransactional(),
                batch.isControlBatch());
        out.write(header.flip());
    }
}

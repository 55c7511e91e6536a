package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;

/** The first half of a compaction: notes the last offset of each key of the dirty segments. One thread at a time. */
final class CleanerMapping {

    private final CleanerRange range;
    private final CleanerOffsetMap map;
    private final CleanerTransactions transactions;
    private final CleanerScan scan;
    private final BufferSupplier buffers = BufferSupplier.create();
    private boolean full;

    CleanerMapping(
            CleanerRange range, CleanerOffsetMap map, List<TransactionIndex.Aborted> aborted, ByteBuffer readBuffer) {
        this.range = range;
        this.map = map;
        this.transactions = new CleanerTransactions(aborted.stream()
                .filter(a -> a.lastOffset() >= range.firstDirtyOffset())
                .toList());
        this.scan = new CleanerScan(
                range.segments().subList(firstDirty(range), range.segments().size()), readBuffer);
    }

    private static int firstDirty(CleanerRange range) {
        int first = 0;
        while (first + 1 < range.segments().size()
                && range.segments().get(first + 1).baseOffset() <= range.firstDirtyOffset()) {
            first++;
        }
        return first;
    }

    /** Reads the next batches; how many bytes they had. */
    int slice() throws IOException {
        int bytes = scan.slice((segment, batch, raw) -> take(batch));
        if (scan.isDone() && !full) {
            map.reached(range.endOffset() - 1);
        }
        return bytes;
    }

    /** Whether all has been read that the map could take. */
    boolean isDone() {
        return scan.isDone();
    }

    /** False when the map is full. */
    private boolean take(RecordBatch batch) {
        if (batch.isControlBatch()) {
            transactions.isSuperfluous(batch);
        } else if (batch.lastOffset() >= range.firstDirtyOffset() && !transactions.isAborted(batch)) {
            full = !putAll(batch);
            return !full;
        }
        return true;
    }

    private boolean putAll(RecordBatch batch) {
        try (CloseableIterator<Record> records = batch.streamingIterator(buffers)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.hasKey()
                        && record.offset() >= range.firstDirtyOffset()
                        && !map.put(record.key(), record.offset())) {
                    return false;
                }
            }
        }
        return true;
    }
}

package io.millrace.broker.simulation;

import io.millrace.broker.log.LogRead;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** One record as a log has it. */
record Entry(long offset, int leaderEpoch, String value) {

    /** Records from {@code from} on, below {@code end}. */
    static List<Entry> of(MemoryRecords records, long from, long end) {
        List<Entry> entries = new ArrayList<>();
        for (RecordBatch batch : records.batches()) {
            for (Record record : batch) {
                if (record.offset() >= from && record.offset() < end) {
                    entries.add(new Entry(
                            record.offset(),
                            batch.partitionLeaderEpoch(),
                            StandardCharsets.UTF_8.decode(record.value()).toString()));
                }
            }
        }
        return entries;
    }

    /** Everything below {@code end}. */
    static List<Entry> in(PartitionLog log, long end) {
        LogSnapshot snapshot = log.snapshot();
        List<Entry> entries = new ArrayList<>();
        long offset = snapshot.logStartOffset();
        while (offset < end) {
            LogRead read = log.read(offset, 1 << 20, snapshot.logEndOffset(), true, false);
            if (read.records() == null) {
                throw new Violation("a log that ends at " + snapshot.logEndOffset() + " has nothing at " + offset);
            }
            List<Entry> next = of(SimulatedRequest.read(read.records()), offset, end);
            if (next.isEmpty()) {
                break;
            }
            entries.addAll(next);
            offset = entries.getLast().offset() + 1;
        }
        return entries;
    }
}

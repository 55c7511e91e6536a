package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Everything that was appended to a compacted log and not cut off, and what must be found of it in the log. */
final class CompactionModel {

    record Entry(long offset, String key, String value) {}

    /**
     * One appended batch.
     *
     * @param producerId -1 for none
     * @param marker null unless it is one
     */
    record Batch(
            long baseOffset,
            long endOffset,
            long producerId,
            int lastSequence,
            boolean transactional,
            ControlRecordType marker,
            List<Entry> entries,
            long appendedMs) {}

    private final List<Batch> batches = new ArrayList<>();
    private final long deleteRetentionMs;
    long start;
    long end;

    CompactionModel(long deleteRetentionMs) {
        this.deleteRetentionMs = deleteRetentionMs;
    }

    void appended(Batch batch) {
        assertThat(batch.baseOffset).isEqualTo(end);
        batches.add(batch);
        end = batch.endOffset;
    }

    void truncated(long offset) {
        batches.removeIf(batch ->
                batch.endOffset > offset); // One that goes beyond it is gone as well: the log began anew there.
        end = offset;
    }

    /** The greatest offset at or below the given at which a batch begins. */
    long boundary(long offset) {
        return batches.stream()
                .mapToLong(Batch::baseOffset)
                .filter(base -> base <= offset)
                .max()
                .orElse(offset);
    }

    int lastSequence(long producerId) {
        return batches.stream()
                .filter(batch -> batch.producerId == producerId && batch.marker == null)
                .mapToInt(Batch::lastSequence)
                .reduce(-1, (first, second) -> second);
    }

    /** Whether a batch with records of the producer is above the log start. */
    boolean hasBatch(long producerId) {
        return batches.stream()
                .anyMatch(batch -> batch.producerId == producerId && batch.marker == null && batch.baseOffset >= start);
    }

    boolean isOpen(long producerId) {
        return batches.stream()
                .filter(batch -> batch.producerId == producerId)
                .reduce((first, second) -> second)
                .filter(last -> last.marker == null && last.transactional)
                .isPresent();
    }

    /** What became of each batch's transaction; nothing for batches outside of one. */
    private Map<Batch, ControlRecordType> outcomes() {
        Map<Batch, ControlRecordType> outcomes = new HashMap<>();
        Map<Long, List<Batch>> open = new HashMap<>();
        for (Batch batch : batches) {
            if (batch.marker != null) {
                open.getOrDefault(batch.producerId, List.of()).forEach(b -> outcomes.put(b, batch.marker));
                open.remove(batch.producerId);
            } else if (batch.transactional) {
                open.computeIfAbsent(batch.producerId, id -> new ArrayList<>()).add(batch);
            }
        }
        open.values().forEach(undecided -> undecided.forEach(b -> outcomes.put(b, ControlRecordType.UNKNOWN)));
        return outcomes;
    }

    /** Compares the log, of which all replicas know everything, with what it may and must hold. */
    void check(PartitionLog log, int fetchBytes, long nowMs) {
        assertThat(log.offlineReason()).isNull();
        assertThat(log.compaction().isUncleanable()).as("uncleanable").isFalse();
        assertThat(log.snapshot().logEndOffset()).isEqualTo(end);
        Map<Batch, ControlRecordType> outcomes = outcomes();
        List<Entry> all = new ArrayList<>();
        Set<Long> aborted = new HashSet<>();
        Map<Long, Long> appendedMs = new HashMap<>();
        for (Batch batch : batches) {
            all.addAll(batch.entries);
            batch.entries.forEach(e -> appendedMs.put(e.offset, batch.appendedMs));
            if (outcomes.get(batch) == ControlRecordType.ABORT) {
                batch.entries.forEach(e -> aborted.add(e.offset));
            }
        }
        List<Entry> found = new ArrayList<>();
        long reached = read(log, fetchBytes, log.snapshot().logEndOffset(), false, found);
        assertThat(reached).as("where a consumer gets to").isEqualTo(end);
        assertThat(all).as("records were appended").containsAll(found);
        assertThat(found).isSortedAccordingTo(Comparator.comparingLong(Entry::offset));
        checkNothingIsMissing(log, all, found, aborted, appendedMs, nowMs);
        checkNothingIsSuperfluous(log, found, aborted);
        checkReadCommitted(log, fetchBytes, found, aborted);
        checkProducers(log);
    }

    private void checkNothingIsMissing(
            PartitionLog log,
            List<Entry> all,
            List<Entry> found,
            Set<Long> aborted,
            Map<Long, Long> appendedMs,
            long nowMs) {
        long stable = log.snapshot().lastStableOffset();
        long activeBase = log.view().active().baseOffset();
        TreeMap<String, Entry> last = new TreeMap<>();
        List<Entry> missing = new ArrayList<>(all);
        missing.removeAll(new HashSet<>(found));
        for (Entry entry : all) {
            if (entry.offset < stable && !aborted.contains(entry.offset)) {
                last.put(entry.key, entry);
            }
        }
        for (Entry entry : missing) {
            if (entry.offset < start) {
                continue;
            }
            assertThat(entry.offset).as("undecided record is there").isLessThan(stable);
            assertThat(entry.offset).as("record of the active segment is there").isLessThan(activeBase);
            if (entry.equals(last.get(entry.key))) {
                assertThat(entry.value)
                        .as("last record of its key, missing: " + entry + "; stable up to " + stable)
                        .isNull();
                assertThat(nowMs - appendedMs.get(entry.offset))
                        .as("age of the tombstone that is gone from " + entry.offset)
                        .isGreaterThanOrEqualTo(deleteRetentionMs);
            }
        }
    }

    private static void checkNothingIsSuperfluous(PartitionLog log, List<Entry> found, Set<Long> aborted) {
        Map<String, Long> seen = new HashMap<>();
        for (Entry entry : found) {
            if (entry.offset < log.compaction().cleanedOffset()) {
                assertThat(aborted).as("aborted records in the clean part").doesNotContain(entry.offset);
                assertThat(seen.put(entry.key, entry.offset))
                        .as("earlier record in the clean part with the key of " + entry)
                        .isNull();
            }
        }
    }

    private void checkReadCommitted(PartitionLog log, int fetchBytes, List<Entry> found, Set<Long> aborted) {
        long stable = log.snapshot().lastStableOffset();
        List<Entry> committed = new ArrayList<>();
        read(log, fetchBytes, stable, true, committed);
        assertThat(committed)
                .as("records for read_committed; aborted are " + abortedTransactions(log))
                .isEqualTo(found.stream()
                        .filter(e -> e.offset < stable && !aborted.contains(e.offset))
                        .toList());
    }

    /** The log's batches: offsets, producer, kind, how many records are left; and where segments begin. */
    static String describe(PartitionLog log) {
        StringBuilder text = new StringBuilder();
        for (Segment segment : log.view().segments()) {
            text.append("segment ").append(segment.baseOffset()).append(": ");
            try {
                SegmentScan.scan(
                        segment.file().acquire(), 0, segment.sizeBytes(), false, (buffer, at, size, position) -> {
                            RecordBatch batch = BatchLayout.batch(buffer, at, size);
                            text.append(batch.baseOffset()).append("-").append(batch.lastOffset());
                            text.append(batch.hasProducerId() ? " of " + batch.producerId() : "");
                            text.append(batch.isControlBatch() ? " marker" : "");
                            text.append(" (").append(batch.countOrNull()).append("), ");
                            return true;
                        });
            } catch (IOException e) {
                text.append(e);
            }
        }
        return text.toString();
    }

    private static List<TransactionIndex.Aborted> abortedTransactions(PartitionLog log) {
        List<TransactionIndex.Aborted> aborted = new ArrayList<>();
        for (Segment segment : log.view().segments()) {
            try {
                aborted.addAll(segment.indexes().transactions().entries());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return aborted;
    }

    private void checkProducers(PartitionLog log) {
        Map<Long, ProducerState> states = new HashMap<>();
        log.producers().forEach(state -> states.put(state.producerId(), state));
        for (long id = 0; id < 10; id++) {
            long producerId = id;
            boolean within = batches.stream().anyMatch(b -> b.producerId == producerId && b.baseOffset >= start);
            long lastData = batches.stream()
                    .filter(b -> b.producerId == producerId && b.marker == null)
                    .mapToLong(Batch::baseOffset)
                    .max()
                    .orElse(-1);
            if (within && lastData >= start) {
                assertThat(states).containsKey(producerId);
                assertThat(states.get(producerId).lastSequence())
                        .as("last sequence of producer " + producerId)
                        .isEqualTo(lastSequence(producerId));
                assertThat(states.get(producerId).currentTxnStartOffset() >= 0)
                        .as("open transaction of producer " + producerId)
                        .isEqualTo(isOpen(producerId));
            }
        }
    }

    /** Reads as a consumer does; the offset it reaches. */
    private static long read(PartitionLog log, int fetchBytes, long upTo, boolean committed, List<Entry> into) {
        long offset = log.snapshot().logStartOffset();
        while (offset < upTo) {
            LogRead read = log.read(offset, fetchBytes, upTo, true, committed);
            if (read.records() == null) {
                return offset;
            }
            PriorityQueue<AbortedTransaction> coming =
                    new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
            coming.addAll(committed ? read.abortedTransactions() : List.of());
            Set<Long> aborting = new HashSet<>();
            MemoryRecords records = LogHarness.bytesOf(read.records());
            for (RecordBatch batch : records.batches()) {
                batch.ensureValid();
                while (!coming.isEmpty() && coming.peek().firstOffset() <= batch.lastOffset()) {
                    aborting.add(coming.remove().producerId());
                }
                if (batch.isControlBatch()) {
                    endTransaction(batch, aborting);
                } else if (!batch.isTransactional() || !aborting.contains(batch.producerId())) {
                    for (Record record : batch) {
                        if (record.offset() >= offset) {
                            into.add(new Entry(record.offset(), text(record.key()), text(record.value())));
                        }
                    }
                }
                offset = Math.max(offset, batch.nextOffset());
            }
        }
        return offset;
    }

    private static void endTransaction(RecordBatch batch, Set<Long> aborting) {
        for (Record record : batch) {
            if (ControlRecordType.parse(record.key()) == ControlRecordType.ABORT) {
                aborting.remove(batch.producerId());
            }
        }
    }

    private static String text(ByteBuffer bytes) {
        return LogHarness.text(bytes);
    }
}

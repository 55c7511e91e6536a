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

/** Everything that was appended to a log and not cut off, and what must be found of it in the log, compacted or not. */
final class LogModel {

    record Entry(long offset, String key, String value, long timestampMs) {}

    /**
     * One appended batch.
     *
     * @param producerId -1 for none
     * @param marker null unless it is one
     */
    record Batch(
            long baseOffset,
            long endOffset,
            int epoch,
            long producerId,
            int lastSequence,
            boolean transactional,
            ControlRecordType marker,
            List<Entry> entries,
            long appendedMs) {}

    private final List<Batch> batches = new ArrayList<>();
    private final boolean compacted;
    private final long deleteRetentionMs;

    /** Producers whose newest batches were cut off after compaction may have removed earlier ones: what is known of them is open. */
    private final Set<Long> uncertain = new HashSet<>();

    /** Compaction may have gone by everything below these, whatever the log knows after a restart or a move. */
    private long decidedUpTo;

    private long sealedUpTo;

    long start;
    long end;

    private LogModel(boolean compacted, long deleteRetentionMs) {
        this.compacted = compacted;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    static LogModel ofCompactedLog(long deleteRetentionMs) {
        return new LogModel(true, deleteRetentionMs);
    }

    /** Of a log that keeps every record from its start on. */
    static LogModel ofWholeLog() {
        return new LogModel(false, 0);
    }

    void appended(Batch batch) {
        assertThat(batch.baseOffset).isGreaterThanOrEqualTo(end);
        batches.add(batch);
        end = batch.endOffset;
        uncertain.remove(batch.producerId);
    }

    void truncated(long offset) {
        // A batch that goes beyond the offset is gone as well: the log began anew there.
        for (Batch batch : batches) {
            if (compacted && batch.endOffset > offset) {
                uncertain.add(batch.producerId);
            }
        }
        batches.removeIf(batch -> batch.endOffset > offset);
        end = offset;
        decidedUpTo = Math.min(decidedUpTo, offset);
        sealedUpTo = Math.min(sealedUpTo, offset);
    }

    /** Takes note of how far a compaction may go now. */
    void saw(PartitionLog log) {
        decidedUpTo = Math.max(decidedUpTo, log.snapshot().lastStableOffset());
        sealedUpTo = Math.max(sealedUpTo, log.view().active().baseOffset());
    }

    /** Nothing is left, and the log goes on at an offset. */
    void restarted(long offset) {
        batches.clear();
        uncertain.clear();
        decidedUpTo = offset;
        sealedUpTo = offset;
        start = offset;
        end = offset;
    }

    /** Where the last batch ends: the log may end later, in a gap that compaction left, which a restart does not know of. */
    long endOfLastBatch() {
        return endOfBatchesBelow(Long.MAX_VALUE);
    }

    long endOfBatchesBelow(long offset) {
        return batches.stream()
                .mapToLong(Batch::endOffset)
                .filter(endOffset -> endOffset <= offset)
                .max()
                .orElse(0);
    }

    /** The base offset of the batch that has an offset in its midst; else the offset itself. */
    long notWithinABatch(long offset) {
        for (Batch batch : batches) {
            if (batch.baseOffset < offset && offset < batch.endOffset) {
                return batch.baseOffset;
            }
        }
        return offset;
    }

    /** All records and markers between two offsets, as time look-ups see them. */
    List<Entry> entriesIn(long from, long to) {
        List<Entry> entries = new ArrayList<>();
        for (Batch batch : batches) {
            if (batch.marker != null) {
                entries.add(new Entry(batch.baseOffset, null, null, batch.appendedMs));
            }
            entries.addAll(batch.entries);
        }
        entries.removeIf(e -> e.offset < from || e.offset >= to);
        return entries;
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
                        .anyMatch(batch ->
                                batch.producerId == producerId && batch.marker == null && batch.baseOffset >= start)
                && !uncertain.contains(producerId);
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
        saw(log);
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
        assertThat(reached)
                .as("where a consumer gets to")
                .isBetween(Math.max(start, endOfLastBatch()), Math.max(start, end));
        assertThat(all).as("records were appended").containsAll(found);
        assertThat(found).isSortedAccordingTo(Comparator.comparingLong(Entry::offset));
        checkNothingIsMissing(all, found, aborted, appendedMs, nowMs);
        if (compacted) {
            checkNothingIsSuperfluous(log, found, aborted);
        }
        checkLastStableOffset(log, outcomes);
        checkReadCommitted(log, fetchBytes, found, aborted);
        checkProducers(log);
        checkEpochs(log, found);
        if (!compacted) {
            checkTimestamps(log, nowMs);
        }
    }

    private void checkNothingIsMissing(
            List<Entry> all, List<Entry> found, Set<Long> aborted, Map<Long, Long> appendedMs, long nowMs) {
        long stable = decidedUpTo;
        long activeBase = sealedUpTo;
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
            assertThat(compacted).as("record is there: " + entry).isTrue();
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

    /**
     * A transaction holds it back while it is open, or decided by a marker that not all replicas have; of one that began below the log
     * start nothing need be known, and of the other kind nothing is after a restart, as for Apache Kafka.
     */
    private void checkLastStableOffset(PartitionLog log, Map<Batch, ControlRecordType> outcomes) {
        LogSnapshot snapshot = log.snapshot();
        long least = snapshot.highWatermark();
        long most = snapshot.highWatermark();
        Set<Long> decidedLater = new HashSet<>();
        for (Batch batch : batches.reversed()) {
            if (batch.marker != null && batch.baseOffset >= snapshot.highWatermark()) {
                decidedLater.add(batch.producerId);
            } else if (batch.marker != null) {
                decidedLater.remove(batch.producerId);
            } else if (outcomes.get(batch) == ControlRecordType.UNKNOWN) {
                least = Math.min(least, batch.baseOffset);
                most = batch.baseOffset >= start ? Math.min(most, batch.baseOffset) : most;
            } else if (decidedLater.contains(batch.producerId)) {
                least = Math.min(least, batch.baseOffset);
            }
        }
        assertThat(snapshot.lastStableOffset())
                .as("last stable offset")
                .isBetween(
                        Math.max(least, Math.min(start, most)),
                        Math.max(most, Math.min(start, snapshot.highWatermark())));
    }

    /** A record tells its epoch; so do the epochs of a log that was not compacted tell where each ends. */
    private void checkEpochs(PartitionLog log, List<Entry> found) {
        Map<Integer, Long> ends = new TreeMap<>();
        Map<Long, Integer> epochs = new HashMap<>();
        for (Batch batch : batches) {
            if (batch.endOffset > start) {
                ends.put(batch.epoch, batch.endOffset);
                batch.entries.forEach(e -> epochs.put(e.offset, batch.epoch));
            }
        }
        for (Entry entry : found) {
            assertThat(log.epochOf(entry.offset)).as("epoch of " + entry).isEqualTo(epochs.get(entry.offset));
        }
        if (!compacted) {
            int latest = ends.isEmpty() ? -1 : ((TreeMap<Integer, Long>) ends).lastKey();
            ends.forEach((epoch, endOffset) -> {
                PartitionLog.EpochEnd told = log.endOfEpoch(epoch);
                assertThat(told.leaderEpoch()).isEqualTo(epoch);
                // Offsets that no record has, before the next epoch's first record, are of neither.
                assertThat(told.endOffsetExclusive())
                        .as("end of epoch " + epoch)
                        .isBetween(endOffset, epoch == latest ? end : nextBase(endOffset));
            });
        }
    }

    private long nextBase(long offset) {
        return batches.stream()
                .mapToLong(Batch::baseOffset)
                .filter(base -> base >= offset)
                .min()
                .orElse(end);
    }

    private void checkTimestamps(PartitionLog log, long nowMs) {
        List<Entry> entries = entriesIn(start, end);
        if (entries.isEmpty()) {
            return;
        }
        Entry some = entries.get((int) (nowMs % entries.size()));
        for (long wanted = some.timestampMs - 1; wanted <= some.timestampMs + 1; wanted++) {
            long time = wanted;
            Entry first = entries.stream()
                    .filter(e -> e.timestampMs >= time)
                    .findFirst()
                    .orElse(null);
            PartitionLog.TimestampOffset found = log.offsetForTimestamp(time);
            assertThat(found == null ? -1 : found.offset())
                    .as("offset for timestamp " + time)
                    .isEqualTo(first == null ? -1 : first.offset);
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
        long readable = notWithinABatch(stable); // Half a batch is not read.
        List<Entry> committed = new ArrayList<>();
        read(log, fetchBytes, stable, true, committed);
        assertThat(committed)
                .as("records for read_committed; aborted are " + abortedTransactions(log))
                .isEqualTo(found.stream()
                        .filter(e -> e.offset < readable && !aborted.contains(e.offset))
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
            if (within && lastData >= start && !uncertain.contains(producerId)) {
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
                            into.add(new Entry(
                                    record.offset(), text(record.key()), text(record.value()), record.timestamp()));
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

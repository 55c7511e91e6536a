package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The producers of one log: what decides whether a batch continues its producer's sequence, repeats it or breaks it, and which
 * transactions are open. Owned by the log's loop. Behaviour of KIP-98 and KIP-360 as in Kafka 4.
 */
final class ProducerStates {

    /** A decided transaction: its producer, first offset, and the offset of its marker. */
    record Decided(long producerId, long firstOffset, long lastOffset, boolean aborted) {}

    private final Map<Long, Producer> producers = new HashMap<>();

    /** Open transactions by first offset; the value is the producer. */
    private final TreeMap<Long, Long> open = new TreeMap<>();

    /** Decided transactions by first offset whose marker the high watermark has not passed; the value is the marker's offset. */
    private final TreeMap<Long, Long> unreplicated = new TreeMap<>();

    /** Offset of the last batch that changed anything here; -1 when none is known. */
    private long lastChangeOffset = -1;

    /** The last batch of a producer: the offset of its last record, -1 when it wrote none since its last transaction, and its epoch. */
    record LastBatch(long offset, short epoch) {}

    /** The last batch of each producer. */
    Map<Long, LastBatch> lastBatches() {
        Map<Long, LastBatch> last = HashMap.newHashMap(producers.size());
        producers.forEach((id, producer) -> last.put(id, new LastBatch(producer.lastOffset(), producer.epoch())));
        return last;
    }

    boolean isEmpty() {
        return producers.isEmpty();
    }

    Collection<Producer> producers() {
        return producers.values();
    }

    long lastChangeOffset() {
        return lastChangeOffset;
    }

    /** First offset that is not decided, or not known by all replicas to be; -1 when there is none. */
    long firstUndecidedOffset() {
        long first = open.isEmpty() ? Long.MAX_VALUE : open.firstKey();
        if (!unreplicated.isEmpty()) {
            first = Math.min(first, unreplicated.firstKey());
        }
        return first == Long.MAX_VALUE ? -1 : first;
    }

    void highWatermarkAdvanced(long highWatermark) {
        while (!unreplicated.isEmpty() && unreplicated.firstEntry().getValue() < highWatermark) {
            unreplicated.pollFirstEntry();
        }
    }

    /** Checks one batch of a producer against what is known of it; null when it may be appended. The batch has no offsets yet. */
    @Nullable
    AppendResult check(ByteBuffer buffer, int at, AppendOrigin origin, long logStartOffset) {
        long producerId = BatchLayout.producerId(buffer, at);
        short epoch = BatchLayout.producerEpoch(buffer, at);
        Producer producer = producers.get(producerId);
        if (BatchLayout.isControl(buffer, at)) {
            return checkMarker(buffer, at, producer, producerId, epoch);
        }
        if (producer == null) {
            return null; // Never seen or expired: any sequence may begin here (KIP-360).
        }
        int first = BatchLayout.baseSequence(buffer, at);
        if (origin == AppendOrigin.CLIENT) {
            int last = DefaultRecordBatch.incrementSequence(first, BatchLayout.lastOffsetDelta(buffer, at));
            int slot = producer.find(epoch, first, last);
            if (slot >= 0) {
                boolean appendTime = BatchLayout.isLogAppendTime(buffer, at);
                return new AppendResult.Duplicate(
                        producer.firstOffsetAt(slot),
                        producer.lastOffsetAt(slot) + 1,
                        appendTime ? producer.timestampMsAt(slot) : RecordBatch.NO_TIMESTAMP,
                        logStartOffset);
            }
        }
        if (epoch < producer.epoch()) {
            return rejected(
                    Errors.INVALID_PRODUCER_EPOCH,
                    "producer " + producerId + " wrote with epoch " + epoch + " after epoch " + producer.epoch()
                            + "; another instance has taken over its id");
        }
        if (origin == AppendOrigin.CLIENT) {
            AppendResult outOfOrder = checkSequence(producer, epoch, first);
            if (outOfOrder != null) {
                return outOfOrder;
            }
        }
        if (producer.openTransactionOffset() >= 0 && !BatchLayout.isTransactional(buffer, at)) {
            return rejected(
                    Errors.INVALID_TXN_STATE,
                    "producer " + producerId + " wrote outside of its open transaction, which began at offset "
                            + producer.openTransactionOffset());
        }
        return null;
    }

    private static @Nullable AppendResult checkSequence(Producer producer, short epoch, int firstSequence) {
        if (epoch != producer.epoch()) {
            if (firstSequence != 0 && producer.epoch() != RecordBatch.NO_PRODUCER_EPOCH) {
                return rejected(
                        Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                        "producer " + producer.id() + " began epoch " + epoch + " with sequence " + firstSequence
                                + " instead of 0");
            }
            return null;
        }
        int last = producer.lastSequence();
        if (producer.epoch() != RecordBatch.NO_PRODUCER_EPOCH && !follows(last, firstSequence)) {
            return rejected(
                    Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    "producer " + producer.id() + " with epoch " + epoch + " sent sequence " + firstSequence
                            + " after sequence " + last);
        }
        return null;
    }

    private static boolean follows(int last, int next) {
        return next == last + 1L || (next == 0 && last == Integer.MAX_VALUE);
    }

    private static @Nullable AppendResult checkMarker(
            ByteBuffer buffer, int at, @Nullable Producer producer, long producerId, short epoch) {
        if (producer == null) {
            return null;
        }
        if (epoch < producer.epoch()) {
            return rejected(
                    Errors.INVALID_PRODUCER_EPOCH,
                    "marker of producer " + producerId + " has epoch " + epoch + ", older than " + producer.epoch());
        }
        Marker marker = marker(buffer, at);
        if (marker != null && marker.coordinatorEpoch < producer.coordinatorEpoch()) {
            return rejected(
                    Errors.TRANSACTION_COORDINATOR_FENCED,
                    "marker of producer " + producerId + " comes from coordinator epoch " + marker.coordinatorEpoch
                            + ", older than " + producer.coordinatorEpoch());
        }
        return null;
    }

    private static AppendResult rejected(Errors error, String message) {
        return new AppendResult.Rejected(error, message, List.of());
    }

    /** Takes in a batch that is in the log with its final offsets; the transaction it decides, or null. */
    @Nullable
    Decided apply(ByteBuffer buffer, int at, int sizeBytes) {
        long producerId = BatchLayout.producerId(buffer, at);
        short epoch = BatchLayout.producerEpoch(buffer, at);
        long baseOffset = BatchLayout.baseOffset(buffer, at);
        long lastOffset = BatchLayout.lastOffset(buffer, at);
        long timestampMs = BatchLayout.maxTimestamp(buffer, at, sizeBytes);
        lastChangeOffset = lastOffset;
        if (BatchLayout.isControl(buffer, at)) {
            Marker marker = marker(buffer, at);
            return marker == null ? null : decide(producerId, epoch, marker, lastOffset);
        }
        Producer producer = producers.computeIfAbsent(producerId, Producer::new);
        int delta = BatchLayout.lastOffsetDelta(buffer, at);
        int lastSequence = DefaultRecordBatch.incrementSequence(BatchLayout.baseSequence(buffer, at), delta);
        producer.addBatch(epoch, lastSequence, lastOffset, delta, timestampMs);
        if (BatchLayout.isTransactional(buffer, at) && producer.openTransactionOffset() < 0) {
            producer.beginTransaction(baseOffset);
            open.put(baseOffset, producerId);
        }
        return null;
    }

    private @Nullable Decided decide(long producerId, short epoch, Marker marker, long markerOffset) {
        Producer producer = producers.computeIfAbsent(producerId, Producer::new);
        long firstOffset = producer.openTransactionOffset();
        producer.endTransaction(epoch, marker.coordinatorEpoch, marker.timestampMs);
        if (firstOffset < 0) {
            return null; // A transaction that wrote nothing here.
        }
        open.remove(firstOffset);
        unreplicated.put(firstOffset, markerOffset);
        return new Decided(producerId, firstOffset, markerOffset, marker.aborts);
    }

    /** The last stable offset as it will be once {@code decided} is known by all replicas. */
    long lastStableOffsetAfter(Decided decided) {
        return open.isEmpty() ? decided.lastOffset() + 1 : open.firstKey();
    }

    private record Marker(boolean aborts, int coordinatorEpoch, long timestampMs) {}

    /** What a control batch says; null when it is none of transactions. */
    private static @Nullable Marker marker(ByteBuffer buffer, int at) {
        RecordBatch batch = BatchLayout.batch(buffer, at, (int) BatchLayout.sizeBytes(buffer, at));
        var records = batch.iterator();
        if (!records.hasNext()) {
            return null; // Compaction keeps the header of a marker whose record it has removed.
        }
        Record record = records.next();
        ControlRecordType type = ControlRecordType.parse(record.key());
        if (type != ControlRecordType.ABORT && type != ControlRecordType.COMMIT) {
            return null;
        }
        EndTransactionMarker marker = EndTransactionMarker.deserialize(record);
        return new Marker(type == ControlRecordType.ABORT, marker.coordinatorEpoch(), record.timestamp());
    }

    /** Forgets producers without an open transaction that have been silent for so long. */
    void expire(long nowMs, long expirationMs) {
        producers.values().removeIf(p -> isExpired(p, nowMs, expirationMs));
    }

    static boolean isExpired(Producer producer, long nowMs, long expirationMs) {
        return producer.openTransactionOffset() < 0 && nowMs - producer.lastTimestampMs() >= expirationMs;
    }

    void clear() {
        producers.clear();
        open.clear();
        unreplicated.clear();
        lastChangeOffset = -1;
    }

    /** Takes in what a snapshot leaves out: batches before it, the newest first. */
    void recall(Producer.Batch batch) {
        Producer producer = producers.get(batch.producerId());
        if (producer != null) {
            producer.recall(batch);
        }
    }

    /** Starts again from a snapshot. */
    void load(List<Producer> snapshot, long snapshotOffset) {
        clear();
        for (Producer producer : snapshot) {
            producers.put(producer.id(), producer);
            if (producer.openTransactionOffset() >= 0) {
                open.put(producer.openTransactionOffset(), producer.id());
            }
        }
        lastChangeOffset = snapshot.isEmpty() ? -1 : snapshotOffset - 1;
    }

    /** Takes over producers of whom nothing is known here: their batches are gone from the log. */
    void addMissing(Iterable<Producer> others) {
        for (Producer producer : others) {
            if (producers.putIfAbsent(producer.id(), producer) == null && producer.openTransactionOffset() >= 0) {
                open.put(producer.openTransactionOffset(), producer.id());
            }
        }
    }

    /** The same state for checking several batches of one append one after the other. */
    ProducerStates copyFor(Collection<Long> producerIds) {
        ProducerStates copy = new ProducerStates();
        for (Long id : producerIds) {
            Producer producer = producers.get(id);
            if (producer != null) {
                copy.producers.put(id, producer.copy());
            }
        }
        copy.open.putAll(open);
        return copy;
    }

    List<Producer> snapshot() {
        List<Producer> copies = new ArrayList<>(producers.size());
        producers.values().forEach(p -> copies.add(p.copy()));
        return copies;
    }

    /** As {@link #apply(ByteBuffer, int, int)}; a transaction that the batch aborts goes into its segment's index. */
    void apply(ByteBuffer buffer, int at, int size, TransactionIndex index) throws IOException {
        Decided decided = apply(buffer, at, size);
        if (decided != null && decided.aborted()) {
            index.append(new TransactionIndex.Aborted(
                    decided.producerId(), decided.firstOffset(), decided.lastOffset(), lastStableOffsetAfter(decided)));
        }
    }

    /** What read_committed may read up to: the first undecided transaction, but nothing that does not exist any more. */
    long lastStableOffset(long logStartOffset, long highWatermark) {
        long undecided = firstUndecidedOffset();
        long lastStable = undecided >= 0 && undecided < highWatermark ? undecided : highWatermark;
        return Math.max(lastStable, Math.min(logStartOffset, highWatermark));
    }

    /** Everything as DescribeProducers tells it. */
    List<ProducerState> describe() {
        List<ProducerState> states = new ArrayList<>();
        for (Producer producer : producers()) {
            states.add(new ProducerState()
                    .setProducerId(producer.id())
                    .setProducerEpoch(producer.epoch())
                    .setLastSequence(producer.lastSequence())
                    .setLastTimestamp(producer.lastTimestampMs())
                    .setCoordinatorEpoch(producer.coordinatorEpoch())
                    .setCurrentTxnStartOffset(producer.openTransactionOffset()));
        }
        return states;
    }
}

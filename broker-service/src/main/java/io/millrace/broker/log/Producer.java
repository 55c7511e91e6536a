package io.millrace.broker.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What a log remembers of one idempotent or transactional producer: its epoch, its last five batches (as many as a producer may have
 * in flight) and its open transaction. Owned by the log's loop.
 */
final class Producer {

    private static final int WINDOW = 5;

    /** A batch of a producer as it lies in a log. */
    record Batch(long producerId, short epoch, int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {

        static Batch of(ByteBuffer buffer, int at, int sizeBytes) {
            int delta = BatchLayout.lastOffsetDelta(buffer, at);
            return new Batch(
                    BatchLayout.producerId(buffer, at),
                    BatchLayout.producerEpoch(buffer, at),
                    DefaultRecordBatch.incrementSequence(BatchLayout.baseSequence(buffer, at), delta),
                    BatchLayout.lastOffset(buffer, at),
                    delta,
                    BatchLayout.maxTimestamp(buffer, at, sizeBytes));
        }
    }

    private final long id;
    private short epoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int coordinatorEpoch = -1;
    private long lastTimestampMs = RecordBatch.NO_TIMESTAMP;
    private long openTransactionOffset = -1;

    private final int[] lastSequences = new int[WINDOW];
    private final long[] lastOffsets = new long[WINDOW];
    private final int[] offsetDeltas = new int[WINDOW];
    private final long[] timestampsMs = new long[WINDOW];
    private int newest = -1;
    private int batches;

    Producer(long id) {
        this.id = id;
    }

    Producer(long id, short epoch, int coordinatorEpoch, long lastTimestampMs, long openTransactionOffset) {
        this.id = id;
        this.epoch = epoch;
        this.coordinatorEpoch = coordinatorEpoch;
        this.lastTimestampMs = lastTimestampMs;
        this.openTransactionOffset = openTransactionOffset;
    }

    long id() {
        return id;
    }

    short epoch() {
        return epoch;
    }

    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    long lastTimestampMs() {
        return lastTimestampMs;
    }

    /** First offset of its open transaction; -1 when it has none. */
    long openTransactionOffset() {
        return openTransactionOffset;
    }

    int lastSequence() {
        return batches == 0 ? RecordBatch.NO_SEQUENCE : lastSequences[newest];
    }

    long lastOffset() {
        return batches == 0 ? -1 : lastOffsets[newest];
    }

    int lastOffsetDelta() {
        return batches == 0 ? 0 : offsetDeltas[newest];
    }

    /** Slot of the remembered batch with that epoch and these sequences; -1 when it is not among the last five. */
    int find(short batchEpoch, int firstSequence, int lastSequence) {
        if (batchEpoch != epoch) {
            return -1;
        }
        for (int i = 0; i < batches; i++) {
            int slot = Math.floorMod(newest - i, WINDOW);
            if (lastSequences[slot] == lastSequence
                    && DefaultRecordBatch.decrementSequence(lastSequences[slot], offsetDeltas[slot]) == firstSequence) {
                return slot;
            }
        }
        return -1;
    }

    long lastOffsetAt(int slot) {
        return lastOffsets[slot];
    }

    long firstOffsetAt(int slot) {
        return lastOffsets[slot] - offsetDeltas[slot];
    }

    long timestampMsAt(int slot) {
        return timestampsMs[slot];
    }

    void addBatch(short batchEpoch, int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
        takeEpoch(batchEpoch);
        newest = (newest + 1) % WINDOW;
        lastSequences[newest] = lastSequence;
        lastOffsets[newest] = lastOffset;
        offsetDeltas[newest] = offsetDelta;
        timestampsMs[newest] = timestampMs;
        batches = Math.min(batches + 1, WINDOW);
        lastTimestampMs = timestampMs;
    }

    /** Takes in the batch before the oldest that is remembered, if this is that one and there is room. */
    void recall(Batch batch) {
        if (batches == 0 || batches == WINDOW || batch.epoch != epoch) {
            return;
        }
        int oldest = Math.floorMod(newest - batches + 1, WINDOW);
        int first = DefaultRecordBatch.decrementSequence(lastSequences[oldest], offsetDeltas[oldest]);
        if (batch.lastOffset < lastOffsets[oldest]
                && DefaultRecordBatch.incrementSequence(batch.lastSequence, 1) == first) {
            int slot = Math.floorMod(oldest - 1, WINDOW);
            lastSequences[slot] = batch.lastSequence;
            lastOffsets[slot] = batch.lastOffset;
            offsetDeltas[slot] = batch.offsetDelta;
            timestampsMs[slot] = batch.timestampMs;
            batches++;
        }
    }

    void beginTransaction(long firstOffset) {
        openTransactionOffset = firstOffset;
    }

    void endTransaction(short markerEpoch, int markerCoordinatorEpoch, long timestampMs) {
        takeEpoch(markerEpoch);
        coordinatorEpoch = markerCoordinatorEpoch;
        lastTimestampMs = timestampMs;
        openTransactionOffset = -1;
    }

    private void takeEpoch(short newEpoch) {
        if (epoch != newEpoch) {
            batches = 0;
            epoch = newEpoch;
        }
    }

    Producer copy() {
        Producer copy = new Producer(id, epoch, coordinatorEpoch, lastTimestampMs, openTransactionOffset);
        System.arraycopy(lastSequences, 0, copy.lastSequences, 0, WINDOW);
        System.arraycopy(lastOffsets, 0, copy.lastOffsets, 0, WINDOW);
        System.arraycopy(offsetDeltas, 0, copy.offsetDeltas, 0, WINDOW);
        System.arraycopy(timestampsMs, 0, copy.timestampsMs, 0, WINDOW);
        copy.newest = newest;
        copy.batches = batches;
        return copy;
    }
}

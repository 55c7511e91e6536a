package io.millrace.broker.log;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What a log remembers of one idempotent or transactional producer: its epoch, its last five batches (as many as a producer may have
 * in flight) and its open transaction. Owned by the log's loop.
 */
final class Producer {

    private static final int WINDOW = 5;

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

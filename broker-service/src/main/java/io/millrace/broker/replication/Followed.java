package io.millrace.broker.replication;

import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** A partition as its fetcher knows it, for one leader epoch; on the fetcher's thread. */
final class Followed {

    private static final long FIRST_BACKOFF_MS = 10;

    final Partition partition;
    final int leaderEpoch;

    private FetchPosition position;
    /** Answers whose part for this partition is on its way through the partition's loop. */
    private int beingTaken;
    /** Where the log will end when these have been taken; null where that cannot be told, or the leader must not be told. */
    private @Nullable FetchPosition ahead;
    /** Whether the leader must first be asked what it has: our end is outside of its log. */
    boolean outOfRange;
    /** What the leader answered about its end; null while it was not asked. */
    @Nullable
    Long leadersEnd;

    /** As the last answer told it. */
    private long leadersHighWatermark = Long.MAX_VALUE;

    private long notBeforeMs;
    private int failures;

    Followed(Partition partition, int leaderEpoch, FetchPosition position) {
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.position = position;
    }

    /** Whether it is known where to go on. */
    boolean mayBeAskedFor() {
        return beingTaken == 0 || ahead != null;
    }

    /** Where to go on. */
    FetchPosition next() {
        FetchPosition predicted = ahead;
        return predicted == null ? position : predicted;
    }

    /** An answer to a fetch from {@code asked} goes to the partition's loop. */
    void received(FetchPosition asked, PartitionData data) {
        leadersHighWatermark = data.highWatermark();
        beingTaken++;
        ahead = after(asked, data);
    }

    /**
     * Where a log ends that has taken {@code data}. Only below the leader's high watermark: there a fetch says nothing by which
     * records are committed or a replica comes back into the ISR, so it may come before they have been taken.
     */
    private static @Nullable FetchPosition after(FetchPosition asked, PartitionData data) {
        if (asked.fetchOffset() >= data.highWatermark()
                || data.divergingEpoch().endOffset() >= 0
                || !(data.records() instanceof MemoryRecords records)) {
            return null;
        }
        RecordBatch last = null;
        for (RecordBatch batch : records.batches()) {
            last = batch;
        }
        return last == null || last.partitionLeaderEpoch() < 0 || last.nextOffset() >= data.highWatermark()
                ? null
                : new FetchPosition(last.nextOffset(), last.partitionLeaderEpoch(), asked.logStartOffset());
    }

    /** The log is being made to begin or end where the leader's does. */
    void beingMoved() {
        beingTaken++;
    }

    /** An answer that was {@link #received} has been taken. */
    void succeeded(FetchPosition next) {
        taken(next);
        if (beingTaken == 0) {
            ahead = null;
        }
        failures = 0;
        notBeforeMs = 0;
        outOfRange = false;
        leadersEnd = null;
    }

    /** An answer that was {@link #received} could not be taken. */
    void failed(FetchPosition next, long nowMs, int maxBackoffMs) {
        taken(next);
        refused(nowMs, maxBackoffMs);
    }

    private void taken(FetchPosition next) {
        position = next;
        beingTaken--;
    }

    /** The leader has refused; or what it answered is of no use. Waits twice as long each time, up to {@code maxBackoffMs}. */
    void refused(long nowMs, int maxBackoffMs) {
        ahead = null;
        long backoffMs = FIRST_BACKOFF_MS << Math.min(failures, 10);
        notBeforeMs = nowMs + Math.min(backoffMs, maxBackoffMs);
        failures++;
        leadersEnd = null;
    }

    /** How many errors came in a row. */
    int failures() {
        return failures;
    }

    /** Not positive when it may be fetched. One that is in sync is never throttled. */
    long delayMs(long nowMs) {
        long delayMs = notBeforeMs - nowMs;
        return delayMs <= 0 && next().fetchOffset() < leadersHighWatermark
                ? partition.throttle().followerDelayMs()
                : delayMs;
    }
}

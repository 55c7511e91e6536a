package io.millrace.broker.request;

import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.replication.Partition;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch: what is asked for and, during a fetch, what was found. In a fetch session it lives as long as the session
 * and also knows what the client was told last (KIP-227). Belongs to the loop of the connections that use it.
 */
final class FetchedPartition {

    final String topic;
    final Uuid topicId;
    final int number;

    // Asked.
    int currentLeaderEpoch;
    long fetchOffset;
    int lastFetchedEpoch;
    long followerStartOffset;
    int maxBytes;

    // Found by the last reading.
    @Nullable
    Partition partition;

    Errors error = Errors.NONE;
    long highWatermark = -1;
    long lastStableOffset = -1;
    long logStartOffset = -1;
    long progressSeen;
    /** The broker that a consumer should rather ask; -1 for none. */
    int preferredReadReplica = -1;

    @Nullable
    FileSlice records;

    @Nullable
    List<AbortedTransaction> aborted;

    @Nullable
    EpochEndOffset diverging;

    Partition.Waiter waiter = Partition.Waiter.OVER;

    // Told last.
    private long toldHighWatermark = -1;
    private long toldLogStartOffset = -1;

    FetchedPartition(String topic, Uuid topicId, FetchPartition asked) {
        this.topic = topic;
        this.topicId = topicId;
        this.number = asked.partition();
        ask(asked);
    }

    void ask(FetchPartition asked) {
        if (currentLeaderEpoch != asked.currentLeaderEpoch()) {
            // Whoever reads anew, in another epoch, may have thrown away what it was told in the one before.
            toldHighWatermark = -1;
            toldLogStartOffset = -1;
        }
        currentLeaderEpoch = asked.currentLeaderEpoch();
        fetchOffset = asked.fetchOffset();
        lastFetchedEpoch = asked.lastFetchedEpoch();
        followerStartOffset = asked.logStartOffset();
        maxBytes = asked.partitionMaxBytes();
    }

    /** Forgets what was found; records that were read go back to their file. */
    void clear() {
        if (records != null) {
            records.release();
        }
        error = Errors.NONE;
        highWatermark = -1;
        lastStableOffset = -1;
        logStartOffset = -1;
        records = null;
        aborted = null;
        diverging = null;
        preferredReadReplica = -1;
    }

    void fail(Errors failure) {
        clear();
        error = failure;
    }

    /** Whether the high watermark is beyond what the client was told in its session. */
    boolean hasNewHighWatermark() {
        return toldHighWatermark >= 0 && highWatermark > toldHighWatermark;
    }

    /** Whether an incremental response must mention the partition. */
    boolean hasNews() {
        return records != null
                || error != Errors.NONE
                || diverging != null
                || preferredReadReplica >= 0
                || highWatermark != toldHighWatermark
                || logStartOffset != toldLogStartOffset;
    }

    /** The partition's part of the response; gives the records away. */
    PartitionData tell() {
        PartitionData data = new PartitionData()
                .setPartitionIndex(number)
                .setErrorCode(error.code())
                .setHighWatermark(highWatermark)
                .setLastStableOffset(lastStableOffset)
                .setLogStartOffset(logStartOffset)
                .setAbortedTransactions(aborted)
                .setPreferredReadReplica(preferredReadReplica)
                .setRecords(records == null ? MemoryRecords.EMPTY : records);
        if (diverging != null) {
            data.setDivergingEpoch(diverging);
        }
        // After an error, or when it is to truncate before anything else, the client must be told the next state
        // whatever it is.
        boolean taken = error == Errors.NONE && diverging == null;
        toldHighWatermark = taken ? highWatermark : -1;
        toldLogStartOffset = taken ? logStartOffset : -1;
        records = null;
        return data;
    }
}

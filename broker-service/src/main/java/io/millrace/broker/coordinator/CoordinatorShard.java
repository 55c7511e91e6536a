package io.millrace.broker.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * The state of a coordinator for one partition of its internal topic: pure, without threads, clock, randomness of its own or I/O.
 *
 * <p>While it loads it belongs to one I/O worker, afterwards to the partition's event loop. Durable state changes in {@link #replay}
 * alone; requests and deadlines produce {@link Decision}s.
 */
public interface CoordinatorShard {

    /** The producer id of records outside of transactions. */
    long NO_PRODUCER_ID = -1;

    /** Applies a record that is in the log at {@code offset}; {@code producerId} is that of its transaction, or {@link #NO_PRODUCER_ID}. */
    void replay(long offset, long producerId, CoordinatorRecord record);

    /** Applies the end of a transaction in this partition. */
    void replayTransactionEnd(long producerId, boolean committed);

    /** Everything is replayed; requests follow. */
    void loaded(Moment now, Decision decision);

    /** The shard goes away because leadership did: everybody who waits is refused with NOT_COORDINATOR. */
    void unloaded(Decision decision);

    /** The earliest deadline in monotonic milliseconds; {@link Long#MAX_VALUE} when there is none. */
    long nextDeadlineMs();

    /** What follows from the earliest deadline that is due, or null when none is due. */
    @Nullable
    Decision expireNext(Moment now);
}

package io.millrace.broker.replication;

import java.util.concurrent.TimeUnit;

/**
 * How far one follower has got, as its leader knows it from the follower's fetches; on the partition's loop.
 *
 * <p>A follower has caught up at the time of a fetch that asks for the leader's log end; or, under steady load, at the time of its
 * previous fetch if this one asks for what was the log end then.
 */
final class ReplicaProgress {

    private static final long UNKNOWN_OFFSET = -1;

    private volatile long logEndOffset = UNKNOWN_OFFSET;
    private volatile long logStartOffset = UNKNOWN_OFFSET;
    private long brokerEpoch = -1;
    private volatile long caughtUpNs;
    private long lastFetchNs;
    private long leaderEndAtLastFetch;

    /** A replica that was in sync when this leadership began has the benefit of the doubt from {@code nowNs} on. */
    ReplicaProgress(long nowNs) {
        caughtUpNs = nowNs;
        lastFetchNs = nowNs;
    }

    /** Notes a fetch that asked for {@code fetchOffset}, which is the end of the follower's log. */
    void fetched(
            long fetchOffset, long followerStartOffset, long leaderEndOffset, long followerBrokerEpoch, long nowNs) {
        if (fetchOffset >= leaderEndOffset) {
            caughtUpNs = nowNs;
        } else if (fetchOffset >= leaderEndAtLastFetch && logEndOffset != UNKNOWN_OFFSET) {
            caughtUpNs = lastFetchNs;
        }
        logEndOffset = fetchOffset;
        logStartOffset = followerStartOffset;
        brokerEpoch = followerBrokerEpoch;
        lastFetchNs = nowNs;
        leaderEndAtLastFetch = leaderEndOffset;
    }

    /** -1 before its first fetch. */
    long logEndOffset() {
        return logEndOffset;
    }

    /** -1 before its first fetch. */
    long logStartOffset() {
        return logStartOffset;
    }

    /** -1 before its first fetch. */
    long brokerEpoch() {
        return brokerEpoch;
    }

    /** How long ago it was as far as the leader; any thread. */
    long lagMs(long nowNs) {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(0, nowNs - caughtUpNs));
    }

    /** Whether it has been as far as the leader within the last {@code maxLagNs}. */
    boolean caughtUp(long leaderEndOffset, long nowNs, long maxLagNs) {
        return logEndOffset == leaderEndOffset || nowNs - caughtUpNs <= maxLagNs;
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.log.LogSnapshot;

/**
 * What a follower asks its leader for next: everything from its log's end on.
 *
 * @param fetchOffset end of the follower's log
 * @param lastFetchedEpoch leader epoch of the batch before it, by which the leader sees whether the logs agree; -1 for an empty log
 * @param logStartOffset beginning of the follower's log
 */
public record FetchPosition(long fetchOffset, int lastFetchedEpoch, long logStartOffset) {

    static FetchPosition of(LogSnapshot log) {
        return new FetchPosition(log.logEndOffset(), log.latestEpoch(), log.logStartOffset());
    }
}

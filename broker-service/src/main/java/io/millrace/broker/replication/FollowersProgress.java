package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The progress of all followers of one partition, kept by its leader for one leader epoch; on the partition's loop. */
final class FollowersProgress {

    private final Map<Integer, ReplicaProgress> byBroker = new HashMap<>();
    private final int brokerId;
    private final Clock clock;

    FollowersProgress(int brokerId, Clock clock) {
        this.brokerId = brokerId;
        this.clock = clock;
    }

    /** Forgets everything: a new leader epoch begins. */
    void reset(List<Integer> replicas) {
        byBroker.clear();
        long nowNs = clock.monotonicNs();
        for (int replica : replicas) {
            if (replica != brokerId) {
                byBroker.put(replica, new ReplicaProgress(nowNs));
            }
        }
    }

    void fetched(int follower, long fetchOffset, long followerStartOffset, long leaderEndOffset, long brokerEpoch) {
        long nowNs = clock.monotonicNs();
        byBroker.computeIfAbsent(follower, unknown -> new ReplicaProgress(nowNs))
                .fetched(fetchOffset, followerStartOffset, leaderEndOffset, brokerEpoch, nowNs);
    }

    /** The smallest log end of the {@code isr}; {@code leaderEndOffset} is this broker's. -1 while one of them has not fetched yet. */
    long smallestEnd(List<Integer> isr, long leaderEndOffset) {
        long smallest = leaderEndOffset;
        if (isr.size() > 1) {
            for (int replica : isr) {
                if (replica != brokerId) {
                    ReplicaProgress progress = byBroker.get(replica);
                    smallest = Math.min(smallest, progress == null ? -1 : progress.logEndOffset());
                }
            }
        }
        return smallest;
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.replication.IsrController.Member;
import io.millrace.broker.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The progress of all followers of one partition, kept by its leader for one leader epoch; on the partition's loop. */
final class FollowersProgress {

    private final Map<Integer, ReplicaProgress> byBroker = new ConcurrentHashMap<>();
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

    /** The smallest log start of {@code replicas}; {@code leaderStartOffset} is this broker's. -1 while one of them has not fetched yet. */
    long smallestStart(List<Integer> replicas, long leaderStartOffset) {
        long smallest = leaderStartOffset;
        for (int replica : replicas) {
            if (replica != brokerId) {
                ReplicaProgress progress = byBroker.get(replica);
                smallest = Math.min(smallest, progress == null ? -1 : progress.logStartOffset());
            }
        }
        return smallest;
    }

    /** Whether the follower has fetched under a later registration of its broker than {@code brokerEpoch}. */
    boolean knowsLaterRegistration(int follower, long brokerEpoch) {
        ReplicaProgress progress = byBroker.get(follower);
        return progress != null && brokerEpoch >= 0 && progress.brokerEpoch() > brokerEpoch;
    }

    /** Those of {@code isr} that have been as far as the leader within the last {@code maxLagNs}, the leader itself among them. */
    List<Integer> caughtUp(List<Integer> isr, long leaderEndOffset, long maxLagNs) {
        long nowNs = clock.monotonicNs();
        return isr.stream()
                .filter(replica -> replica == brokerId || isCaughtUp(replica, leaderEndOffset, nowNs, maxLagNs))
                .toList();
    }

    private boolean isCaughtUp(int replica, long leaderEndOffset, long nowNs, long maxLagNs) {
        ReplicaProgress progress = byBroker.get(replica);
        return progress != null && progress.caughtUp(leaderEndOffset, nowNs, maxLagNs);
    }

    /** Those followers among {@code isr} whose logs begin at or before {@code offset} and end at or after it; any thread. */
    List<Partition.Follower> with(List<Integer> isr, long offset) {
        long nowNs = clock.monotonicNs();
        List<Partition.Follower> reaching = new ArrayList<>();
        for (int replica : isr) {
            ReplicaProgress progress = byBroker.get(replica);
            if (progress != null && progress.logStartOffset() <= offset && progress.logEndOffset() >= offset) {
                reaching.add(new Partition.Follower(replica, progress.logEndOffset(), progress.lagMs(nowNs)));
            }
        }
        return reaching;
    }

    /** The replicas with the registrations under which they fetched last. */
    List<Member> members(List<Integer> replicas) {
        List<Member> members = new ArrayList<>();
        for (int replica : replicas) {
            ReplicaProgress progress = byBroker.get(replica);
            members.add(new Member(replica, progress == null ? -1 : progress.brokerEpoch()));
        }
        return members;
    }
}

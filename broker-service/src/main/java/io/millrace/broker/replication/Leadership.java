package io.millrace.broker.replication;

import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.AppendResult;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.replication.Partition.AppendListener;
import io.millrace.broker.replication.Partition.DeletionListener;
import io.millrace.broker.replication.Partition.Role;
import io.millrace.broker.runtime.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * What the leader of a partition does: appends, follows how far the followers are, moves the high watermark, asks for changes of the
 * ISR, and knows who waits for all that. On the partition's loop.
 */
final class Leadership {

    private final Partition partition;
    private final ProgressWaiters waiters;
    private final ReplicationConfig config;
    private final IsrController controller;
    private final PendingAcks pendingAcks;
    private final PendingDeletions pendingDeletions;
    private final FollowersProgress followers;
    private final IsrChanges isrChanges;
    private volatile long epochStartOffset;
    private int minInsyncReplicas;

    Leadership(
            Partition partition,
            ProgressWaiters waiters,
            Clock clock,
            ReplicationConfig config,
            IsrController controller) {
        this.partition = partition;
        this.waiters = waiters;
        this.config = config;
        this.controller = controller;
        this.minInsyncReplicas = config.minInsyncReplicas();
        this.pendingAcks = new PendingAcks(partition.loop(), clock);
        this.pendingDeletions = new PendingDeletions(partition.loop());
        this.followers = new FollowersProgress(config.brokerId(), clock);
        this.isrChanges = new IsrChanges(partition.id(), partition.loop(), clock, controller, this::isrAgreed);
    }

    /** Where this leader's epoch began; any thread. */
    long epochStartOffset() {
        return epochStartOffset;
    }

    /** A leader epoch of this broker begins, in the role {@code next}. */
    void begin(Role next) {
        log().beginEpoch(next.leaderEpoch());
        epochStartOffset = log().snapshot().logEndOffset();
        followers.reset(next.replicas());
        advanceWhenOnDisk(epochStartOffset);
    }

    /** Those in sync whose logs reach from before {@code offset} at least to it; any thread. */
    List<Partition.Follower> followersWith(long offset) {
        return followers.with(partition.role().isr(), offset);
    }

    /** The metadata has given this broker another role. */
    void settled(Role next) {
        isrChanges.settled(next);
    }

    /** This broker no longer leads: nobody's wait will be fulfilled here. */
    void resign() {
        pendingAcks.failAll(
                Errors.NOT_LEADER_OR_FOLLOWER,
                "this broker no longer leads " + partition.id().topicPartition());
        pendingDeletions.failAll(Errors.NOT_LEADER_OR_FOLLOWER);
    }

    void reconfigure(int minInsync) {
        minInsyncReplicas = minInsync;
        if (partition.role().leader()) {
            advanceHighWatermark();
            advanceWhenOnDisk(log().snapshot().logEndOffset());
        }
    }

    /**
     * Appends as leader; the listener is called once, on the loop: at once for acks 0 and 1, when the high watermark has passed the
     * records for acks -1, or with REQUEST_TIMED_OUT after {@code timeoutMs}, NOT_LEADER_OR_FOLLOWER when leadership is lost.
     */
    void append(MemoryRecords records, AppendOrigin origin, short acks, long timeoutMs, AppendListener listener) {
        Errors error = partition.leaderError();
        if (error != Errors.NONE) {
            listener.appended(error, null, null);
            return;
        }
        Role now = partition.role();
        boolean all = acks == -1;
        if (all && underMinIsr(now)) {
            listener.appended(
                    Errors.NOT_ENOUGH_REPLICAS,
                    "%s has %d in-sync replicas %s; min.insync.replicas asks for %d"
                            .formatted(
                                    partition.id().topicPartition(), now.isr().size(), now.isr(), minInsyncReplicas),
                    null);
            return;
        }
        PartitionLog opened = log();
        AppendResult result = opened.appendAsLeader(records, now.leaderEpoch(), origin);
        switch (result) {
            case AppendResult.Appended appended -> {
                advanceHighWatermark();
                advanceWhenOnDisk(appended.endOffsetExclusive());
                boolean awaitsDisk = appended.awaitsFlush() && acks != 0;
                acknowledge(appended.endOffsetExclusive(), all, awaitsDisk, timeoutMs, listener, result);
            }
            case AppendResult.Duplicate duplicate -> {
                // The first attempt may still wait for the disk; so must its retry.
                boolean awaitsDisk = acks != 0 && everythingWaitsForTheDisk();
                acknowledge(duplicate.endOffsetExclusive(), all, awaitsDisk, timeoutMs, listener, result);
            }
            case AppendResult.Rejected rejected -> listener.appended(rejected.error(), rejected.message(), rejected);
        }
    }

    private void acknowledge(
            long endOffsetExclusive,
            boolean all,
            boolean awaitsDisk,
            long timeoutMs,
            AppendListener listener,
            AppendResult result) {
        if (awaitsDisk && log().flushedOffset() < endOffsetExclusive) {
            log().awaitFlush(endOffsetExclusive, error -> {
                if (error == Errors.NONE) {
                    acknowledge(endOffsetExclusive, all, false, timeoutMs, listener, result);
                } else {
                    listener.appended(error, null, result);
                }
            });
        } else if (all && log().snapshot().highWatermark() < endOffsetExclusive) {
            if (partition.role().leader()) {
                pendingAcks.add(endOffsetExclusive, timeoutMs, listener, result);
            } else {
                listener.appended(Errors.NOT_LEADER_OR_FOLLOWER, null, result);
            }
        } else {
            listener.appended(Errors.NONE, null, result);
        }
    }

    /**
     * Deletes records below {@code offset}, or below the high watermark for -1, on the loop. Returns the new log start offset.
     *
     * @throws OffsetOutOfRangeException {@code offset} is above the high watermark
     */
    long deleteRecords(long offset) {
        LogSnapshot snapshot = log().snapshot();
        long before = offset == -1 ? snapshot.highWatermark() : offset;
        if (before < 0 || before > snapshot.highWatermark()) {
            throw new OffsetOutOfRangeException(
                    "offset " + before + " of " + partition.id().topicPartition()
                            + " is not between 0 and the high watermark " + snapshot.highWatermark());
        }
        if (before > snapshot.logStartOffset()) {
            log().advanceLogStart(before);
            waiters.progressed(log().snapshot());
        }
        return log().snapshot().logStartOffset();
    }

    /**
     * As {@link #deleteRecords(long)}; the listener is called once, when all live replicas have deleted them too, or with
     * REQUEST_TIMED_OUT after {@code timeoutMs}.
     */
    void deleteRecords(long offset, long timeoutMs, DeletionListener listener) {
        Errors error = partition.leaderError();
        if (error != Errors.NONE) {
            listener.deleted(error, -1);
            return;
        }
        long start = deleteRecords(offset);
        long lowWatermark = lowWatermark();
        if (lowWatermark >= start) {
            listener.deleted(Errors.NONE, lowWatermark);
        } else {
            pendingDeletions.add(start, timeoutMs, listener);
        }
    }

    private long lowWatermark() {
        List<Integer> live = partition.role().replicas().stream()
                .filter(replica -> controller.mayJoin(new IsrController.Member(replica, -1)))
                .toList();
        return followers.smallestStart(live, log().snapshot().logStartOffset());
    }

    private void completeDeletions() {
        if (!pendingDeletions.isEmpty()) {
            pendingDeletions.complete(lowWatermark());
        }
    }

    /**
     * Notes a follower's fetch, on the loop: where its log ends and begins. Moves the high watermark, and asks for the follower's
     * return to the ISR when it has caught up.
     *
     * @param leaderEpoch the epoch in which the follower's log was found to agree with ours
     * @return false if it says nothing: {@code followerId} is no replica, or the fetch is of an earlier epoch or registration
     */
    boolean followerFetched(int followerId, int leaderEpoch, long fetchOffset, long logStartOffset, long brokerEpoch) {
        Role now = partition.role();
        if (!now.leader()
                || now.leaderEpoch() != leaderEpoch
                || !now.replicas().contains(followerId)
                || followers.knowsLaterRegistration(followerId, brokerEpoch)) {
            return false;
        }
        followers.fetched(
                followerId, fetchOffset, logStartOffset, log().snapshot().logEndOffset(), brokerEpoch);
        if (!now.isr().contains(followerId)) {
            expandIsr(now, followerId, fetchOffset, brokerEpoch);
        }
        advanceHighWatermark();
        completeDeletions();
        return true;
    }

    private void expandIsr(Role now, int followerId, long fetchOffset, long brokerEpoch) {
        IsrController.Member member = new IsrController.Member(followerId, brokerEpoch);
        if (fetchOffset >= log().snapshot().highWatermark()
                && fetchOffset >= epochStartOffset
                && isrChanges.mayPropose()
                && isrChanges.mayJoin(member)) {
            List<IsrController.Member> isr = followers.members(now.isr());
            isr.add(member);
            isrChanges.propose(now, isr);
        }
    }

    /** Asks to let those go who have not caught up for {@code replica.lag.time.max.ms}; on the loop, now and then. */
    void shrinkIsr() {
        Role now = partition.role();
        completeDeletions();
        if (now.leader() && now.isr().size() > 1 && isrChanges.mayPropose()) {
            List<Integer> inSync = followers.caughtUp(
                    now.isr(),
                    log().snapshot().logEndOffset(),
                    TimeUnit.MILLISECONDS.toNanos(config.replicaLagTimeMaxMs()));
            if (inSync.size() < now.isr().size()) {
                isrChanges.propose(now, followers.members(inSync));
            }
        }
    }

    private void isrAgreed(List<Integer> isr, int leaderEpoch, int partitionEpoch) {
        Role now = partition.role();
        if (now.leader() && now.leaderEpoch() == leaderEpoch && partitionEpoch > now.partitionEpoch()) {
            partition.isrAgreed(
                    new Role(true, now.leaderId(), leaderEpoch, partitionEpoch, List.copyOf(isr), now.replicas()));
            advanceHighWatermark();
        }
    }

    /** To the smallest end of the in-sync replicas; not while there are fewer of them than the topic asks for. */
    void advanceHighWatermark() {
        PartitionLog opened = log();
        Role now = partition.role();
        LogSnapshot before = opened.snapshot();
        if (!underMinIsr(now)) {
            long highWatermark = followers.smallestEnd(isrChanges.maximal(now), safeEnd());
            if (highWatermark > before.highWatermark()) {
                opened.advanceHighWatermark(highWatermark);
                pendingAcks.complete(highWatermark, Errors.NONE, null);
            }
        }
        waiters.progressed(opened.snapshot());
    }

    private boolean everythingWaitsForTheDisk() {
        return log().config().flushIntervalMessages() == 1;
    }

    /** Where this broker's log ends as far as it may be relied on: what can be lost with the power, consumers are not to see. */
    private long safeEnd() {
        long endOffset = log().snapshot().logEndOffset();
        return everythingWaitsForTheDisk() ? Math.min(endOffset, log().flushedOffset()) : endOffset;
    }

    private void advanceWhenOnDisk(long endOffsetExclusive) {
        if (everythingWaitsForTheDisk() && log().flushedOffset() < endOffsetExclusive) {
            log().awaitFlush(endOffsetExclusive, error -> {
                if (error == Errors.NONE && partition.role().leader()) {
                    advanceHighWatermark();
                }
            });
        }
    }

    /** A topic cannot ask for more in-sync replicas than it has. */
    private boolean underMinIsr(Role now) {
        return now.isr().size() < Math.min(minInsyncReplicas, now.replicas().size());
    }

    private PartitionLog log() {
        return partition.log();
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.AppendResult;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.replication.Partitions.RoleListener;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.List;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * A replica of a partition on this broker, as leader or follower.
 *
 * <p>It lives on one event loop: methods that change it must be called there. {@link #role()}, {@link #snapshot()} and {@link #read} may
 * be called on any thread. Its log is opened on the loop, too: until then its role is that of nobody, and nothing else may be asked.
 */
public final class Partition {

    /** What this broker is to the partition; immutable. {@code replicas} are all that are assigned. */
    public record Role(
            boolean leader,
            int leaderId,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> isr,
            List<Integer> replicas) {

        static final Role NOBODY = new Role(false, -1, -1, -1, List.of(), List.of());

        public Role(boolean leader, int leaderId, int leaderEpoch, int partitionEpoch, List<Integer> isr) {
            this(leader, leaderId, leaderEpoch, partitionEpoch, isr, isr);
        }

        static Role of(PartitionRegistration registration, int brokerId) {
            return new Role(
                    registration.leader() == brokerId,
                    registration.leader(),
                    registration.leaderEpoch(),
                    registration.partitionEpoch(),
                    List.copyOf(registration.isr()),
                    List.copyOf(registration.replicas()));
        }

        /** Compares the leader epoch that a client knows with ours (KIP-320); -1 is a client that does not say. */
        public Errors checkEpoch(int clientsEpoch) {
            if (clientsEpoch == -1 || clientsEpoch == leaderEpoch) {
                return Errors.NONE;
            }
            return clientsEpoch < leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
        }
    }

    /** How a produce ended. */
    public interface AppendListener {
        /** {@code error} is NONE once {@code acks} are met; {@code result} is null if nothing was tried. On the partition's loop. */
        void appended(Errors error, @Nullable String message, @Nullable AppendResult result);
    }

    /** Somebody waiting for a partition. */
    public interface Waiter {
        /** Takes it off the partition; on the loop, may be called after it fired. */
        void cancel();
    }

    private final TopicIdPartition id;
    private final EventLoop loop;
    private final ReplicationConfig config;
    private final RoleListener roleListener;
    private final PendingAcks pendingAcks;
    private final ProgressWaiters waiters = new ProgressWaiters();
    private final FollowersProgress followers;
    private volatile Role role = Role.NOBODY;
    private volatile @Nullable PartitionLog log;
    private volatile @Nullable Errors failure;
    private volatile long epochStartOffset;
    private int minInsyncReplicas;

    Partition(TopicIdPartition id, EventLoop loop, Clock clock, ReplicationConfig config, RoleListener roleListener) {
        this.id = id;
        this.loop = loop;
        this.config = config;
        this.roleListener = roleListener;
        this.minInsyncReplicas = config.minInsyncReplicas();
        this.pendingAcks = new PendingAcks(loop, clock);
        this.followers = new FollowersProgress(config.brokerId(), clock);
    }

    public TopicIdPartition id() {
        return id;
    }

    public EventLoop loop() {
        return loop;
    }

    /** Whether {@code candidate} is its loop; any thread. */
    public boolean livesOn(EventLoop candidate) {
        return loop.index() == candidate.index();
    }

    public Role role() {
        return role;
    }

    /** NONE if this broker leads the partition and can serve it, else what a client is to be told; any thread. */
    public Errors leaderError() {
        Errors failed = failure;
        if (failed != null) {
            return failed;
        }
        return role.leader() ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
    }

    public LogSnapshot snapshot() {
        return log().snapshot();
    }

    /** The log, for look-ups that need no role; any thread. Changes of it go through this partition. */
    public PartitionLog log() {
        PartitionLog opened = log;
        if (opened == null) {
            throw new IllegalStateException("the log of " + id + " is not open");
        }
        return opened;
    }

    /** Whether the log is open; any thread. */
    public boolean isOpen() {
        return log != null;
    }

    /**
     * Whether the high watermark is still below where this leader's epoch began, so that it may be lower than what an earlier leader
     * told consumers (KIP-207); any thread.
     */
    public boolean highWatermarkLags() {
        return role.leader() && snapshot().highWatermark() < epochStartOffset;
    }

    /**
     * Appends as leader; the listener is called once, on the loop: at once for acks 0 and 1, when the high watermark has passed the
     * records for acks -1, or with REQUEST_TIMED_OUT after {@code timeoutMs}, NOT_LEADER_OR_FOLLOWER when leadership is lost.
     */
    public void append(
            MemoryRecords records, AppendOrigin origin, short acks, long timeoutMs, AppendListener listener) {
        Errors error = leaderError();
        if (error != Errors.NONE) {
            listener.appended(error, null, null);
            return;
        }
        Role now = role;
        boolean all = acks == -1;
        if (all && underMinIsr(now)) {
            listener.appended(
                    Errors.NOT_ENOUGH_REPLICAS,
                    "%s has %d in-sync replicas %s; min.insync.replicas asks for %d"
                            .formatted(id.topicPartition(), now.isr().size(), now.isr(), minInsyncReplicas),
                    null);
            return;
        }
        PartitionLog opened = log();
        AppendResult result = opened.appendAsLeader(records, now.leaderEpoch(), origin);
        switch (result) {
            case AppendResult.Appended appended -> {
                advanceHighWatermark();
                boolean awaitsDisk = appended.awaitsFlush() && acks != 0;
                acknowledge(appended.endOffsetExclusive(), all, awaitsDisk, timeoutMs, listener, result);
            }
            case AppendResult.Duplicate duplicate -> {
                // The first attempt may still wait for the disk; so must its retry.
                boolean awaitsDisk = acks != 0 && opened.config().flushIntervalMessages() == 1;
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
            if (role.leader()) {
                pendingAcks.add(endOffsetExclusive, timeoutMs, listener, result);
            } else {
                listener.appended(Errors.NOT_LEADER_OR_FOLLOWER, null, result);
            }
        } else {
            listener.appended(Errors.NONE, null, result);
        }
    }

    /** Reads what a consumer may see (below the high watermark); any thread. Leadership and epochs are checked by the caller. */
    public LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, boolean readCommitted) {
        return read(
                offset,
                maxBytes,
                atLeastOneBatch,
                readCommitted ? ReadLimit.LAST_STABLE_OFFSET : ReadLimit.HIGH_WATERMARK);
    }

    /** Reads up to {@code limit}; any thread. Leadership and epochs are checked by the caller. */
    public LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, ReadLimit limit) {
        PartitionLog opened = log();
        return opened.read(
                offset, maxBytes, limit.of(opened.snapshot()), atLeastOneBatch, limit == ReadLimit.LAST_STABLE_OFFSET);
    }

    /** As {@link #awaitProgress(long, ReadLimit, Runnable)} for the high watermark. */
    public Waiter awaitProgress(long offset, Runnable onChange) {
        return awaitProgress(offset, ReadLimit.HIGH_WATERMARK, onChange);
    }

    /**
     * Calls {@code onChange} once, on the loop, when {@code limit} is past {@code offset} (at once if it already is) or the role
     * changes.
     */
    public Waiter awaitProgress(long offset, ReadLimit limit, Runnable onChange) {
        PartitionLog opened = log;
        if (opened == null || leaderError() != Errors.NONE || limit.of(opened.snapshot()) > offset) {
            onChange.run();
            return () -> {};
        }
        return waiters.add(offset, limit, onChange);
    }

    /**
     * Deletes records below {@code offset}, or below the high watermark for -1, on the loop. Returns the new log start offset.
     *
     * @throws OffsetOutOfRangeException {@code offset} is above the high watermark
     */
    public long deleteRecords(long offset) {
        LogSnapshot snapshot = snapshot();
        long before = offset == -1 ? snapshot.highWatermark() : offset;
        if (before < 0 || before > snapshot.highWatermark()) {
            throw new OffsetOutOfRangeException("offset " + before + " of " + id.topicPartition()
                    + " is not between 0 and the high watermark " + snapshot.highWatermark());
        }
        if (before > snapshot.logStartOffset()) {
            log().advanceLogStart(before);
            waiters.progressed(log().snapshot());
        }
        return log().snapshot().logStartOffset();
    }

    /**
     * Notes a follower's fetch, on the loop: where its log ends and begins. Moves the high watermark.
     *
     * @return false if {@code followerId} is not a replica of this partition
     */
    public boolean followerFetched(int followerId, long fetchOffset, long logStartOffset, long brokerEpoch) {
        if (!role.leader() || !role.replicas().contains(followerId)) {
            return false;
        }
        followers.fetched(followerId, fetchOffset, logStartOffset, snapshot().logEndOffset(), brokerEpoch);
        advanceHighWatermark();
        return true;
    }

    // What follows is called by HostedPartitions, on the loop.

    void open(PartitionLog opened, int minInsync) {
        log = opened;
        minInsyncReplicas = minInsync;
    }

    /** The log cannot be used: clients are told {@code error}. */
    void fail(Errors error) {
        failure = error;
        resign(role.leader());
    }

    void reconfigure(int minInsync) {
        minInsyncReplicas = minInsync;
        if (role.leader()) {
            advanceHighWatermark();
        }
    }

    /** Takes the role that the metadata gives to this broker. */
    void apply(PartitionRegistration registration) {
        Role before = role;
        Role next = Role.of(registration, config.brokerId());
        if (log == null || failure != null || next.equals(before)) {
            return;
        }
        if (next.leader() && before.leader() && before.leaderEpoch() == next.leaderEpoch()) {
            role = next;
            advanceHighWatermark();
        } else if (next.leader()) {
            log().beginEpoch(next.leaderEpoch());
            epochStartOffset = log().snapshot().logEndOffset();
            followers.reset(next.replicas());
            // Rows of an earlier epoch of ours stay: nobody else has led since, so their records are where they were.
            role = next;
            advanceHighWatermark();
            waiters.fireAll();
            roleListener.roleChanged(this, next);
        } else {
            role = next;
            resign(before.leader());
        }
    }

    /** The replica is leaving this broker. */
    void close() {
        boolean led = role.leader();
        role = Role.NOBODY;
        resign(led);
    }

    private void resign(boolean led) {
        pendingAcks.failAll(Errors.NOT_LEADER_OR_FOLLOWER, "this broker no longer leads " + id.topicPartition());
        waiters.fireAll();
        if (led) {
            roleListener.roleChanged(this, role.leader() ? Role.NOBODY : role);
        }
    }

    /** To the smallest end of the in-sync replicas; not while there are fewer of them than the topic asks for. */
    private void advanceHighWatermark() {
        PartitionLog opened = log();
        Role now = role;
        LogSnapshot before = opened.snapshot();
        if (!underMinIsr(now)) {
            long highWatermark = followers.smallestEnd(now.isr(), before.logEndOffset());
            if (highWatermark > before.highWatermark()) {
                opened.advanceHighWatermark(highWatermark);
                pendingAcks.complete(highWatermark, Errors.NONE, null);
            }
        }
        waiters.progressed(opened.snapshot());
    }

    /** A topic cannot ask for more in-sync replicas than it has. */
    private boolean underMinIsr(Role now) {
        return now.isr().size() < Math.min(minInsyncReplicas, now.replicas().size());
    }
}

package io.millrace.broker.replication;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.AppendResult;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.log.PartitionLog.EpochEnd;
import io.millrace.broker.replication.Partitions.RoleListener;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * A replica of a partition on this broker, as leader or follower.
 *
 * <p>It lives on one event loop: methods that change it must be called there. {@link #role()}, {@link #snapshot()} and {@link #read} may
 * be called on any thread. Until its log is open its role is that of nobody, and nothing else may be asked.
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

    /** How a deletion of records ended. */
    public interface DeletionListener {
        /** {@code lowWatermark} is where the log of the replica begins that is farthest behind; -1 with an error. On the loop. */
        void deleted(Errors error, long lowWatermark);
    }

    /** A follower as its leader knows it; {@code lagMs} is how long ago it was as far as the leader. */
    public record Follower(int brokerId, long logEndOffset, long lagMs) {}

    /** Somebody waiting for a partition; any thread. */
    public interface Waiter {
        /** Nobody waits any more. */
        Waiter OVER = new Waiter() {
            @Override
            public boolean waits() {
                return false;
            }

            @Override
            public void cancel() {
                // There is nothing to be kept from.
            }
        };

        /** Whether it has neither been called nor cancelled. */
        boolean waits();

        /** Keeps it from being called, unless that has begun. */
        void cancel();
    }

    private final TopicIdPartition id;
    private final EventLoop loop;
    private final ReplicationConfig config;
    private final RoleListener roleListener;
    private final ProgressWaiters waiters;
    private final Leadership leadership;
    private final EarlyAppends early;
    private final FollowerFetches fetches;
    private volatile Role role = Role.NOBODY;
    private volatile @Nullable PartitionLog log;
    private volatile @Nullable Errors failure;
    private volatile Throttle throttle = Throttle.NONE;

    /** The leader epoch that ended this broker's leadership. */
    private int deposedIn = -1;

    /** What the metadata asked for while the log was being made; bounded by the changes of that time. */
    private final ArrayDeque<Runnable> untilOpen = new ArrayDeque<>();

    Partition(
            TopicIdPartition id,
            EventLoop loop,
            Clock clock,
            ReplicationConfig config,
            RoleListener roleListener,
            FollowerFetches fetches,
            IsrController controller) {
        this.id = id;
        this.loop = loop;
        this.config = config;
        this.roleListener = roleListener;
        this.fetches = fetches;
        this.waiters = new ProgressWaiters(loop, this::isPast);
        this.early = new EarlyAppends(loop, clock);
        this.leadership = new Leadership(this, waiters, clock, config, controller);
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

    /** NONE if a consumer can be served that may read from any replica (KIP-392); any thread. */
    public Errors replicaError() {
        Errors failed = failure;
        if (failed != null) {
            return failed;
        }
        return log != null && role.leaderEpoch() >= 0 ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
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
        return role.leader() && snapshot().highWatermark() < leadership.epochStartOffset();
    }

    /**
     * Appends as leader; the listener is called once, on the loop: at once for acks 0 and 1, when the high watermark has passed the
     * records for acks -1, or with REQUEST_TIMED_OUT after {@code timeoutMs}, NOT_LEADER_OR_FOLLOWER when leadership is lost. A follower
     * waits a moment for its leadership before it refuses: a client may have heard of it first.
     */
    public void append(
            MemoryRecords records, AppendOrigin origin, short acks, long timeoutMs, AppendListener listener) {
        if (mayLeadSoon()) {
            early.add(() -> leadership.append(records, origin, acks, timeoutMs, listener));
        } else {
            leadership.append(records, origin, acks, timeoutMs, listener);
        }
    }

    /** Not if it has led until now: to such a leader clients come because they have not heard yet. */
    private boolean mayLeadSoon() {
        Role now = role;
        return !now.leader() && now.leaderEpoch() >= 0 && now.leaderEpoch() != deposedIn && failure == null;
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

    /** As {@link #awaitProgress(long, ToLongFunction, Runnable)} for the high watermark of a leader: at once where this is none. */
    public Waiter awaitProgress(long offset, Runnable onChange) {
        if (leaderError() != Errors.NONE) {
            onChange.run();
            return Waiter.OVER;
        }
        return awaitProgress(offset, LogSnapshot::highWatermark, onChange);
    }

    /**
     * Calls {@code onChange} once, when {@code progress} of the log is past {@code seen} (at once if it already is) or the role
     * changes: on the loop, or on the calling thread before this returns. Any thread.
     */
    public Waiter awaitProgress(long seen, ToLongFunction<LogSnapshot> progress, Runnable onChange) {
        return waiters.add(seen, progress, onChange);
    }

    private boolean isPast(long seen, ToLongFunction<LogSnapshot> progress) {
        PartitionLog opened = log;
        return opened == null || replicaError() != Errors.NONE || progress.applyAsLong(opened.snapshot()) > seen;
    }

    /**
     * Deletes records below {@code offset}, or below the high watermark for -1, on the loop. Returns the new log start offset.
     *
     * @throws OffsetOutOfRangeException {@code offset} is above the high watermark
     */
    public long deleteRecords(long offset) {
        return leadership.deleteRecords(offset);
    }

    /**
     * As {@link #deleteRecords(long)}; the listener is called once, when all live replicas have deleted them too, or with
     * REQUEST_TIMED_OUT after {@code timeoutMs}.
     */
    public void deleteRecords(long offset, long timeoutMs, DeletionListener listener) {
        leadership.deleteRecords(offset, timeoutMs, listener);
    }

    /**
     * Where a reader must truncate to because its last batch is not ours at that place (KIP-595); null if it is, or if the reader does
     * not say. Any thread.
     *
     * @throws OffsetOutOfRangeException the reader knows a later leader epoch than this log
     */
    public @Nullable EpochEndOffset divergence(int lastFetchedEpoch, long fetchOffset) {
        if (lastFetchedEpoch < 0) {
            return null;
        }
        EpochEnd end = log().endOfEpoch(lastFetchedEpoch);
        if (end.leaderEpoch() < 0 || end.endOffsetExclusive() < 0) {
            throw new OffsetOutOfRangeException("leader epoch " + lastFetchedEpoch + " is not known");
        }
        if (end.leaderEpoch() >= lastFetchedEpoch && end.endOffsetExclusive() >= fetchOffset) {
            return null;
        }
        return new EpochEndOffset().setEpoch(end.leaderEpoch()).setEndOffset(end.endOffsetExclusive());
    }

    /**
     * Notes a follower's fetch, on the loop: where its log ends and begins. Moves the high watermark, and asks for the follower's
     * return to the ISR when it has caught up.
     *
     * @param leaderEpoch the epoch in which the follower's log was found to agree with ours
     * @return false if it says nothing: {@code followerId} is no replica, or the fetch is of an earlier epoch or registration
     */
    public boolean followerFetched(
            int followerId, int leaderEpoch, long fetchOffset, long logStartOffset, long brokerEpoch) {
        return leadership.followerFetched(followerId, leaderEpoch, fetchOffset, logStartOffset, brokerEpoch);
    }

    /** Asks to let those go who have not caught up for {@code replica.lag.time.max.ms}; on the loop, now and then. */
    void shrinkIsr() {
        if (failure == null) {
            leadership.shrinkIsr();
        }
    }

    /** Followers in sync whose logs have {@code offset} or end there, as far as this leader knows; any thread. */
    public List<Follower> followersWith(long offset) {
        return leadership.followersWith(offset);
    }

    /** Whether nothing may be sent to that follower now, as the replica is throttled and the follower not in sync; any thread. */
    public boolean withholdsFrom(int followerId) {
        return throttle.holdsLeaderBack() && !role.isr().contains(followerId);
    }

    /** Notes that {@code bytes} went to a follower; any thread. */
    public void sentToFollower(long bytes) {
        throttle.sent(bytes);
    }

    /** How its replication is held back; any thread. */
    Throttle throttle() {
        return throttle;
    }

    /** Takes in, as follower in {@code leaderEpoch}, what the leader answered; on the loop. {@code done} is called once, there. */
    void takeFromLeader(int leaderEpoch, PartitionData answer, Consumer<FollowerStep> done) {
        if (follows(leaderEpoch)) {
            new FollowerLog(log()).take(answer, done);
            waiters.progressed(log().snapshot());
        } else {
            done.accept(FollowerStep.STOP);
        }
    }

    /** As follower whose end is outside of the leader's log; on the loop. */
    FollowerStep moveIntoLeadersRange(int leaderEpoch, long leadersStart, long leadersEnd) {
        return follows(leaderEpoch) ? new FollowerLog(log()).moveInto(leadersStart, leadersEnd) : FollowerStep.STOP;
    }

    private boolean follows(int leaderEpoch) {
        Role now = role;
        return !now.leader() && now.leaderId() >= 0 && now.leaderEpoch() == leaderEpoch && failure == null;
    }

    // What follows is called by HostedPartitions, on the loop.

    /** Runs {@code task} in its turn: not before the log is open, or cannot be opened. */
    void whenOpen(Runnable task) {
        if (log != null || failure != null) {
            task.run();
        } else {
            untilOpen.add(task);
        }
    }

    void open(PartitionLog opened, int minInsync) {
        log = opened;
        leadership.reconfigure(minInsync);
        runWaiting();
    }

    /** The log was copied into another directory: the copy, with the same records, takes its place. */
    void replaceLog(PartitionLog copy) {
        log = copy;
    }

    private void runWaiting() {
        for (Runnable task = untilOpen.poll(); task != null; task = untilOpen.poll()) {
            task.run();
        }
    }

    /** The log cannot be used: clients are told {@code error}. */
    void fail(Errors error) {
        failure = error;
        fetches.stop(this);
        resign(role.leader());
        early.attemptAll();
        runWaiting();
    }

    void throttle(Throttle changed) {
        throttle = changed;
    }

    void reconfigure(int minInsync) {
        leadership.reconfigure(minInsync);
    }

    /** Takes over an ISR that the controller has agreed to. */
    void isrAgreed(Role agreed) {
        role = agreed;
    }

    /** Takes the role that the metadata gives to this broker. */
    void apply(PartitionRegistration registration) {
        Role before = role;
        Role next = Role.of(registration, config.brokerId());
        // The controller's answer to a change of the ISR may have come before the metadata that leads up to it.
        if (log == null || failure != null || next.equals(before) || next.partitionEpoch() < before.partitionEpoch()) {
            return;
        }
        leadership.settled(next);
        if (next.leader() && before.leader() && before.leaderEpoch() == next.leaderEpoch()) {
            role = next;
            leadership.advanceHighWatermark();
        } else if (next.leader()) {
            fetches.stop(this);
            leadership.begin(next);
            // Rows of an earlier epoch of ours stay: nobody else has led since, so their records are where they were.
            role = next;
            leadership.advanceHighWatermark();
            waiters.fireAll();
            roleListener.roleChanged(this, next);
            early.attemptAll();
        } else {
            role = next;
            deposedIn = before.leader() ? next.leaderEpoch() : deposedIn;
            resign(before.leader());
            follow(before, next);
            if (before.leaderEpoch() != next.leaderEpoch()) {
                early.attemptAll();
            }
        }
    }

    private void follow(Role before, Role next) {
        if (next.leaderId() < 0) {
            fetches.stop(this);
        } else if (before.leaderId() != next.leaderId() || before.leaderEpoch() != next.leaderEpoch()) {
            fetches.follow(this, next.leaderId(), next.leaderEpoch(), new FollowerLog(log()).begin());
        }
    }

    /** The replica is leaving this broker. */
    void close() {
        boolean led = role.leader();
        role = Role.NOBODY;
        leadership.settled(role);
        fetches.stop(this);
        resign(led);
        early.attemptAll();
    }

    private void resign(boolean led) {
        leadership.resign();
        waiters.fireAll();
        if (led) {
            roleListener.roleChanged(this, role.leader() ? Role.NOBODY : role);
        }
    }
}

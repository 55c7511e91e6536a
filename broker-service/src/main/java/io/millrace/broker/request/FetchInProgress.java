package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.log.ColdReads;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.network.Request;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.ReadLimit;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.jspecify.annotations.Nullable;

/**
 * One fetch from its reading to its answer, on the loop of its connection.
 *
 * <p>What may not be in the page cache is brought there by an I/O worker first. Reads snapshots and file slices directly. With less than
 * {@code min.bytes} it waits: one waiter per partition and one timer; whatever comes first has it read again.
 */
final class FetchInProgress {

    private record ColdRead(PartitionLog log, long offset, int bytes) {}

    private final BrokerServices broker;
    private final Request request;
    private final FetchRequestData asked;
    private final List<FetchedPartition> partitions;
    private final FetchSessions.Resolution resolution;
    private final int followerId;
    private final ReadLimit limit;
    /** Grows with everything that this fetch waits for. */
    private final ToLongFunction<LogSnapshot> progress;

    private final ReadReplicas replicas;
    private final FetchTimeouts timeouts;
    private final boolean anyReplicaServes;
    private final int maxBytes;
    private EventLoop.@Nullable Timer timer;
    private boolean registering;
    private boolean progressed;
    private boolean done;

    FetchInProgress(
            BrokerServices broker,
            Request request,
            List<FetchedPartition> partitions,
            FetchSessions.Resolution resolution,
            ReadReplicas replicas,
            FetchTimeouts timeouts) {
        this.broker = broker;
        this.replicas = replicas;
        this.timeouts = timeouts;
        this.request = request;
        this.asked = (FetchRequestData) request.body();
        this.partitions = partitions;
        this.resolution = resolution;
        int replicaId = FetchRequest.replicaId(asked);
        this.followerId = FetchRequest.isValidBrokerId(replicaId) ? replicaId : -1;
        boolean committed = asked.isolationLevel() == IsolationLevel.READ_COMMITTED.id();
        if (!FetchRequest.isConsumer(replicaId)) {
            this.limit = ReadLimit.LOG_END;
        } else {
            this.limit = committed ? ReadLimit.LAST_STABLE_OFFSET : ReadLimit.HIGH_WATERMARK;
        }
        this.anyReplicaServes = FetchRequest.isConsumer(replicaId) && ReadReplicas.anyServes(request.apiVersion());
        this.progress = followerId < 0 ? limit::of : this::followersProgress;
        int wanted = asked.maxBytes();
        this.maxBytes =
                followerId >= 0 ? wanted : Math.min(wanted, broker.config().fetchMaxBytes());
    }

    private long followersProgress(LogSnapshot log) {
        long bounds = log.logEndOffset() + log.logStartOffset();
        return replicas.followersAreRead() ? bounds + log.highWatermark() : bounds;
    }

    void start() {
        for (FetchedPartition partition : partitions) {
            find(partition);
        }
        if (followerId >= 0) {
            reportFollower();
        }
        List<ColdRead> cold = coldReads();
        if (cold.isEmpty()) {
            begin();
        } else {
            prefetch(cold);
        }
    }

    /** What may not be in the page cache. */
    private List<ColdRead> coldReads() {
        List<ColdRead> cold = List.of();
        int room = maxBytes;
        for (FetchedPartition item : partitions) {
            Partition partition = item.partition;
            int bytes = Math.min(item.maxBytes, room);
            if (bytes > 0
                    && partition != null
                    && partition.isOpen()
                    && ColdReads.isCold(partition.log(), item.fetchOffset, bytes)) {
                cold = cold.isEmpty() ? new ArrayList<>() : cold;
                cold.add(new ColdRead(partition.log(), item.fetchOffset, bytes));
                room -= bytes;
            }
        }
        return cold;
    }

    /** Has a worker wait for the disk, then begins: this loop is not to. */
    private void prefetch(List<ColdRead> cold) {
        broker.workers()
                .submit(
                        () -> {
                            cold.forEach(read -> ColdReads.prefetch(read.log, read.offset, read.bytes));
                            return cold;
                        },
                        request.loop(),
                        (done, problem) -> begin());
    }

    private void begin() {
        if (read() || asked.maxWaitMs() <= 0) {
            finish();
            return;
        }
        timer = timeouts.schedule(this::timedOut, asked.maxWaitMs());
        await();
    }

    private void find(FetchedPartition item) {
        boolean byId = request.apiVersion() >= FetchHandler.FIRST_VERSION_WITH_TOPIC_IDS;
        item.partition = byId
                ? broker.partitions().find(item.topicId, item.number)
                : broker.partitions().find(item.topic, item.number);
    }

    /** Reads every partition once; true if the answer need not wait. */
    private boolean read() {
        long bytes = 0;
        boolean urgent = partitions.isEmpty();
        for (FetchedPartition item : partitions) {
            item.clear();
            int room = (int) Math.min(item.maxBytes, Math.max(0, maxBytes - bytes));
            readOne(item, room, bytes == 0);
            if (item.records != null) {
                bytes += item.records.sizeInBytes();
            }
            urgent |= item.error != Errors.NONE || item.diverging != null || item.preferredReadReplica >= 0;
            urgent |= followerId >= 0 && mustTell(item);
        }
        return urgent || bytes >= asked.minBytes();
    }

    /** A follower learns at once where the log begins and, if consumers read from it, what they may see. */
    private boolean mustTell(FetchedPartition item) {
        return (item.followerStartOffset >= 0 && item.logStartOffset > item.followerStartOffset)
                || (replicas.followersAreRead() && item.hasNewHighWatermark());
    }

    private void readOne(FetchedPartition item, int room, boolean atLeastOneBatch) {
        Partition partition = item.partition;
        Errors error = partition == null ? unknown(item) : check(partition, item);
        if (error != Errors.NONE || partition == null) {
            item.fail(error);
            return;
        }
        try {
            LogSnapshot log = partition.snapshot();
            item.diverging = partition.divergence(item.lastFetchedEpoch, item.fetchOffset);
            if (item.diverging != null) {
                tell(item, log);
                return;
            }
            if (item.fetchOffset < log.logStartOffset() || item.fetchOffset > log.logEndOffset()) {
                item.fail(Errors.OFFSET_OUT_OF_RANGE);
                return;
            }
            item.progressSeen = progress.applyAsLong(log);
            if (followerId < 0) {
                item.preferredReadReplica = replicas.preferred(request, asked.rackId(), partition, item.fetchOffset);
            }
            boolean withheld =
                    item.preferredReadReplica >= 0 || (followerId >= 0 && partition.withholdsFrom(followerId));
            long end = limit.of(log);
            if (item.fetchOffset < end && !withheld && (room > 0 || atLeastOneBatch)) {
                LogRead read = partition
                        .log()
                        .read(item.fetchOffset, room, end, atLeastOneBatch, limit == ReadLimit.LAST_STABLE_OFFSET);
                item.records = read.records();
                item.aborted = read.abortedTransactions();
            } else if (limit == ReadLimit.LAST_STABLE_OFFSET) {
                item.aborted = List.of();
            }
            tell(item, log);
        } catch (OffsetOutOfRangeException e) {
            item.fail(Errors.OFFSET_OUT_OF_RANGE);
        } catch (KafkaStorageException e) {
            item.fail(Errors.KAFKA_STORAGE_ERROR);
        }
    }

    private static void tell(FetchedPartition item, LogSnapshot log) {
        item.highWatermark = log.highWatermark();
        item.lastStableOffset = log.lastStableOffset();
        item.logStartOffset = log.logStartOffset();
    }

    private Errors check(Partition partition, FetchedPartition item) {
        // The topic may have been deleted, and perhaps created anew, since the partition was looked up.
        Errors error = partition.leaderError();
        if (error != Errors.NONE && anyReplicaServes && !isFenced()) {
            error = partition.replicaError();
        }
        if (error == Errors.NONE) {
            error = partition.role().checkEpoch(item.currentLeaderEpoch);
        }
        if (error == Errors.NONE
                && followerId >= 0
                && !partition.role().replicas().contains(followerId)) {
            error = Errors.UNKNOWN_LEADER_EPOCH;
        }
        return error;
    }

    /** Whether the cluster does not count on this broker: what its followers have may be old, so that nobody is to read from them. */
    private boolean isFenced() {
        ClusterImage.Broker self =
                broker.cluster().image().broker(broker.config().brokerId());
        return self == null || self.fenced();
    }

    private Errors unknown(FetchedPartition item) {
        boolean byId = request.apiVersion() >= FetchHandler.FIRST_VERSION_WITH_TOPIC_IDS;
        var topic = byId
                ? broker.cluster().image().topic(item.topicId)
                : broker.cluster().image().topic(item.topic);
        if (topic == null) {
            return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return item.number >= 0 && item.number < topic.partitionCount()
                ? Errors.NOT_LEADER_OR_FOLLOWER
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    /** What a follower asks for is where its log ends; its leader's loop is told before anything is read. */
    private void reportFollower() {
        long brokerEpoch = asked.replicaState().replicaEpoch();
        for (FetchedPartition item : partitions) {
            Partition partition = item.partition;
            if (partition != null && check(partition, item) == Errors.NONE && follows(partition, item)) {
                long fetchOffset = item.fetchOffset;
                long startOffset = item.followerStartOffset;
                int epoch = item.currentLeaderEpoch;
                partition
                        .loop()
                        .run(() -> partition.followerFetched(followerId, epoch, fetchOffset, startOffset, brokerEpoch));
            }
        }
    }

    private static boolean follows(Partition partition, FetchedPartition item) {
        try {
            LogSnapshot log = partition.snapshot();
            return partition.divergence(item.lastFetchedEpoch, item.fetchOffset) == null
                    && item.fetchOffset >= log.logStartOffset()
                    && item.fetchOffset <= log.logEndOffset();
        } catch (OffsetOutOfRangeException | KafkaStorageException e) {
            // The reading that follows answers with the error.
            return false;
        }
    }

    /** Waits at every partition where it does not wait already. */
    private void await() {
        registering = true;
        for (FetchedPartition item : partitions) {
            if (item.partition != null && !item.waiter.waits()) {
                item.waiter = item.partition.awaitProgress(item.progressSeen, progress, this::progressed);
            }
        }
        registering = false;
        if (progressed && !done) {
            progressed = false;
            request.loop().execute(this::readAgain);
        }
    }

    /** On the loop of a partition, or on this one. */
    private void progressed() {
        if (!request.loop().inLoop()) {
            request.loop().execute(this::readAgain);
        } else if (registering) {
            progressed = true;
        } else {
            readAgain();
        }
    }

    private void readAgain() {
        if (done) {
            return;
        }
        if (read()) {
            finish();
        } else {
            await();
        }
    }

    private void timedOut() {
        if (!done) {
            read();
            finish();
        }
    }

    private void finish() {
        done = true;
        if (timer != null) {
            timer.cancel();
            for (FetchedPartition item : partitions) {
                item.waiter.cancel();
            }
        }
        if (followerId >= 0) {
            partitions.forEach(FetchInProgress::noteSent);
        }
        FetchReply.send(broker, request, partitions, resolution);
    }

    private static void noteSent(FetchedPartition item) {
        if (item.partition != null && item.records != null) {
            item.partition.sentToFollower(item.records.sizeInBytes());
        }
    }
}

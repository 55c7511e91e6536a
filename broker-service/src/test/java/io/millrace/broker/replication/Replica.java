package io.millrace.broker.replication;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** One replica of a partition on a broker of its own, which fetches when the test says so. */
final class Replica implements AutoCloseable {

    static final TopicIdPartition ID = new TopicIdPartition(new Uuid(3, 4), 0, "topic");

    final int brokerId;
    final ManualLoop loop = new ManualLoop(0);
    final NoPeers peers = new NoPeers();
    final List<String> answers = new ArrayList<>();
    private final LogDirectories directories;
    final Partition partition;

    Replica(int brokerId, Path directory, int minInsync) {
        this(brokerId, directory, minInsync, ID);
    }

    Replica(int brokerId, Path directory, int minInsync, TopicIdPartition id) {
        this.brokerId = brokerId;
        directories = new LocalLogDirectories(
                Map.of("log.dirs", directory.toString()),
                FileStore.disk(),
                loop,
                RandomSource.system(),
                loop,
                loop,
                10,
                1 << 20);
        directories.recover((topicPartition, topicId) -> loop);
        partition = new Partition(
                id,
                loop,
                loop,
                new ReplicationConfig(brokerId, minInsync, 10_000, Map.of()),
                (changed, role) -> {},
                peers,
                peers);
        directories.open(
                id.topicPartition(),
                id.topicId(),
                loop,
                Map.of(),
                null,
                (log, problem) -> partition.open(log, minInsync));
        loop.drain();
    }

    /** Gives the replica the role that follows from who leads. */
    void learn(int leader, int leaderEpoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
        partition.apply(new PartitionRegistration(
                0,
                leader,
                leaderEpoch,
                partitionEpoch,
                replicas,
                isr,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of()));
        loop.drain();
    }

    void append(String value, int acks) {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(1_700_000_000_000L, value.getBytes(StandardCharsets.UTF_8)));
        partition.append(
                records,
                AppendOrigin.CLIENT,
                (short) acks,
                60_000,
                (error, message, result) -> answers.add(value + " " + error));
    }

    /** One fetch from {@code leader}: asks, and takes what comes; what a {@link ReplicaFetcher} and a fetch handler do over a socket. */
    void fetchFrom(Replica leader) {
        FetchPosition at = FetchPosition.of(partition.snapshot());
        int epoch = partition.role().leaderEpoch();
        try {
            PartitionData data = leader.answer(brokerId, epoch, at);
            partition.takeFromLeader(epoch, data, step -> {
                if (step.error() != Errors.NONE) {
                    answers.add("fetch " + step.error());
                }
            });
        } catch (OffsetOutOfRangeException e) {
            partition.moveIntoLeadersRange(
                    epoch,
                    leader.partition.snapshot().logStartOffset(),
                    leader.partition.snapshot().logEndOffset());
        }
        loop.drain();
    }

    private PartitionData answer(int follower, int epoch, FetchPosition at) {
        PartitionData data = new PartitionData().setRecords(MemoryRecords.EMPTY);
        @Nullable EpochEndOffset diverging = partition.divergence(at.lastFetchedEpoch(), at.fetchOffset());
        if (diverging != null) {
            return data.setDivergingEpoch(diverging);
        }
        if (at.fetchOffset() < partition.snapshot().logStartOffset()) {
            throw new OffsetOutOfRangeException("below the log start");
        }
        partition.followerFetched(follower, epoch, at.fetchOffset(), at.logStartOffset(), 100 + follower);
        LogRead read = partition.read(at.fetchOffset(), 1 << 20, true, ReadLimit.LOG_END);
        return data.setRecords(bytes(read.records()))
                .setHighWatermark(partition.snapshot().highWatermark())
                .setLogStartOffset(partition.snapshot().logStartOffset());
    }

    List<String> values() {
        LogRead read = partition.read(partition.snapshot().logStartOffset(), 1 << 20, true, ReadLimit.LOG_END);
        List<String> values = new ArrayList<>();
        for (Record record : bytes(read.records()).records()) {
            values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
        }
        return values;
    }

    private static MemoryRecords bytes(@Nullable FileSlice slice) {
        if (slice == null) {
            return MemoryRecords.EMPTY;
        }
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        try {
            while (bytes.hasRemaining() && slice.channel().read(bytes, slice.position() + bytes.position()) >= 0) {
                // read on
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        slice.release();
        return MemoryRecords.readableRecords(bytes.flip());
    }

    @Override
    public void close() {
        loop.drain();
        directories.close();
    }
}

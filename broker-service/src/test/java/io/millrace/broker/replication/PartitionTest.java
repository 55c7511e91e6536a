package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition over a real log, in the roles that the controller gives it. */
class PartitionTest {

    @TempDir
    Path directory;

    private final ManualLoop loop = new ManualLoop(0);
    private final TopicIdPartition id = new TopicIdPartition(new Uuid(3, 4), 0, "topic");
    private final List<String> answers = new ArrayList<>();
    private final List<String> roles = new ArrayList<>();
    private final NoPeers peers = new NoPeers();
    private LogDirectories directories;
    private Partition partition;

    @BeforeEach
    void open() {
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
                new ReplicationConfig(1, 2, 30_000, Map.of()),
                (changed, role) -> roles.add(role.leader() + "@" + role.leaderEpoch()),
                peers,
                peers);
        directories.open(
                id.topicPartition(), id.topicId(), loop, Map.of(), null, (log, problem) -> partition.open(log, 2));
        loop.drain();
    }

    @AfterEach
    void close() {
        loop.drain();
        directories.close();
    }

    private void lead(int epoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
        give(1, epoch, partitionEpoch, replicas, isr);
    }

    private void give(int leader, int epoch, int partitionEpoch, List<Integer> replicas, List<Integer> isr) {
        partition.apply(new PartitionRegistration(
                0,
                leader,
                epoch,
                partitionEpoch,
                replicas,
                isr,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of()));
    }

    private void append(int acks, String value) {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(loop.wallClockMs(), value.getBytes(StandardCharsets.UTF_8)));
        partition.append(
                records,
                AppendOrigin.CLIENT,
                (short) acks,
                1_000,
                (error, message, result) -> answers.add(value + " " + error));
    }

    @Test
    void aSingleReplicaIsEnoughForItselfWhateverMinInsyncReplicasSays() {
        lead(1, 0, List.of(1), List.of(1));
        append(-1, "a");
        assertThat(answers).containsExactly("a NONE");
        assertThat(partition.snapshot().highWatermark()).isEqualTo(1);
    }

    @Test
    void withoutEnoughInSyncReplicasAcksAllIsRefusedAndTheHighWatermarkStays() {
        lead(1, 0, List.of(1, 2, 3), List.of(1));
        append(-1, "a");
        append(1, "b");
        assertThat(answers).containsExactly("a NOT_ENOUGH_REPLICAS", "b NONE");
        assertThat(partition.snapshot().logEndOffset()).isEqualTo(1);
        assertThat(partition.snapshot().highWatermark()).isZero();
    }

    @Test
    void theHighWatermarkIsTheSmallestEndOfTheInSyncReplicas() {
        lead(1, 0, List.of(1, 2, 3), List.of(1, 2, 3));
        append(-1, "a");
        append(-1, "b");
        partition.followerFetched(2, 1, 2, 0, 7);
        assertThat(answers).isEmpty();
        partition.followerFetched(3, 1, 1, 0, 7);
        assertThat(answers).containsExactly("a NONE");
        // The slow one leaves: it is no longer waited for.
        lead(1, 1, List.of(1, 2, 3), List.of(1, 2));
        assertThat(answers).containsExactly("a NONE", "b NONE");
        assertThat(partition.followerFetched(9, 1, 2, 0, 7)).isFalse();
    }

    @Test
    void losingLeadershipFailsWhoWaitsAndTellsTheRoleListener() {
        lead(1, 0, List.of(1, 2), List.of(1, 2));
        append(-1, "a");
        partition.awaitProgress(0, () -> answers.add("woken"));
        give(2, 2, 1, List.of(1, 2), List.of(1, 2));
        append(1, "b");
        assertThat(answers).containsExactly("a NOT_LEADER_OR_FOLLOWER", "woken", "b NOT_LEADER_OR_FOLLOWER");
        assertThat(roles).containsExactly("true@1", "false@2");
    }

    @Test
    void whoComesBeforeTheMetadataWaitsAMomentForIt() {
        give(2, 1, 0, List.of(1, 2), List.of(1, 2));
        append(1, "a");
        append(1, "b");
        loop.pass(EarlyAppends.LONGEST_MS - 1);
        give(2, 1, 1, List.of(1, 2), List.of(2));
        assertThat(answers).isEmpty();
        lead(2, 2, List.of(1, 2), List.of(1, 2));
        append(1, "c");
        assertThat(answers).containsExactly("a NONE", "b NONE", "c NONE");
    }

    @Test
    void whoIsWrongIsRefusedAfterAMoment() {
        give(2, 1, 0, List.of(1, 2, 3), List.of(1, 2, 3));
        append(1, "a");
        loop.pass(50);
        append(1, "b");
        loop.pass(51);
        assertThat(answers).containsExactly("a NOT_LEADER_OR_FOLLOWER");
        give(3, 2, 1, List.of(1, 2, 3), List.of(1, 2, 3));
        assertThat(answers).containsExactly("a NOT_LEADER_OR_FOLLOWER", "b NOT_LEADER_OR_FOLLOWER");
        append(1, "c");
        partition.close();
        assertThat(answers).hasSize(3).last().isEqualTo("c NOT_LEADER_OR_FOLLOWER");
    }

    @Test
    void aNewEpochOfTheSameLeaderKeepsWhoWaits() {
        lead(1, 0, List.of(1, 2), List.of(1, 2));
        append(-1, "a");
        lead(2, 1, List.of(1, 2), List.of(1, 2));
        assertThat(answers).isEmpty();
        assertThat(partition.highWatermarkLags()).isTrue();
        partition.followerFetched(2, 2, 1, 0, 7);
        assertThat(answers).containsExactly("a NONE");
        assertThat(partition.highWatermarkLags()).isFalse();
        assertThat(roles).containsExactly("true@1", "true@2");
        assertThat(partition.role().checkEpoch(1)).isEqualTo(Errors.FENCED_LEADER_EPOCH);
        assertThat(partition.role().checkEpoch(3)).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void aWaiterIsCalledOnceWhenItsLimitIsPassed() {
        lead(1, 0, List.of(1, 2), List.of(1, 2));
        partition.awaitProgress(0, ReadLimit.LOG_END::of, () -> answers.add("follower"));
        partition.awaitProgress(0, ReadLimit.HIGH_WATERMARK::of, () -> answers.add("consumer"));
        Partition.Waiter cancelled = partition.awaitProgress(0, () -> answers.add("cancelled"));
        append(1, "a");
        assertThat(answers).containsExactlyInAnyOrder("follower", "a NONE");
        cancelled.cancel();
        partition.followerFetched(2, 1, 1, 0, 7);
        assertThat(answers).containsExactlyInAnyOrder("follower", "a NONE", "consumer");
        partition.awaitProgress(0, () -> answers.add("at once"));
        assertThat(answers).endsWith("at once");
    }

    @Test
    void whatTheMetadataAsksForWhileTheLogIsBeingMadeIsDoneInOrderAfterwards() {
        Partition young = new Partition(
                id,
                loop,
                loop,
                new ReplicationConfig(1, 1, 30_000, Map.of()),
                (changed, role) -> roles.add(role.leader() + "@" + role.leaderEpoch()),
                peers,
                peers);
        List<String> order = new ArrayList<>();
        young.whenOpen(() -> order.add("first, open: " + young.isOpen()));
        young.whenOpen(() -> order.add("second"));
        assertThat(order).isEmpty();
        assertThat(young.leaderError()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);

        young.open(partition.log(), 1);
        young.whenOpen(() -> order.add("third"));
        assertThat(order).containsExactly("first, open: true", "second", "third");
    }

    @Test
    void aPartitionWhoseLogCannotBeMadeTellsClientsSoAndStillHearsTheMetadata() {
        Partition young = new Partition(
                id,
                loop,
                loop,
                new ReplicationConfig(1, 1, 30_000, Map.of()),
                (changed, role) -> roles.add(role.leader() + "@" + role.leaderEpoch()),
                peers,
                peers);
        List<String> order = new ArrayList<>();
        young.whenOpen(() -> order.add("dropped"));
        young.fail(Errors.KAFKA_STORAGE_ERROR);

        assertThat(order).containsExactly("dropped");
        assertThat(young.leaderError()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    }
}

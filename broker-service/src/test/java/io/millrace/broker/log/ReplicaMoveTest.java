package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

/** Replicas that move between log directories while they are used. */
class ReplicaMoveTest {

    private static final Path ONE = Path.of("/one");
    private static final Path TWO = Path.of("/two");
    private static final TopicPartition NAME = new TopicPartition("t", 0);
    private static final Map<String, String> THROTTLED = Map.of(
            "log.dirs", ONE + "," + TWO,
            "log.segment.bytes", "1048576",
            "log.flush.interval.messages", "1",
            "replica.alter.log.dirs.io.max.bytes.per.second", "100000");

    private SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private LogHarness harness = new LogHarness(disk, ONE, THROTTLED, loop);
    private PartitionLog log = harness.log("t");

    {
        harness.directories.onMoved((before, after) -> log = after);
    }

    private Path here() {
        return log.volume().path();
    }

    private Path elsewhere() {
        return here().equals(ONE) ? TWO : ONE;
    }

    private Errors move(Path destination) {
        return harness.directories.alterDirectory(NAME, log, destination);
    }

    private void append(int from, int to) {
        for (int i = from; i < to; i++) {
            LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + i, i + "x".repeat(1_000)), i / 500);
            log.advanceHighWatermark(log.snapshot().logEndOffset());
        }
    }

    private List<Path> directoriesOf(Path volume) throws IOException {
        return disk.list(volume).stream().filter(disk::isDirectory).toList();
    }

    @Test
    void everythingMovesWhileRecordsComeAndGo() throws IOException {
        append(0, 1_500);
        Path from = here();
        Path to = elsewhere();
        PartitionLog original = log;
        assertThat(move(to)).isEqualTo(Errors.NONE);
        for (int i = 0; log.equals(original); i++) {
            append(1_500 + 10 * i, 1_510 + 10 * i);
            if (i == 5) {
                log.advanceLogStart(100);
            }
            assertThat(harness.directories.futureLogs()).singleElement().satisfies(future -> {
                assertThat(future.topicPartition()).isEqualTo(NAME);
                assertThat(future.lag()).isPositive();
            });
            assertThat(LogHarness.readAll(log, 100_000)).hasSize((int)
                    (log.snapshot().logEndOffset() - log.snapshot().logStartOffset()));
            loop.advance(1_000);
        }
        assertThat(harness.directories.futureLogs()).isEmpty();
        assertThat(here()).isEqualTo(to);
        assertThat(log.snapshot()).isEqualTo(original.snapshot());
        assertThat(log.epochs().starts()).isEqualTo(original.epochs().starts());
        assertThat(LogHarness.readAll(log, 100_000)).isEqualTo(LogHarness.readAll(original, 100_000));

        int end = (int) log.snapshot().logEndOffset();
        append(end, end + 10);
        loop.advance(120_000);
        assertThat(directoriesOf(from)).isEmpty();
        assertThat(directoriesOf(to)).hasSize(1);
        harness.reopenAfterClose();
        assertThat(harness.found).singleElement().satisfies(found -> {
            assertThat(found.log().snapshot().logEndOffset()).isEqualTo(end + 10);
            assertThat(found.log().snapshot().logStartOffset()).isEqualTo(100);
        });
    }

    @Test
    void aLogThatBeginsWithinABatchMoves() {
        LogHarness.append(log, LogHarness.records("a", "b", "c"));
        LogHarness.append(log, LogHarness.records("d"));
        log.advanceHighWatermark(4);
        log.advanceLogStart(2);
        Path to = elsewhere();
        move(to);
        loop.advance(1_000);

        assertThat(here()).isEqualTo(to);
        assertThat(LogHarness.readAll(log, 1_000)).containsExactly("2:c", "3:d");
    }

    /** A follower cuts off what its leader does not have, maybe at an offset that compaction has left to no batch. */
    @Test
    void aLogThatEndsWithinAGapMoves() {
        follow(0, "a");
        follow(5, "b");
        log.truncateTo(3);
        Path to = elsewhere();
        move(to);
        loop.advance(1_000);

        assertThat(here()).isEqualTo(to);
        assertThat(harness.directories.futureLogs()).isEmpty();
        follow(3, "c");
        log.advanceHighWatermark(4);
        assertThat(LogHarness.readAll(log, 1_000)).containsExactly("0:a", "3:c");
    }

    private void follow(long offset, String value) {
        assertThat(log.appendAsFollower(MemoryRecords.withRecords(
                        offset, Compression.NONE, 0, LogHarness.simple(LogHarness.NOW_MS, value))))
                .isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void producersAreKnownAfterwardsAsBefore() {
        LogHarness.append(log, LogHarness.idempotent(7, 0, 0, "a"));
        LogHarness.append(log, LogHarness.transactional(8, 0, 0, "open"));
        log.advanceHighWatermark(log.snapshot().logEndOffset());
        move(elsewhere());

        assertThat(log.snapshot().lastStableOffset()).isEqualTo(1);
        assertThat(log.appendAsLeader(LogHarness.idempotent(7, 0, 0, "a"), 0, AppendOrigin.CLIENT))
                .isInstanceOf(AppendResult.Duplicate.class);
        assertThat(log.appendAsLeader(LogHarness.idempotent(7, 0, 5, "gap"), 0, AppendOrigin.CLIENT))
                .isInstanceOf(AppendResult.Rejected.class);
    }

    @Test
    void aTruncationMeanwhileIsCopiedToo() {
        append(0, 1_000);
        move(elsewhere());
        loop.advance(2_000);
        log.truncateTo(50);
        for (int i = 0; i < 100; i++) {
            LogHarness.append(log, LogHarness.records("other " + i), 9);
        }
        PartitionLog original = log;
        loop.advance(60_000);

        assertThat(log).isNotSameAs(original);
        assertThat(LogHarness.readAll(log, 100_000))
                .hasSize(150)
                .isEqualTo(LogHarness.readAll(original, 100_000))
                .endsWith("149:other 99");
    }

    @Test
    void whoWaitsForTheDiskIsAnsweredByTheCopy() {
        append(0, 10);
        loop.holdWork();
        LogHarness.append(log, LogHarness.records("flush me"));
        List<Errors> answers = new ArrayList<>();
        log.awaitFlush(log.snapshot().logEndOffset(), answers::add);
        move(elsewhere());
        loop.runHeldWork();

        assertThat(answers).containsExactly(Errors.NONE);
        assertThat(log.flushedOffset()).isEqualTo(11);
    }

    @Test
    void aMoveBackEndsItAndTheSameAgainChangesNothing() throws IOException {
        append(0, 1_000);
        Path from = here();
        Path to = elsewhere();
        move(to);
        loop.advance(2_000);
        long lag = harness.directories.futureLogs().getFirst().lag();
        assertThat(move(to)).isEqualTo(Errors.NONE);
        assertThat(harness.directories.futureLogs().getFirst().lag()).isEqualTo(lag);

        assertThat(move(from)).isEqualTo(Errors.NONE);
        loop.advance(200_000);
        assertThat(harness.directories.futureLogs()).isEmpty();
        assertThat(here()).isEqualTo(from);
        assertThat(directoriesOf(to)).isEmpty();
    }

    @Test
    void aTopicThatIsDeletedMeanwhileLeavesNothing() throws IOException {
        append(0, 1_000);
        move(elsewhere());
        loop.advance(2_000);
        harness.directories.delete(log);
        loop.advance(200_000);

        assertThat(directoriesOf(ONE)).isEmpty();
        assertThat(directoriesOf(TWO)).isEmpty();
        assertThat(harness.directories.futureLogs()).isEmpty();
    }

    @Test
    void aCopyThatCannotBeWrittenLeavesTheOriginalInPlace() {
        append(0, 1_000);
        Path from = here();
        move(elsewhere());
        loop.advance(2_000);
        disk.breakDown(elsewhere());
        loop.advance(100_000);

        assertThat(here()).isEqualTo(from);
        append(1_000, 1_001);
        assertThat(harness.directories.futureLogs()).isEmpty();
        assertThat(move(elsewhere())).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThat(move(Path.of("/three"))).isEqualTo(Errors.LOG_DIR_NOT_FOUND);
        assertThat(move(Path.of("one"))).isEqualTo(Errors.LOG_DIR_NOT_FOUND);
        TopicPartition longName = new TopicPartition("n".repeat(249), 0);
        assertThat(harness.directories.alterDirectory(longName, null, TWO)).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void aPartitionThatIsNotHereYetIsMadeWhereItWasWanted() {
        for (Path wanted : List.of(ONE, TWO)) {
            TopicPartition later = new TopicPartition("later-in" + wanted.getFileName(), 0);
            assertThat(harness.directories.alterDirectory(later, null, wanted)).isEqualTo(Errors.REPLICA_NOT_AVAILABLE);
            assertThat(harness.log(later.topic()).volume().path()).isEqualTo(wanted);
        }
    }

    @Test
    void aMoveThatARestartInterruptsBeginsAgain() throws IOException {
        append(0, 1_000);
        Path to = elsewhere();
        move(to);
        loop.advance(2_000);
        harness.reopenAfterClose();
        harness.directories.onMoved((before, after) -> log = after);
        log = harness.log("t");
        assertThat(here()).isNotEqualTo(to);
        loop.advance(200_000);

        assertThat(here()).isEqualTo(to);
        assertThat(LogHarness.readAll(log, 100_000)).hasSize(1_000);
        assertThat(directoriesOf(elsewhere())).isEmpty();
        assertThat(directoriesOf(to)).hasSize(1);
    }

    @Test
    void whatWasAcknowledgedSurvivesAPowerLossAtAnyTimeOfAMove() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            disk = new SimulatedDisk(random);
            loop.dropHeldWork();
            harness = new LogHarness(disk, ONE, THROTTLED, loop);
            harness.directories.onMoved((before, after) -> log = after);
            log = harness.log("t");
            append(0, 300);
            move(elsewhere());
            int steps = random.nextInt(12);
            for (int i = 0; i < steps; i++) {
                append((int) log.snapshot().logEndOffset(), (int) log.snapshot().logEndOffset() + random.nextInt(5));
                loop.advance(random.nextInt(1_000));
            }
            long acknowledged = log.flushedOffset();
            assertThat(acknowledged).isEqualTo(log.snapshot().logEndOffset());
            disk.losePower();
            loop.dropHeldWork();
            harness.reopenAfterCrash();

            log = harness.log("t");
            List<String> values = LogHarness.readAll(log, 100_000);
            assertThat(values).as("seed " + seed).hasSizeGreaterThanOrEqualTo((int) acknowledged);
            for (int i = 0; i < acknowledged; i++) {
                assertThat(values.get(i)).startsWith(i + ":" + i + "x");
            }
        }
    }
}

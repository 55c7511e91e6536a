package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Background work meets a log that changes under it, and a disk without space: nothing of that takes a directory offline. */
class BackgroundRacesTest {

    private static final Path DATA = Path.of("/data");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop);

    @Test
    void theActiveSegmentsIndexesAreOnDiskFromTheBeginningAndKeptNearlyCurrent() throws IOException {
        PartitionLog log = harness.log("t");
        Path index = log.directory().resolve("00000000000000000000.index");
        Path timeIndex = log.directory().resolve("00000000000000000000.timeindex");
        assertThat(disk.sizeBytes(index)).isZero();
        assertThat(disk.sizeBytes(timeIndex)).isZero();

        for (int i = 0; i < 600; i++) {
            LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + i, "x".repeat(1_000)));
            loop.advance(10);
        }

        int size = Math.toIntExact(disk.sizeBytes(log.directory().resolve("00000000000000000000.log")));
        IndexFile.Found entries = OffsetIndex.read(disk, index, size);
        assertThat(entries.whole()).isTrue();
        assertThat(entries.inFile()).isGreaterThan(100);
        assertThat(disk.sizeBytes(index)).isEqualTo(entries.inFile() * 8L);
        assertThat(disk.sizeBytes(timeIndex)).isPositive().matches(bytes -> bytes % 12 == 0);
    }

    @Test
    void indexEntriesThatOutliveTheirRecordsInAPowerLossDoNoHarm() {
        for (int seed = 0; seed < 30; seed++) {
            SimulatedDisk torn = new SimulatedDisk(new Random(seed));
            LogHarness lives = new LogHarness(torn, DATA, Map.of(), loop);
            PartitionLog log = lives.log("t");
            for (int i = 0; i < 600; i++) {
                LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + i, "x".repeat(1_000)));
            }
            torn.losePower();
            loop.dropHeldWork();
            lives.reopenAfterCrash();

            PartitionLog again = lives.log("t");
            assertThat(again.offlineReason()).isNull();
            LogHarness.append(again, LogHarness.records("after"));
            assertThat(LogHarness.readAll(again, 100_000))
                    .hasSize((int) again.snapshot().logEndOffset())
                    .last()
                    .asString()
                    .endsWith(":after");
        }
    }

    @Test
    void aReadThatMeetsATruncationIsRefusedAndTheLogStaysOnline() {
        PartitionLog log = harness.log("t");
        for (int i = 0; i < 20; i++) {
            LogHarness.append(log, LogHarness.records("value" + i));
        }
        disk.afterTruncation(() -> {
            disk.afterTruncation(() -> {});
            assertThatThrownBy(() -> log.read(15, 1_000, 20, true, false)).isInstanceOf(KafkaStorageException.class);
        });

        log.truncateTo(10);

        assertThat(log.offlineReason()).isNull();
        assertThat(LogHarness.readAll(log, 1_000)).hasSize(10);
    }

    @Test
    void aFullDiskRefusesRecordsServesReadsAndRecoversWhenSpaceReturns() {
        PartitionLog log = harness.log("t");
        LogHarness.append(log, LogHarness.records("before"));
        disk.setFreeBytes(0);

        AppendResult refused = log.appendAsLeader(LogHarness.records("refused"), 0, AppendOrigin.CLIENT);
        log.flush().checkpoint();

        assertThat(refused)
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class, r -> assertThat(r.error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR));
        assertThat(harness.directories.directories()).allMatch(LogDirectories.LogDirectory::online);
        assertThat(LogHarness.readAll(log, 1_000)).containsExactly("0:before");

        disk.setFreeBytes(Long.MAX_VALUE);
        loop.advance(2_000);
        LogHarness.append(log, LogHarness.records("after"));
        assertThat(LogHarness.readAll(log, 1_000)).containsExactly("0:before", "1:after");
    }

    @Test
    void theLastSpaceIsKeptForCommitsAndMetadata() {
        PartitionLog log = harness.log("t");
        PartitionLog offsets = harness.log("__consumer_offsets");
        disk.setFreeBytes(Housekeeping.RESERVED_BYTES - 1);
        loop.advance(2_000);

        assertThat(log.appendAsLeader(LogHarness.records("refused"), 0, AppendOrigin.CLIENT))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        refused -> assertThat(refused.message())
                                .isEqualTo("t-0: log directory /data is full; free space or lower retention"));
        assertThat(offsets.appendAsLeader(LogHarness.records("commit"), 0, AppendOrigin.COORDINATOR))
                .isInstanceOf(AppendResult.Appended.class);
        assertThat(harness.log("new").snapshot().logEndOffset()).isZero();

        disk.setFreeBytes(Housekeeping.RESERVED_BYTES);
        loop.advance(2_000);
        LogHarness.append(log, LogHarness.records("accepted"));
    }

    @Test
    void whoWaitsForTheDiskIsToldWhenTheLogIsDeletedFirst() {
        PartitionLog log = harness.log("t");
        LogHarness.append(log, LogHarness.records("doomed"));
        Errors[] told = new Errors[1];
        loop.holdWork();
        log.awaitFlush(1, error -> told[0] = error);
        harness.directories.delete(log);
        loop.runHeldWork();

        assertThat(told[0]).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
        assertThat(harness.directories.directories()).allMatch(LogDirectories.LogDirectory::online);
    }
}

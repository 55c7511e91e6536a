package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Disk space is reserved ahead of logs that are written fast, and of no others, and is given back. */
class SpaceAheadTest {

    private static final Path DATA = Path.of("/data");
    private static final int BATCH_BYTES = 512 << 10;
    private static final int SEGMENT_BYTES = 32 << 20;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop);
    private final PartitionLog log = harness.log("t", Map.of("segment.bytes", Integer.toString(SEGMENT_BYTES)));

    private static MemoryRecords batch() {
        return LogHarness.records("x".repeat(BATCH_BYTES));
    }

    private static void append(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            LogHarness.append(log, batch());
        }
    }

    private static Path file(PartitionLog log) {
        return log.view().active().paths().log();
    }

    private long reserved() throws IOException {
        return disk.reservedBytes(file(log));
    }

    @Test
    void aLogThatIsWrittenFastHasAtMostAsMuchAgainReserved() throws IOException {
        append(log, 20);

        assertThat(reserved()).isBetween(1L, log.sizeBytes());
        assertThat(disk.sizeBytes(file(log))).isEqualTo(log.sizeBytes());
    }

    @Test
    void aLogThatIsWrittenSlowlyHasNone() throws IOException {
        for (int i = 0; i < 20; i++) {
            append(log, 1);
            loop.advance(200);
        }

        assertThat(reserved()).isZero();
    }

    @Test
    void noneIsTakenFromADiskThatIsNearlyFull() throws IOException {
        disk.setFreeBytes(SpaceAhead.LEAST_USABLE_BYTES - 1);

        append(log, 20);

        assertThat(reserved()).isZero();
    }

    @Test
    void theReservationEndsWithTheSegment() throws IOException {
        append(log, 40);
        assertThat(reserved()).isBetween(1L, SEGMENT_BYTES - log.sizeBytes());
        Path full = file(log);

        append(log, 24);

        assertThat(file(log)).isNotEqualTo(full);
        assertThat(disk.reservedBytes(full)).isZero();
    }

    @Test
    void spaceThatComesAfterTheSegmentIsFullIsGivenBack() throws IOException {
        loop.holdWork();
        append(log, 63);
        Path full = file(log);
        append(log, 1);
        assertThat(file(log)).isNotEqualTo(full);

        loop.runHeldWork();

        assertThat(disk.reservedBytes(full)).isZero();
    }

    @Test
    void aLogThatIsNotWrittenAnyMoreGivesItBack() throws IOException {
        append(log, 20);

        loop.advance(2 * SpaceAhead.IDLE_NS / 1_000_000 + 1);

        assertThat(reserved()).isZero();
    }

    @Test
    void aClosedLogHoldsNothing() throws IOException {
        append(log, 20);
        Path active = file(log);

        harness.directories.close();

        assertThat(disk.reservedBytes(active)).isZero();
    }

    @Test
    void whatAProcessHadReservedThatDiedIsGivenBackAtTheNextStart() throws IOException {
        append(log, 20);

        harness.reopenAfterCrash();

        assertThat(disk.reservedBytes(file(harness.log("t")))).isZero();
        assertThat(harness.log("t").snapshot().logEndOffset()).isEqualTo(20);
    }

    @Test
    void truncationTakesItAndItIsReservedAgain() throws IOException {
        append(log, 20);

        log.truncateTo(12);
        append(log, 16);

        assertThat(reserved()).isBetween(1L, log.sizeBytes());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theMachinesDiskReservesBlocksBeyondTheEndOfAFile(@TempDir Path directory) throws Exception {
        FileStore store = FileStore.disk();
        Path file = Files.write(directory.resolve("segment"), new byte[] {1, 2, 3});

        store.reserve(file, 3, 1 << 20);
        long blocks = blocks(file);
        store.releaseReserved(file);

        assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
        assertThat(blocks)
                .as("file systems of a machine that runs brokers reserve")
                .isGreaterThan(1 << 11);
        assertThat(blocks(file)).isLessThanOrEqualTo(8);
    }

    /** Blocks of 512 bytes that a file takes on disk. */
    private static long blocks(Path file) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes()).strip());
    }
}

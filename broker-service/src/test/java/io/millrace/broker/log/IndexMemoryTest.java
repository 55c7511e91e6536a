package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Many segments' indexes and files in little memory and few file handles. */
class IndexMemoryTest {

    private static final Path DATA = Path.of("/data");
    private static final int LOGS = 40;
    private static final int BATCHES = 400;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);

    @Test
    void indexesStayWithinTheirBoundAndAnswerAllTheSame() {
        long limitBytes = 64 << 10;
        LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop, limitBytes);
        for (int log = 0; log < LOGS; log++) {
            fill(harness.log("t" + log));
            // What indexes must keep of what is not in their files yet comes on top, and all of them keep a few
            // entries.
            assertThat(harness.directories.indexBytes()).isLessThan(3 * limitBytes);
        }
        for (int round = 0; round < 2; round++) {
            for (int log = 0; log < LOGS; log++) {
                PartitionLog of = harness.log("t" + log);
                for (long offset : new long[] {0, 1, 57, 200, BATCHES - 1}) {
                    LogRead read = of.read(offset, 1, BATCHES, true, false);
                    assertThat(LogHarness.bytesOf(read.records())
                                    .batches()
                                    .iterator()
                                    .next()
                                    .baseOffset())
                            .isEqualTo(offset);
                    assertThat(of.offsetForTimestamp(LogHarness.NOW_MS + offset).offset())
                            .isEqualTo(offset);
                }
            }
            assertThat(harness.directories.indexBytes()).isLessThan(3 * limitBytes);
            harness.reopenAfterClose();
        }
    }

    @Test
    void anIndexThatWasGivenUpGrowsAndIsCutAndIsWrittenWhole() throws IOException {
        LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop, 0);
        PartitionLog log = harness.log("t");
        fill(log);
        fill(harness.log("other"));
        log.truncateTo(BATCHES / 4);
        for (int i = BATCHES / 4; i < BATCHES / 2; i++) {
            append(log, i);
        }
        harness.reopenAfterClose();

        PartitionLog again = harness.log("t");
        int size = Math.toIntExact(disk.sizeBytes(again.directory().resolve("00000000000000000000.log")));
        IndexFile.Found index = OffsetIndex.read(disk, again.directory().resolve("00000000000000000000.index"), size);
        OffsetIndex.Entries entries = new OffsetIndex.Entries(index.content());
        assertThat(index.whole()).isTrue();
        // A batch of more than 2,000 bytes each: an entry for every third.
        assertThat(entries.count()).isBetween(BATCHES / 2 / 3 - 2, BATCHES / 2 / 2);
        for (int i = 0; i < entries.count(); i++) {
            long offset = entries.relativeOffset(i);
            LogRead read = again.read(offset, 1, BATCHES, true, false);
            assertThat(read.records().position()).isEqualTo(entries.position(i));
            read.records().release();
        }
    }

    @Test
    void afterAPowerLossAnIndexThatIsAheadOfItsLogIsCutAndTheLogNotReadFromItsBegin() throws IOException {
        LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop, 1 << 20);
        PartitionLog log = harness.log("t");
        fill(log);
        harness.reopenAfterClose();
        log = harness.log("t");
        append(log, BATCHES);
        Path file = log.directory().resolve("00000000000000000000.log");
        try (FileChannel index = disk.open(
                log.directory().resolve("00000000000000000000.index"),
                io.millrace.broker.runtime.FileStore.Mode.WRITE)) {
            ByteBuffer ahead = ByteBuffer.allocate(16);
            ahead.putInt(BATCHES + 10).putInt(50_000_000);
            ahead.putInt(BATCHES + 20).putInt(60_000_000).flip();
            index.write(ahead, index.size());
        }
        long size = disk.sizeBytes(file);
        loop.dropHeldWork();
        disk.countReads(file);
        harness.reopenAfterCrash();

        PartitionLog again = harness.log("t");
        assertThat(again.snapshot().logEndOffset()).isEqualTo(BATCHES + 1);
        assertThat(disk.countedBytes()).isLessThan(size / 4);
    }

    @Test
    void filesBeyondTheBoundAreClosedAndOpenedAgainWhenTheyAreRead() {
        LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop, 1 << 20);
        for (int log = 0; log < 2 * LogHarness.MAX_OPEN_FILES; log++) {
            LogHarness.append(harness.log("t" + log), LogHarness.records("value " + log));
            assertThat(harness.directories.openFiles()).isLessThanOrEqualTo(LogHarness.MAX_OPEN_FILES);
        }
        LogRead held = harness.log("t0").read(0, 1000, 1, true, false);
        for (int log = 1; log < 2 * LogHarness.MAX_OPEN_FILES; log++) {
            assertThat(LogHarness.readAll(harness.log("t" + log), 1000)).containsExactly("0:value " + log);
            assertThat(harness.directories.openFiles()).isLessThanOrEqualTo(LogHarness.MAX_OPEN_FILES);
        }
        // In use all the time, so it was never closed.
        assertThat(held.records().channel().isOpen()).isTrue();
        held.records().release();
    }

    private static void fill(PartitionLog log) {
        for (int i = 0; i < BATCHES; i++) {
            append(log, i);
        }
        log.flush().checkpoint(); // Only what the files have can be given up.
    }

    private static void append(PartitionLog log, int i) {
        LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + i, "x".repeat(2_000)));
    }
}

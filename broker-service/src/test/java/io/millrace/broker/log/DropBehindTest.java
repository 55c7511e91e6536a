package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Old records that a replica copies leave the page cache; those of one that keeps up stay there. */
class DropBehindTest {

    private static final Path DATA = Path.of("/data");
    private static final int BATCH_BYTES = 1_000_000;
    private static final int BATCHES = 100;
    private static final int KEPT_BYTES = 48 << 20;
    private static final int SEGMENT_BYTES = 64 << 20;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, DATA, Map.of(), loop);

    private PartitionLog log(int segmentBytes) {
        return harness.log("t", Map.of("segment.bytes", Integer.toString(segmentBytes)));
    }

    private static void copy(PartitionLog log, int batches, boolean stillBehind) {
        for (int i = 0; i < batches; i++) {
            LogHarness.append(log, LogHarness.records("x".repeat(BATCH_BYTES)));
            log.copied(BATCH_BYTES, stillBehind);
        }
    }

    private long cached(PartitionLog log, int segment) throws IOException {
        return disk.cachedBytes(log.view().segments()[segment].paths().log());
    }

    @Test
    void ofALongCopyOnlyTheNewestStays() throws IOException {
        PartitionLog log = log(Integer.MAX_VALUE);
        copy(log, BATCHES, true);

        assertThat(cached(log, 0)).isBetween((long) DropBehind.BEGIN_BYTES, (long) KEPT_BYTES);
        long end = log.snapshot().logEndOffset();
        assertThat(ColdReads.isCold(log, end - 1, 1)).isFalse();
        assertThat(ColdReads.isCold(log, 0, 1)).isTrue();
        assertThat(LogHarness.readAll(log, BATCH_BYTES)).hasSize(BATCHES);
    }

    @Test
    void aReplicaThatKeepsUpHasAll() throws IOException {
        PartitionLog log = log(Integer.MAX_VALUE);
        copy(log, BATCHES, false);

        assertThat(cached(log, 0)).isGreaterThanOrEqualTo((long) BATCHES * BATCH_BYTES);
    }

    @Test
    void aShortDelayIsNoLongCopy() throws IOException {
        PartitionLog log = log(Integer.MAX_VALUE);
        for (int i = 0; i < BATCHES / 20; i++) {
            copy(log, 19, true);
            copy(log, 1, false);
        }

        assertThat(cached(log, 0)).isGreaterThanOrEqualTo((long) BATCHES * BATCH_BYTES);
    }

    @Test
    void whatWasThereBeforeTheCopyStays() throws IOException {
        PartitionLog log = log(Integer.MAX_VALUE);
        copy(log, BATCHES, false);
        copy(log, BATCHES, true);

        assertThat(cached(log, 0)).isBetween((long) BATCHES * BATCH_BYTES, (long) BATCHES * BATCH_BYTES + KEPT_BYTES);
    }

    @Test
    void itGoesOnInTheNextSegment() throws IOException {
        PartitionLog log = log(SEGMENT_BYTES);
        copy(log, 2 * BATCHES, true);

        assertThat(log.view().segments()).hasSizeGreaterThan(2);
        assertThat(cached(log, 1)).isLessThan(KEPT_BYTES);
    }
}

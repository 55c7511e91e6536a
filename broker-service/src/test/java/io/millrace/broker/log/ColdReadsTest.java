package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Consumers that are behind, as their loops see them: nothing that a loop reads itself waits for the disk. */
class ColdReadsTest {

    private static final Path DATA = Path.of("/data");
    private static final int BATCHES = 3_000;
    private static final int FETCH_BYTES = 200_000;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness =
            new LogHarness(disk, DATA, Map.of("log.segment.bytes", "1048576"), loop, 20 << 10);
    private int prefetches;

    @Test
    void aReaderFromTheBeginningNeverWaitsOnItsLoop() {
        filled("t");
        PartitionLog log = afterTheMachinesRestart("t");

        assertThat(readOn(log, 0)).isEqualTo(BATCHES);
        // Each covers two fetches; where segments end, a little more often.
        assertThat(prefetches).isBetween(8, 12);
    }

    @Test
    void readersAtManyPlacesDoNotTakeEachOthersPagesForTheirOwn() {
        filled("one");
        filled("two");
        PartitionLog one = afterTheMachinesRestart("one");
        PartitionLog two = harness.log("two");
        for (long offset = 0; offset < BATCHES; offset += 100) {
            readOnce(one, BATCHES - 1 - offset);
            readOnce(two, offset);
        }
    }

    @Test
    void whatWasReadLongAgoIsNotTakenForWarm() {
        PartitionLog log = filled("t");
        readOnce(log, 0);
        assertThat(ColdReads.isCold(log, 0, FETCH_BYTES)).isFalse();

        loop.advance(60_000);
        assertThat(ColdReads.isCold(log, 0, FETCH_BYTES)).isTrue();
    }

    @Test
    void theTailIsReadWithoutADetour() {
        PartitionLog log = filled("t");
        for (int i = 0; i < 100; i++) {
            long end = LogHarness.append(log, LogHarness.records("x".repeat(1_000)))
                    .endOffsetExclusive();
            assertThat(ColdReads.isCold(log, end - 1, FETCH_BYTES)).isFalse();
            assertThat(ColdReads.isCold(log, end, FETCH_BYTES)).isFalse();
        }
    }

    @Test
    void afterARestartOnlyWhatWasAppendedSinceIsTakenForWarm() {
        LogHarness.append(harness.log("t"), LogHarness.records("before"));
        harness.reopenAfterClose();
        PartitionLog log = harness.log("t");
        assertThat(ColdReads.isCold(log, 0, FETCH_BYTES)).isTrue();

        for (int i = 0; i < 10; i++) {
            LogHarness.append(log, LogHarness.records("x".repeat(1_000)));
        }
        assertThat(ColdReads.isCold(log, 9, FETCH_BYTES)).isFalse();
    }

    private PartitionLog filled(String topic) {
        PartitionLog log = harness.log(topic);
        for (int i = 0; i < BATCHES; i++) {
            LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + i, "x".repeat(1_000)));
        }
        return log;
    }

    private PartitionLog afterTheMachinesRestart(String topic) {
        harness.reopenAfterClose();
        disk.dropPageCache();
        return harness.log(topic);
    }

    private long readOn(PartitionLog log, long from) {
        long offset = from;
        while (offset < log.snapshot().logEndOffset()) {
            offset = readOnce(log, offset);
        }
        return offset;
    }

    /** A fetch, as its handler does it. */
    private long readOnce(PartitionLog log, long offset) {
        if (ColdReads.isCold(log, offset, FETCH_BYTES)) {
            ColdReads.prefetch(log, offset, FETCH_BYTES);
            prefetches++;
        }
        int before = disk.coldReads();
        LogRead read = log.read(offset, FETCH_BYTES, log.snapshot().logEndOffset(), true, true);
        long next = offset;
        for (var batch : LogHarness.bytesOf(read.records()).batches()) {
            next = batch.nextOffset();
        }
        assertThat(disk.coldReads()).as("reading at offset " + offset).isEqualTo(before);
        assertThat(next).isGreaterThan(offset);
        return next;
    }
}

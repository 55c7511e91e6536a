package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A producer that repeats batches after its broker has started again. */
class ProducerRecallTest {

    @TempDir
    Path directory;

    private static AppendResult append(PartitionLog log, long producerId, int sequence) {
        return log.appendAsLeader(LogHarness.idempotent(producerId, 0, sequence, "a", "b"), 0, AppendOrigin.CLIENT);
    }

    @Test
    void theLastFiveBatchesAreStillKnownAfterACleanRestart() {
        try (LogHarness harness = new LogHarness(directory, Map.of())) {
            fill(harness.log("t"));
            harness.reopenAfterClose();
            repeat(harness.log("t"));
        }
    }

    @Test
    void alsoWhereTheyLieInSeveralSegments() {
        try (LogHarness harness = new LogHarness(directory, Map.of())) {
            Map<String, String> small = Map.of("internal.segment.bytes", "250");
            fill(harness.log("t", small));
            harness.reopenAfterClose();
            repeat(harness.log("t", small));
        }
    }

    @Test
    void andAfterACrashRightAfterACheckpoint() {
        try (LogHarness harness = new LogHarness(directory, Map.of())) {
            PartitionLog log = harness.log("t");
            fill(log);
            log.flush().checkpoint();
            harness.loop.advance(5_000);
            harness.reopenAfterCrash();
            repeat(harness.log("t"));
        }
    }

    @Test
    void andAfterATruncationToASnapshot() {
        try (LogHarness harness = new LogHarness(directory, Map.of())) {
            PartitionLog log = harness.log("t");
            fill(log);
            log.flush().checkpoint();
            long end = log.snapshot().logEndOffset();
            append(log, 7, 16);
            log.truncateTo(end);
            repeat(log);
        }
    }

    /** Two producers with eight batches each. */
    private static void fill(PartitionLog log) {
        for (int sequence = 0; sequence < 16; sequence += 2) {
            assertThat(append(log, 7, sequence)).isInstanceOf(AppendResult.Appended.class);
            assertThat(append(log, 8, sequence)).isInstanceOf(AppendResult.Appended.class);
        }
    }

    private static void repeat(PartitionLog log) {
        for (int sequence = 6; sequence < 16; sequence += 2) {
            AppendResult repeated = append(log, 7, sequence);
            assertThat(repeated).isInstanceOf(AppendResult.Duplicate.class);
            assertThat(((AppendResult.Duplicate) repeated).baseOffset()).isEqualTo(2L * sequence);
        }
        assertThat(append(log, 7, 4)).isInstanceOf(AppendResult.Rejected.class);
        assertThat(append(log, 8, 16)).isInstanceOf(AppendResult.Appended.class);
    }
}

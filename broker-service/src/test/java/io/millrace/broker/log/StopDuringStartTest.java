package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.RandomSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A broker that is stopped before it has opened its logs. */
class StopDuringStartTest {

    @Test
    void theLogsAreStillRecoveredAtTheNextStart() {
        for (int seed = 0; seed < 20; seed++) {
            SimulatedDisk disk = new SimulatedDisk(new Random(seed));
            InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
            Path directory = Path.of("/data");
            LogHarness harness = new LogHarness(disk, directory, Map.of("log.cleaner.enable", "false"), loop);
            PartitionLog log = harness.log("t");
            for (int i = 0; i < 30; i++) {
                LogHarness.append(log, LogHarness.records("value " + i));
            }
            log.awaitFlush(20, error -> {});
            log.advanceHighWatermark(20);
            log.advanceLogStart(3);
            loop.advance(10_000);
            for (int i = 30; i < 60; i++) {
                LogHarness.append(log, LogHarness.records("value " + i));
            }
            loop.dropHeldWork();
            disk.losePower();

            // As when SIGTERM comes while the controller is awaited.
            new LocalLogDirectories(
                            Map.of("log.dirs", "/data", "log.cleaner.enable", "false"),
                            disk,
                            loop,
                            RandomSource.system(),
                            loop,
                            loop,
                            64,
                            1 << 20)
                    .close(7);

            harness.reopenAfterCrash();
            PartitionLog again = harness.found.getFirst().log();
            assertThat(again.offlineReason()).isNull();
            assertThat(harness.directories.previousBrokerEpoch()).isEmpty();
            assertThat(again.snapshot().logStartOffset()).isEqualTo(3);
            assertThat(LogHarness.readAll(again, 1 << 20)).hasSizeBetween(17, 57);
        }
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that fail, and files that are missing or damaged when the broker starts. */
class DiskFaultTest {

    private static final Path ONE = Path.of("/one");
    private static final Path TWO = Path.of("/two");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, ONE, Map.of("log.dirs", ONE + "," + TWO), loop);

    @Test
    void anAppendThatFailsTakesItsDirectoryOfflineAndNoOther() {
        brokenBy(log -> {
            AppendResult result = log.appendAsLeader(LogHarness.records("lost"), 0, AppendOrigin.CLIENT);
            assertThat(result)
                    .isInstanceOfSatisfying(
                            AppendResult.Rejected.class,
                            r -> assertThat(r.error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR));
        });
    }

    @Test
    void aSyncThatFailsTakesItsDirectoryOfflineAndTellsWhoWaits() {
        brokenBy(log -> {
            Errors[] told = new Errors[1];
            log.awaitFlush(log.snapshot().logEndOffset(), error -> told[0] = error);
            assertThat(told[0]).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
        });
    }

    @Test
    void aReadThatFailsTakesItsDirectoryOfflineWithATypedError() {
        brokenBy(log ->
                assertThatThrownBy(() -> log.read(0, 1_000, 1, true, false)).isInstanceOf(KafkaStorageException.class));
    }

    private void brokenBy(Consumer<PartitionLog> use) {
        PartitionLog first = harness.log("first");
        PartitionLog second = harness.log("second");
        assertThat(List.of(first.directory().getParent(), second.directory().getParent()))
                .containsExactlyInAnyOrder(ONE, TWO);
        LogHarness.append(first, LogHarness.records("a"));
        LogHarness.append(second, LogHarness.records("b"));
        disk.breakDown(first.directory().getParent());

        use.accept(first);

        assertThat(first.offlineReason()).contains("Input/output error");
        assertThat(harness.directories.directories().stream().filter(LogDirectories.LogDirectory::online))
                .hasSize(1);
        LogHarness.append(second, LogHarness.records("c"));
        assertThat(LogHarness.readAll(second, 1_000)).containsExactly("0:b", "1:c");
    }

    @ParameterizedTest
    @ValueSource(strings = {".index", ".timeindex", ".snapshot", "leader-epoch-checkpoint"})
    void filesThatAreMissingOrDamagedAtTheStartAreRebuilt(String suffix) throws IOException {
        for (boolean damaged : new boolean[] {false, true}) {
            PartitionLog log = harness.log("t" + damaged, Map.of("segment.bytes", "1048576"));
            for (int i = 0; i < 200; i++) {
                LogHarness.append(log, LogHarness.idempotent(7, 0, i, "x".repeat(10_000)), 3);
            }
            List<String> before = LogHarness.readAll(log, 1_000_000);
            harness.directories.close();
            for (Path file : disk.list(log.directory())) {
                if (file.toString().endsWith(suffix) && damaged) {
                    disk.replace(file, new byte[] {1, 2, 3, 4, 5, 6, 7}, true);
                } else if (file.toString().endsWith(suffix)) {
                    disk.delete(file);
                }
            }
            harness.open();

            PartitionLog again = harness.log("t" + damaged, Map.of("segment.bytes", "1048576"));
            assertThat(again.offlineReason()).isNull();
            assertThat(LogHarness.readAll(again, 1_000_000)).isEqualTo(before);
            assertThat(again.epochOf(0)).isEqualTo(3);
            assertThat(again.appendAsLeader(LogHarness.idempotent(7, 0, 300, "gap"), 3, AppendOrigin.CLIENT))
                    .isInstanceOfSatisfying(
                            AppendResult.Rejected.class,
                            r -> assertThat(r.error()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER));
            LogHarness.append(again, LogHarness.idempotent(7, 0, 200, "next"), 3);
        }
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Stopping costs what has changed, not what is there: a broker may hold tens of thousands of logs that nobody writes to. */
class CleanShutdownTest {

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final LogHarness harness =
            new LogHarness(disk, Path.of("/data"), Map.of(), new InlineLoop(LogHarness.NOW_MS));

    @Test
    void ofLogsWithoutNewRecordsNoFileIsWritten() throws IOException {
        LogHarness.append(harness.log("idle"), LogHarness.idempotent(7, 0, 0, "a", "b"), 3);
        harness.log("empty");
        harness.reopenAfterClose();
        Map<String, String> before = files();

        harness.log("idle").beginEpoch(4);
        harness.log("empty").beginEpoch(4);
        harness.reopenAfterClose();

        assertThat(files()).isEqualTo(before).doesNotContainKey("/data/empty-0/00000000000000000000.snapshot");
        assertThat(harness.log("idle").epochOf(1)).isEqualTo(3);
        assertThat(harness.log("idle").appendAsLeader(LogHarness.idempotent(7, 0, 0, "a", "b"), 5, AppendOrigin.CLIENT))
                .isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void anEpochIsWrittenAsSoonAsItHasRecords() throws IOException {
        harness.log("t").beginEpoch(4);
        LogHarness.append(harness.log("t"), LogHarness.records("a"), 4);
        harness.log("t").beginEpoch(6);
        LogHarness.append(harness.log("t"), LogHarness.records("b"), 6);

        harness.reopenAfterClose();

        assertThat(files().get("/data/t-0/leader-epoch-checkpoint")).isEqualTo("0\n2\n4 0\n6 1\n");
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (String log : new String[] {"idle-0", "empty-0", "t-0"}) {
            Path directory = Path.of("/data", log);
            if (disk.exists(directory)) {
                for (Path file : disk.list(directory)) {
                    files.put(file.toString(), new String(disk.readAll(file), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return files;
    }
}

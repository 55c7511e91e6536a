package io.millrace.broker.log;

import static io.millrace.broker.log.LogHarness.append;
import static io.millrace.broker.log.LogHarness.records;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Work of the background that all logs share: syncs that appends wait for, and retention. */
class LogUpkeepTest {

    private static final Map<String, String> BROKER = Map.of(
            "log.initial.task.delay.ms", "1000",
            "log.retention.check.interval.ms", "1000",
            "log.retention.ms", "-1");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, Path.of("/data"), BROKER, loop);

    @Test
    void oneSyncAnswersAllAppendsThatWaitForTheDisk() {
        PartitionLog log = harness.log("t", Map.of("flush.messages", "1"));
        List<Errors> answers = new ArrayList<>();
        loop.holdWork();
        int before = disk.syncsOfSegments();
        for (int i = 0; i < 20; i++) {
            AppendResult.Appended appended = append(log, records("value " + i));
            assertThat(appended.awaitsFlush()).isTrue();
            log.awaitFlush(appended.endOffsetExclusive(), answers::add);
        }
        assertThat(answers).isEmpty();

        loop.runHeldWork();

        assertThat(answers).hasSize(20).containsOnly(Errors.NONE);
        assertThat(disk.syncsOfSegments()).isEqualTo(before + 1);
    }

    @Test
    void retentionOfATopicThatIsChangedAtRunTimeTakesEffect() {
        PartitionLog log = tenSegments();
        loop.advance(10_000);
        assertThat(log.snapshot().logStartOffset()).isZero();

        harness.directories.configure(log, Map.of("internal.segment.bytes", "300", "retention.bytes", "600"));
        loop.advance(2_000);

        assertThat(log.snapshot().logStartOffset()).isBetween(1L, 9L);
    }

    @Test
    void retentionOfTheBrokerThatIsChangedAtRunTimeTakesEffect() {
        PartitionLog log = tenSegments();
        loop.advance(10_000);
        assertThat(log.snapshot().logStartOffset()).isZero();

        harness.directories.configureBroker(Map.of("log.retention.ms", "5000"));
        loop.advance(2_000);

        assertThat(log.snapshot().logStartOffset()).isEqualTo(10);
    }

    private PartitionLog tenSegments() {
        PartitionLog log = harness.log("t", Map.of("internal.segment.bytes", "300"));
        for (int i = 0; i < 10; i++) {
            append(log, records("x".repeat(200)));
        }
        log.advanceHighWatermark(10);
        return log;
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.junit.jupiter.api.Test;

/** When a log goes on in another segment, and what it forgets by itself. */
class SegmentRollTest {

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(
            disk,
            Path.of("/data"),
            Map.of("producer.id.expiration.ms", "10000", "producer.id.expiration.check.interval.ms", "1000"),
            loop);

    private static int segments(PartitionLog log) {
        return log.view().segments().length;
    }

    private static void append(PartitionLog log, long afterMs) {
        LogHarness.append(log, LogHarness.recordsAt(LogHarness.NOW_MS + afterMs, "value"));
    }

    @Test
    void byTheTimeOfItsRecords() {
        PartitionLog log = harness.log("t", Map.of("segment.ms", "10000"));
        append(log, 0);
        append(log, 10_000);
        assertThat(segments(log)).isEqualTo(1);
        append(log, 10_001);
        assertThat(segments(log)).isEqualTo(2);
    }

    @Test
    void earlierByAJitterThatIsAnotherForEachPartition() {
        Map<String, String> settings = Map.of("segment.ms", "10000", "segment.jitter.ms", "4000");
        int rolled = 0;
        for (int i = 0; i < 20; i++) {
            PartitionLog log = harness.log("t" + i, settings);
            append(log, 0);
            append(log, 6_000);
            assertThat(segments(log)).isEqualTo(1);
            append(log, 8_000);
            rolled += segments(log) - 1;
            append(log, 20_000);
            assertThat(segments(log)).isGreaterThan(1);
        }
        assertThat(rolled).isBetween(1, 19);
    }

    @Test
    void whenAnIndexIsFull() throws IOException {
        PartitionLog log = harness.log("t", Map.of("segment.index.bytes", "120", "index.interval.bytes", "0"));
        for (int i = 0; i < 100; i++) {
            append(log, 0);
        }
        assertThat(segments(log)).isGreaterThan(5);
        log.flush().checkpoint();
        for (Path file : disk.list(log.directory())) {
            if (file.toString().endsWith("index")) {
                assertThat(disk.sizeBytes(file)).as(file.toString()).isLessThanOrEqualTo(120);
            }
        }
    }

    @Test
    void aPreallocatedSegmentIsCutToItsRecordsWhenItIsSealedOrClosed() throws IOException {
        Map<String, String> settings = Map.of("preallocate", "true", "internal.segment.bytes", "1000");
        PartitionLog log = harness.log("t", settings);
        Path first = log.view().active().paths().log();
        assertThat(disk.sizeBytes(first)).isEqualTo(1000);
        for (int i = 0; i < 15; i++) {
            append(log, 0);
        }
        assertThat(segments(log)).isEqualTo(2);
        Path active = log.view().active().paths().log();
        assertThat(disk.sizeBytes(first)).isEqualTo(log.view().sizeBytes(0)).isLessThan(1000);
        assertThat(disk.sizeBytes(active)).isEqualTo(1000);
        int size = log.view().active().sizeBytes();

        harness.reopenAfterClose();

        assertThat(disk.sizeBytes(active)).isEqualTo(size);
        log = harness.log("t", settings);
        append(log, 0);
        assertThat(LogHarness.readAll(log, 10_000)).hasSize(16);
    }

    @Test
    void producersThatAreSilentForLongAreForgottenUnlessTheirTransactionIsOpen() {
        PartitionLog log = harness.log("t");
        LogHarness.append(log, LogHarness.idempotent(1, 0, 0, "idempotent"));
        LogHarness.append(log, LogHarness.transactional(2, 0, 0, "open"));
        loop.advance(9_000);
        assertThat(log.producers()).hasSize(2);
        loop.advance(3_000);
        assertThat(log.producers()).extracting(ProducerState::producerId).containsExactly(2L);
        LogHarness.append(log, LogHarness.idempotent(1, 0, 17, "with any sequence"));
    }
}

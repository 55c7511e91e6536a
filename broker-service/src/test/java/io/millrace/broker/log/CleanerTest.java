package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;

/** When logs are compacted, and what happens to a compaction that something comes between. */
class CleanerTest {

    private static final long BACKOFF_MS = 1000;
    private static final Path DATA = Path.of("/data");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(
            disk,
            DATA,
            Map.of(
                    "log.cleaner.backoff.ms",
                    "" + BACKOFF_MS,
                    "log.retention.check.interval.ms",
                    "100000000",
                    "log.initial.task.delay.ms",
                    "100000000"),
            loop);

    private PartitionLog log(String topic, String... overrides) {
        Map<String, String> settings = new HashMap<>(
                Map.of("cleanup.policy", "compact", "internal.segment.bytes", "1000", "file.delete.delay.ms", "0"));
        for (int i = 0; i < overrides.length; i += 2) {
            settings.put(overrides[i], overrides[i + 1]);
        }
        return harness.log(topic, settings);
    }

    /** Writes the keys 0 to 4 again and again. */
    private void fill(PartitionLog log, int records) {
        for (int i = 0; i < records; i++) {
            String key = "key-" + i % 5;
            LogHarness.append(log, keyed(key, "value-" + log.snapshot().logEndOffset() + "x".repeat(50)));
        }
        log.advanceHighWatermark(log.snapshot().logEndOffset());
        checkpoint(log);
    }

    private static void checkpoint(PartitionLog log) {
        try {
            log.volume().checkpointNow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private MemoryRecords keyed(String key, String value) {
        return MemoryRecords.withRecords(
                org.apache.kafka.common.compress.Compression.NONE,
                new org.apache.kafka.common.record.internal.SimpleRecord(
                        loop.wallClockMs(), LogHarness.bytes(key), LogHarness.bytes(value)));
    }

    private void tick() {
        loop.advance(BACKOFF_MS + 1);
    }

    private static int count(PartitionLog log) {
        return LogHarness.readAll(log, 1 << 20).size();
    }

    private List<String> files(PartitionLog log) throws IOException {
        return disk.list(log.directory()).stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }

    @Test
    void aLogIsCompactedWhenEnoughOfItIsDirty() {
        PartitionLog half = log("half", "min.cleanable.dirty.ratio", "0.5");
        PartitionLog hardly = log("hardly", "min.cleanable.dirty.ratio", "0.9");
        for (PartitionLog log : List.of(half, hardly)) {
            fill(log, 30);
            tick();
            assertThat(count(log)).as("all was dirty").isLessThan(20);
            fill(log, 30);
            tick();
        }
        assertThat(half.compaction().cleanedOffset())
                .isEqualTo(half.view().active().baseOffset());
        assertThat(hardly.compaction().cleanedOffset())
                .isPositive()
                .isLessThan(hardly.view().active().baseOffset());
    }

    @Test
    void recordsAreLeftAloneForTheLeastLagAndNoLongerThanTheMost() {
        PartitionLog least = log("least", "min.compaction.lag.ms", "60000", "min.cleanable.dirty.ratio", "0");
        PartitionLog most = log("most", "max.compaction.lag.ms", "60000", "min.cleanable.dirty.ratio", "1");
        fill(least, 30);
        fill(most, 30);
        tick();
        assertThat(count(least)).isEqualTo(30);
        assertThat(count(most)).isEqualTo(30);

        loop.advance(60_000);
        tick();

        assertThat(count(least)).isLessThan(20);
        assertThat(count(most)).isLessThan(20);
    }

    @Test
    void tombstonesStayForDeleteRetention() {
        PartitionLog log = log("t", "delete.retention.ms", "60000", "min.cleanable.dirty.ratio", "0");
        LogHarness.append(log, keyed("gone", "value"));
        LogHarness.append(log, keyed("gone", null));
        fill(log, 30);
        tick();
        assertThat(LogHarness.readAll(log, 1 << 20)).contains("1:null").doesNotContain("0:value");
        RecordBatch batch = LogHarness.bytesOf(log.read(1, 1, 2, true, false).records())
                .batches()
                .iterator()
                .next();
        assertThat(batch.deleteHorizonMs().orElseThrow())
                .isBetween(LogHarness.NOW_MS + 60_000, loop.wallClockMs() + 60_000);

        loop.advance(30_000);
        fill(log, 30);
        tick();
        assertThat(LogHarness.readAll(log, 1 << 20)).contains("1:null");

        loop.advance(30_000);
        fill(log, 30);
        tick();
        assertThat(LogHarness.readAll(log, 1 << 20)).doesNotContain("1:null");
    }

    @Test
    void aTruncationThatComesBetweenUndoesACompactionAtEveryStep() throws IOException {
        for (int steps = 0; ; steps++) {
            PartitionLog log = log("t" + steps);
            fill(log, 30);
            log.awaitFlush(30, error -> {});
            loop.holdWork();
            tick();
            loop.runHeldWork(steps);
            boolean cleaned = log.compaction().cleanedOffset() >= 0;
            log.truncateFullyAndStartAt(20);
            loop.runHeldWork();
            tick();

            assertThat(log.offlineReason()).isNull();
            assertThat(log.snapshot().logEndOffset()).isEqualTo(20);
            assertThat(files(log)).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            assertThat(log.compaction().cleanedOffset()).isLessThanOrEqualTo(20);
            fill(log, 30);
            tick();
            assertThat(count(log)).as("compacted after the truncation").isLessThan(20);
            if (cleaned) {
                assertThat(steps).as("steps of a compaction").isGreaterThan(4);
                return;
            }
        }
    }

    @Test
    void retentionThatComesBetweenEndsACompactionAtEveryStep() throws IOException {
        for (int steps = 0; ; steps++) {
            PartitionLog log = log("t" + steps, "cleanup.policy", "compact,delete");
            fill(log, 30);
            log.awaitFlush(30, error -> {});
            loop.holdWork();
            tick();
            loop.runHeldWork(steps);
            boolean cleaned = log.compaction().cleanedOffset() >= 0;
            log.advanceLogStart(log.view().segments()[1].baseOffset());
            loop.advance(1); // The files go at once, before the compaction's next step.
            loop.runHeldWorkNewestFirst();
            tick();

            assertThat(log.offlineReason()).isNull();
            assertThat(files(log)).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
            fill(log, 30);
            tick();
            assertThat(count(log)).as("compacted after that").isLessThan(20);
            if (cleaned) {
                return;
            }
        }
    }

    @Test
    void aDeletionThatComesBetweenEndsACompactionAtEveryStep() {
        for (int steps = 0; ; steps++) {
            PartitionLog log = log("t");
            fill(log, 30);
            log.awaitFlush(30, error -> {});
            loop.holdWork();
            tick();
            loop.runHeldWork(steps);
            boolean cleaned = log.compaction().cleanedOffset() >= 0;
            harness.directories.delete(log);
            loop.runHeldWork();
            tick();

            assertThat(harness.directories.directories()).allMatch(LogDirectories.LogDirectory::online);
            assertThat(disk.exists(DATA.resolve("t-0"))).isFalse();
            if (cleaned) {
                return;
            }
        }
    }

    @Test
    void aLogWithADamagedBatchIsLeftAsItIsAndOthersGoOn() throws IOException {
        PartitionLog damaged = log("damaged");
        PartitionLog sound = log("sound");
        fill(damaged, 30);
        fill(sound, 10);
        try (var file = disk.open(damaged.directory().resolve("00000000000000000000.log"), SimulatedDisk.Mode.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {'?'}), 100);
        }
        int segments = damaged.view().segments().length;

        tick();
        fill(sound, 20);
        tick();

        assertThat(damaged.compaction().isUncleanable()).isTrue();
        assertThat(damaged.offlineReason()).isNull();
        assertThat(damaged.view().segments()).hasSize(segments);
        assertThat(files(damaged)).noneMatch(name -> name.endsWith(".cleaned"));
        assertThat(count(sound)).isLessThan(20);
    }

    @Test
    void withoutSpaceALogWaitsUntilThereIsSome() throws IOException {
        PartitionLog log = log("t");
        fill(log, 30);
        disk.setFreeBytes(Housekeeping.RESERVED_BYTES + 100);
        tick();
        assertThat(count(log)).isEqualTo(30);
        assertThat(log.offlineReason()).isNull();

        disk.setFreeBytes(Long.MAX_VALUE);
        tick();
        assertThat(count(log)).isLessThan(20);
    }

    @Test
    void aBrokenDiskTakesItsDirectoryOffline() {
        PartitionLog log = log("t");
        fill(log, 30);
        disk.breakDown(DATA);
        tick();
        assertThat(log.offlineReason()).contains("Input/output error");
    }

    /** A restart that does not know of the marker takes the transaction for open, so the state behind the marker is to be on disk before. */
    @Test
    void aMarkerGoesOnlyWhenARestartKnowsItsTransactionAsDecided() {
        PartitionLog log = log("t", "delete.retention.ms", "0");
        LogHarness.append(
                log,
                MemoryRecords.withTransactionalRecords(
                        org.apache.kafka.common.compress.Compression.NONE,
                        7,
                        (short) 0,
                        0,
                        new org.apache.kafka.common.record.internal.SimpleRecord(
                                loop.wallClockMs(), LogHarness.bytes("key-1"), LogHarness.bytes("undecided"))));
        fill(log, 30); // Its snapshots have the transaction as open.
        log.appendAsLeader(
                PartitionLogTest.markerRecords(loop.wallClockMs(), 7, true, (short) 0), 0, AppendOrigin.COORDINATOR);
        long marker = log.snapshot().logEndOffset() - 1;
        for (int i = 0; i < 30; i++) {
            LogHarness.append(log, keyed("key-" + i % 5, "x".repeat(50)));
        }
        log.advanceHighWatermark(log.snapshot().logEndOffset());

        assertThat(log.flush().compactableEnd(log.view()))
                .as("before the recovery point is written")
                .isLessThanOrEqualTo(marker);
        checkpoint(log);
        long active = log.view().active().baseOffset();
        assertThat(log.flush().compactableEnd(log.view())).isEqualTo(active).isGreaterThan(marker);
        for (int i = 0; i < 3; i++) {
            fill(log, 30);
            tick();
        }
        assertThat(log.compaction().cleanedOffset()).isGreaterThan(marker);

        loop.dropHeldWork();
        harness.reopenAfterCrash();
        log = log("t", "delete.retention.ms", "0");
        log.advanceHighWatermark(log.snapshot().logEndOffset());
        assertThat(log.snapshot().lastStableOffset()).isEqualTo(log.snapshot().logEndOffset());
    }

    @Test
    void smallSegmentsAreMergedUpToTheSegmentSize() {
        PartitionLog log = log("t", "internal.segment.bytes", "1000");
        for (int i = 0; i < 100; i++) {
            LogHarness.append(log, keyed("key-" + (i % 10 == 0 ? i : 1000), "x".repeat(60)));
        }
        log.advanceHighWatermark(100);
        checkpoint(log);
        tick();
        fill(log, 60);
        int before = log.view().segments().length;
        tick(); // What the first compaction left small is merged by the second.

        assertThat(IntStream.range(0, log.view().segments().length)
                        .map(i -> log.view().segments()[i].sizeBytes()))
                .allMatch(size -> size <= 1000);
        assertThat(log.view().segments().length).isLessThan(before - 5);
        List<String> oncePerKey = new ArrayList<>(LogHarness.readAll(log, 1 << 20));
        assertThat(oncePerKey).contains("10:" + "x".repeat(60), "90:" + "x".repeat(60));
    }

    @Test
    void compactionIsAsFastAsItMayBeAndNoFaster() {
        harness.directories.configureBroker(withSetting("log.cleaner.io.max.bytes.per.second", "100"));
        PartitionLog log = log("t");
        fill(log, 30);
        long bytes = log.sizeBytes();

        tick();
        assertThat(log.compaction().cleanedOffset()).isEqualTo(-1);
        loop.advance(bytes * 1000 / 100);
        assertThat(log.compaction().cleanedOffset())
                .as("before all was written")
                .isEqualTo(-1);
        loop.advance(3 * bytes * 1000 / 100);
        assertThat(log.compaction().cleanedOffset()).isPositive();
    }

    private Map<String, String> withSetting(String key, String value) {
        Map<String, String> settings = new HashMap<>(harness.settings);
        settings.put(key, value);
        return settings;
    }

    @Test
    void theCheckpointOfADirectoryNamesItsCompactedLogsOnly() throws IOException {
        PartitionLog log = log("t");
        harness.log("not-compacted");
        fill(log, 30);
        tick();
        long cleaned = log.compaction().cleanedOffset();

        harness.reopenAfterClose();

        assertThat(new String(
                        disk.readAll(DATA.resolve(CheckpointFile.CLEANED)), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("0\n1\nt 0 " + cleaned + "\n");
        assertThat(harness.found).anySatisfy(found -> {
            assertThat(found.topicPartition()).isEqualTo(new TopicPartition("t", 0));
            assertThat(found.log().compaction().cleanedOffset()).isEqualTo(cleaned);
        });
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Apache's own cleaner and this one make the same of the same log: of values, tombstones, transactions of both outcomes, markers,
 * producers' last batches, compressed and not; and Apache opens what is left.
 */
class CleanerAgainstApacheTest {

    private static final int ROUNDS = 4;

    /** The clock here is so much behind Apache's, which is the machine's, that no horizon lies ahead of it. */
    private static final long BEHIND_MS = 10_000;

    private static final Map<String, String> SETTINGS = Map.of(
            "cleanup.policy",
            "compact",
            "internal.segment.bytes",
            "3000",
            "index.interval.bytes",
            "300",
            "min.cleanable.dirty.ratio",
            "0.0001",
            // From one compaction to the next the horizons have passed.
            "delete.retention.ms",
            "0",
            "file.delete.delay.ms",
            "0");

    private final KafkaScheduler scheduler = new KafkaScheduler(1);

    @BeforeEach
    void start() {
        scheduler.startup();
    }

    @AfterEach
    void stop() throws InterruptedException {
        scheduler.shutdown();
    }

    @Test
    void bothCleanersLeaveTheSame(@TempDir Path directory) throws Exception {
        for (long seed = 1; seed <= Long.getLong("millrace.seeds", 6); seed++) {
            try {
                compare(seed, Files.createDirectory(directory.resolve("seed-" + seed)));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e, e);
            }
        }
    }

    private void compare(long seed, Path directory) throws Exception {
        Random random = new Random(seed);
        Path ours = Files.createDirectory(directory.resolve("ours"));
        int[] sequences = new int[10];
        boolean[] open = new boolean[10];
        for (int round = 0; round < ROUNDS; round++) {
            InlineLoop loop = new InlineLoop(System.currentTimeMillis() - BEHIND_MS);
            LogHarness harness = harness(ours, loop);
            PartitionLog log = harness.log("t", SETTINGS);
            for (int i = 0; i < 60; i++) {
                append(log, random, sequences, open, loop.wallClockMs());
            }
            log.advanceHighWatermark(log.snapshot().logEndOffset());
            CleanerRange range = CleanerRange.judge(
                    log.view(), log.config(), log.compaction().cleanedOffset(), Long.MAX_VALUE, loop.wallClockMs());
            harness.close();
            if (range.dirtyBytes() == 0) {
                continue; // A transaction that is open since the beginning.
            }

            Path copy = directory.resolve("apache-" + round);
            copy(ours, copy);
            List<String> apaches = cleanedByApache(copy, range);

            loop = new InlineLoop(System.currentTimeMillis() - BEHIND_MS);
            harness = harness(ours, loop);
            log = harness.log("t", SETTINGS);
            log.advanceHighWatermark(log.snapshot().logEndOffset());
            loop.advance(1);
            loop.advance(200); // The cleaner's backoff: it compacts. Old files go.
            assertThat(log.compaction().cleanedOffset()).isEqualTo(range.endOffset());
            List<String> here = new ArrayList<>();
            for (Segment segment : log.view().segments()) {
                MemoryRecords records = LogHarness.bytesOf(segment.file().slice(0, segment.sizeBytes()));
                records.batches().forEach(batch -> here.add(describe(batch)));
            }
            harness.close();
            assertThat(here).as("round " + round + " of seed " + seed).isEqualTo(apaches);
            assertApacheOpens(ours, directory.resolve("opened-" + round), range.endOffset());
        }
    }

    private static LogHarness harness(Path directory, InlineLoop loop) {
        return new LogHarness(FileStore.disk(), directory, Map.of("log.cleaner.backoff.ms", "100"), loop);
    }

    private static void append(PartitionLog log, Random random, int[] sequences, boolean[] open, long nowMs) {
        int producer = random.nextInt(10);
        if (producer >= 5 && open[producer] && random.nextBoolean()) {
            log.appendAsLeader(
                    PartitionLogTest.markerRecords(nowMs, producer, random.nextBoolean(), (short) 0),
                    0,
                    AppendOrigin.COORDINATOR);
            open[producer] = false;
            return;
        }
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(4)];
        for (int i = 0; i < records.length; i++) {
            String value =
                    random.nextInt(4) == 0 ? null : "value-" + random.nextInt(1000) + "x".repeat(random.nextInt(60));
            records[i] = new SimpleRecord(
                    nowMs - random.nextInt(1000),
                    LogHarness.bytes("key-" + random.nextInt(25)),
                    LogHarness.bytes(value));
        }
        Compression compression = random.nextInt(3) == 0 ? Compression.lz4().build() : Compression.NONE;
        int sequence = sequences[producer];
        short epoch = 0;
        if (producer >= 5) {
            LogHarness.append(
                    log, MemoryRecords.withTransactionalRecords(compression, producer, epoch, sequence, records));
            open[producer] = true;
        } else if (producer >= 3) {
            LogHarness.append(
                    log, MemoryRecords.withIdempotentRecords(compression, producer, epoch, sequence, records));
        } else {
            LogHarness.append(log, MemoryRecords.withRecords(compression, records));
        }
        sequences[producer] += records.length;
    }

    private List<String> cleanedByApache(Path directory, CleanerRange range) throws Exception {
        UnifiedLog log = open(directory);
        try {
            log.updateHighWatermark(log.logEndOffset());
            Throttler throttler = new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", Time.SYSTEM);
            Cleaner cleaner = new Cleaner(
                    0, new SkimpyOffsetMap(1 << 20, "MD5"), 65536, 65536, 0.9, throttler, Time.SYSTEM, partition -> {});
            cleaner.clean(new LogToClean(log, range.firstDirtyOffset(), range.endOffset(), false));
            List<String> batches = new ArrayList<>();
            for (LogSegment segment : log.logSegments()) {
                segment.log().batches().forEach(batch -> batches.add(describe(batch)));
            }
            return batches;
        } finally {
            log.close();
        }
    }

    private void assertApacheOpens(Path directory, Path copy, long cleanedOffset) throws Exception {
        assertThat(Files.readAllLines(directory.resolve("cleaner-offset-checkpoint")))
                .containsExactly("0", "1", "t 0 " + cleanedOffset);
        copy(directory, copy);
        UnifiedLog log = open(copy);
        try {
            for (LogSegment segment : log.logSegments()) {
                segment.sanityCheck(false);
                segment.txnIndex().sanityCheck();
            }
        } finally {
            log.close();
        }
    }

    private UnifiedLog open(Path directory) throws Exception {
        return UnifiedLog.create(
                directory.resolve("t-0").toFile(),
                new LogConfig(SETTINGS),
                0,
                Long.MAX_VALUE,
                scheduler,
                new BrokerTopicStats(false),
                Time.SYSTEM,
                300_000,
                new ProducerStateManagerConfig(86_400_000, false),
                600_000,
                new LogDirFailureChannel(5),
                true,
                Optional.of(LogHarness.TOPIC_ID));
    }

    /** Everything but the time of the delete horizon, for which the two looked at the clock at different times. */
    private static String describe(RecordBatch batch) {
        StringBuilder text = new StringBuilder();
        text.append(batch.baseOffset()).append('-').append(batch.lastOffset());
        text.append(" of ").append(batch.producerId()).append('/').append(batch.producerEpoch());
        text.append(" from ").append(batch.baseSequence()).append(" epoch ").append(batch.partitionLeaderEpoch());
        text.append(batch.isTransactional() ? " txn" : "").append(batch.isControlBatch() ? " control" : "");
        text.append(batch.deleteHorizonMs().isPresent() ? " horizon" : "");
        text.append(' ').append(batch.compressionType()).append(" max ").append(batch.maxTimestamp());
        for (Record record : batch) {
            text.append("; ").append(record.offset()).append(' ').append(record.timestamp());
            if (!batch.isControlBatch()) {
                text.append(' ').append(LogHarness.text(record.key())).append('=');
                text.append(LogHarness.text(record.value()));
            }
        }
        return text.toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/**
 * Random lives of a compacted log, on a disk that crashes and loses power, compared after each step with a model. Run one seed with
 * {@code -Dmillrace.seed=N}, more with {@code -Dmillrace.seeds=N}.
 */
class CleanerPropertyTest {

    private static final int STEPS = 150;
    private static final long DELETE_RETENTION_MS = 20_000;
    private static final long BACKOFF_MS = 2500; // longer than a checkpoint takes to be written

    /** Seeds that have failed once. */
    private static final long[] KEPT = {103, 141, 238, 1058, 1300};

    private interface Story {
        void of(Life life);
    }

    private static void tell(Story story, int seeds) {
        Long only = Long.getLong("millrace.seed");
        if (only != null) {
            new Life(only).tell(story);
            return;
        }
        for (long seed : KEPT) {
            new Life(seed).tell(story);
        }
        long first = Long.getLong("millrace.first-seed", 1);
        for (long seed = first; seed < first + Long.getLong("millrace.seeds", seeds); seed++) {
            new Life(seed).tell(story);
        }
    }

    @Test
    void aCompactedLogHasTheLastRecordOfEachKeyWhateverHappens() {
        tell(
                life -> {
                    for (int step = 0; step < STEPS; step++) {
                        life.step();
                        life.check();
                    }
                },
                150);
    }

    @Test
    void powerMayGoBeforeAnyWriteOfACompaction() {
        for (long seed = 1; seed <= Long.getLong("millrace.seeds", 3); seed++) {
            boolean cut = true;
            for (int writes = 0; cut; writes++) {
                cut = new Life(seed).compactWithPowerCutBefore(writes);
            }
        }
    }

    private static final class Life {
        private final Random random;
        private final long seed;
        private final SimulatedDisk disk;
        private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
        private final LogHarness harness;
        private final LogModel model = LogModel.ofCompactedLog(DELETE_RETENTION_MS);
        private final StringBuilder history = new StringBuilder();
        private PartitionLog log;
        private long flushed;
        private int values;
        private boolean holding;

        Life(long seed) {
            this.seed = seed;
            random = new Random(seed);
            disk = new SimulatedDisk(random);
            harness = new LogHarness(
                    disk,
                    Path.of("/data"),
                    Map.of(
                            "log.cleaner.backoff.ms",
                            "" + BACKOFF_MS,
                            "log.cleaner.io.buffer.size",
                            "1000",
                            // Some maps take all keys, some do not.
                            "log.cleaner.dedupe.buffer.size",
                            "" + (8 + random.nextInt(20)) * CleanerOffsetMap.SLOT_BYTES,
                            "log.retention.check.interval.ms",
                            "100000000",
                            "log.initial.task.delay.ms",
                            "100000000"),
                    loop);
            open();
        }

        void tell(Story story) {
            try {
                story.of(this);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "seed " + seed + ": " + e + "\nhistory: " + history + "\nlog: " + LogModel.describe(log), e);
            }
        }

        private void open() {
            log = harness.log(
                    "t",
                    Map.of(
                            "cleanup.policy",
                            "compact",
                            "internal.segment.bytes",
                            "1500",
                            "index.interval.bytes",
                            "100",
                            "min.cleanable.dirty.ratio",
                            "0.01",
                            "delete.retention.ms",
                            "" + DELETE_RETENTION_MS,
                            "file.delete.delay.ms",
                            "1000"));
        }

        void step() {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4, 5 -> append(-1, false);
                case 6, 7 -> append(random.nextInt(3), false);
                case 8, 9, 10 -> append(5 + random.nextInt(3), true);
                case 11, 12, 13 -> endTransaction();
                case 14, 15 -> compact();
                case 16 -> loop.advance(random.nextInt((int) DELETE_RETENTION_MS));
                case 17 -> deleteRecords();
                case 18 -> truncate();
                case 19 -> toggleHolding();
                case 20 -> loop.runHeldWork(random.nextInt(6));
                case 21 -> reopenCleanly();
                case 22 -> crash();
                default -> losePower();
            }
            flushed = Math.max(flushed, log.flushedOffset());
        }

        void check() {
            log.advanceHighWatermark(model.end);
            model.check(log, 1 + random.nextInt(3000), loop.wallClockMs());
        }

        private void note(String what) {
            history.append(what).append("; ");
        }

        private SimpleRecord[] someRecords() {
            SimpleRecord[] some = new SimpleRecord[1 + random.nextInt(4)];
            for (int i = 0; i < some.length; i++) {
                String value = random.nextInt(5) == 0 ? null : "v" + values++ + "-" + "x".repeat(random.nextInt(150));
                some[i] = new SimpleRecord(
                        loop.wallClockMs() - random.nextInt(1000),
                        LogHarness.bytes("key-" + random.nextInt(14)),
                        LogHarness.bytes(value));
            }
            return some;
        }

        private Compression someCompression() {
            return switch (random.nextInt(6)) {
                case 0 -> Compression.lz4().build();
                case 1 -> Compression.gzip().build();
                default -> Compression.NONE;
            };
        }

        /** Of a producer whose batches were all deleted nothing need be known: then what the log knows counts. */
        private int lastSequence(long producerId) {
            if (model.hasBatch(producerId)) {
                return model.lastSequence(producerId);
            }
            return log.producers().stream()
                    .filter(state -> state.producerId() == producerId)
                    .mapToInt(state -> state.lastSequence())
                    .findAny()
                    .orElse(-1);
        }

        private void append(long producerId, boolean transactional) {
            SimpleRecord[] some = someRecords();
            Compression compression = someCompression();
            int sequence = producerId < 0 ? -1 : lastSequence(producerId) + 1;
            MemoryRecords records;
            if (producerId < 0) {
                records = MemoryRecords.withRecords(compression, some);
            } else if (transactional) {
                records = MemoryRecords.withTransactionalRecords(compression, producerId, (short) 0, sequence, some);
            } else {
                records = MemoryRecords.withIdempotentRecords(compression, producerId, (short) 0, sequence, some);
            }
            long base = LogHarness.append(log, records).baseOffset();
            note(some.length + " records at " + base + " of producer " + producerId);
            List<LogModel.Entry> entries = new ArrayList<>();
            for (int i = 0; i < some.length; i++) {
                entries.add(new LogModel.Entry(
                        base + i,
                        LogHarness.text(some[i].key()),
                        LogHarness.text(some[i].value()),
                        some[i].timestamp()));
            }
            model.appended(new LogModel.Batch(
                    base,
                    base + some.length,
                    0,
                    producerId,
                    producerId < 0 ? -1 : sequence + some.length - 1,
                    transactional,
                    null,
                    entries,
                    loop.wallClockMs()));
        }

        private void endTransaction() {
            endTransactionOf(5 + random.nextInt(3));
        }

        private void endTransactionOf(long producerId) {
            if (!model.isOpen(producerId)) {
                return;
            }
            boolean abort = random.nextBoolean();
            MemoryRecords marker = PartitionLogTest.markerRecords(loop.wallClockMs(), producerId, abort, (short) 0);
            AppendResult result = log.appendAsLeader(marker, 0, AppendOrigin.COORDINATOR);
            long base = ((AppendResult.Appended) result).baseOffset();
            note((abort ? "abort" : "commit") + " of " + producerId + " at " + base);
            model.appended(new LogModel.Batch(
                    base,
                    base + 1,
                    0,
                    producerId,
                    -1,
                    true,
                    abort ? ControlRecordType.ABORT : ControlRecordType.COMMIT,
                    List.of(),
                    loop.wallClockMs()));
        }

        void compact() {
            note("compact");
            model.saw(log);
            loop.advance(BACKOFF_MS + 1);
        }

        private void deleteRecords() {
            long to = model.start + random.nextLong(Math.max(1, (model.end - model.start) / 3));
            note("delete before " + to);
            log.advanceLogStart(to);
            model.start = Math.max(model.start, to);
        }

        /** What all replicas have is never cut off; here that is all but what was appended just now. */
        private void truncate() {
            long keep = log.snapshot().highWatermark();
            append(-1, false);
            append(-1, false);
            long to = Math.max(keep, model.boundary(keep + random.nextLong(model.end - keep)));
            note("truncate to " + to);
            log.truncateTo(to);
            model.truncated(to);
            flushed = Math.min(flushed, to);
        }

        private void toggleHolding() {
            if (holding) {
                loop.runHeldWork();
            } else {
                loop.holdWork();
            }
            holding = !holding;
            note(holding ? "disk is slow" : "disk is fast");
        }

        private void release() {
            if (holding) {
                toggleHolding();
            }
        }

        private void reopenCleanly() {
            release();
            note("close");
            harness.reopenAfterClose();
            open();
        }

        private void crash() {
            note("crash");
            loop.dropHeldWork();
            holding = false;
            harness.reopenAfterCrash();
            open();
            startMayHaveGoneBack();
        }

        private void losePower() {
            note("power loss with flushed " + flushed);
            loop.dropHeldWork();
            holding = false;
            disk.losePower();
            harness.open();
            open();
            long found = log.snapshot().logEndOffset();
            assertThat(found).as("end after power loss").isBetween(flushed, model.end);
            startMayHaveGoneBack();
            model.truncated(found);
            flushed = Math.min(flushed, found);
        }

        private void startMayHaveGoneBack() {
            log.advanceHighWatermark(log.snapshot().logEndOffset());
            if (model.start <= log.snapshot().logEndOffset()) {
                log.advanceLogStart(model.start);
            } else {
                model.start = log.snapshot().logStartOffset();
            }
        }

        /** A log of several segments that were compacted, and several that were not, all on disk. */
        void settle() {
            for (int i = 0; i < 25; i++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> append(-1, false);
                    case 2 -> append(random.nextInt(3), false);
                    case 3 -> append(5 + random.nextInt(3), true);
                    default -> endTransaction();
                }
            }
            for (long producerId = 5; producerId < 8; producerId++) {
                endTransactionOf(producerId);
            }
            append(-1, false);
            append(-1, false);
            log.advanceHighWatermark(model.end);
            flushed = Math.max(flushed, log.flushedOffset());
        }

        /** Compacts with a power cut before a certain write, then again; false when the compaction had ended before. */
        boolean compactWithPowerCutBefore(int writes) {
            boolean[] cut = new boolean[1];
            tell(life -> {
                settle();
                compact();
                settle();
                disk.cutPowerAfter(writes);
                try {
                    compact();
                    disk.cutPowerAfter(Integer.MAX_VALUE);
                } catch (SimulatedDisk.PowerCut e) {
                    note("power cut before write " + writes);
                    losePower();
                    cut[0] = true;
                }
                check();
                compact();
                check();
                assertThat(log.compaction().cleanedOffset()).isPositive();
            });
            return cut[0];
        }
    }
}

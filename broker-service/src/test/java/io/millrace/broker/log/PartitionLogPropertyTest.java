package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

/**
 * Random lives of a log on a disk that crashes and loses power, compared after each step with a list of what was appended. Run one
 * seed with {@code -Dmillrace.seed=N}, more with {@code -Dmillrace.seeds=N}.
 */
class PartitionLogPropertyTest {

    private static final int STEPS = 120;

    /** Seeds that have failed once. */
    private static final long[] KEPT = {231};

    @Test
    void aLogIsWhatWasAppendedToItWhateverHappens() {
        Long only = Long.getLong("millrace.seed");
        if (only != null) {
            new Life(only).run();
            return;
        }
        for (long seed : KEPT) {
            run(seed);
        }
        long first = Long.getLong("millrace.first-seed", 1);
        for (long seed = first; seed < first + Long.getLong("millrace.seeds", 150); seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        try {
            new Life(seed).run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e, e);
        }
    }

    private record Entry(long offset, String value, int epoch, long timestampMs) {}

    private record Batch(long baseOffset, long producerId, int lastSequence, long endOffset) {}

    private static final class Life {
        private final Random random;
        private final long seed;
        private final SimulatedDisk disk;
        private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
        private final LogHarness harness;
        /** All that was appended and not cut off; what is below the start may come back after a crash. */
        private final List<Entry> all = new ArrayList<>();

        private final List<Batch> batches = new ArrayList<>();
        private final StringBuilder history = new StringBuilder();
        private PartitionLog log;
        private long start;
        private long end;
        private int epoch;
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
                            "log.cleaner.enable",
                            "false",
                            "log.retention.check.interval.ms",
                            "100000000",
                            "log.initial.task.delay.ms",
                            "100000000"),
                    loop);
            open();
        }

        private void open() {
            log = harness.log(
                    "t",
                    Map.of(
                            "internal.segment.bytes",
                            "3000",
                            "index.interval.bytes",
                            "100",
                            "file.delete.delay.ms",
                            "1000"));
        }

        void run() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    step();
                    check();
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(e + "\nhistory: " + history, e);
            }
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5, 6 -> append();
                case 7, 8 -> appendIdempotent();
                case 9 -> newEpoch();
                case 10 -> awaitFlush();
                case 11 -> log.advanceHighWatermark(start + random.nextLong(end - start + 1));
                case 12 -> truncate();
                case 13 -> deleteRecords();
                case 14 -> toggleHolding();
                case 15 -> loop.advance(random.nextInt(5000));
                case 16 -> reopenCleanly();
                case 17 -> crash();
                case 18 -> losePower();
                default -> log.flush().checkpoint();
            }
            flushed = Math.max(flushed, log.flushedOffset());
        }

        private void note(String what) {
            history.append(what).append("; ");
        }

        private String[] someValues() {
            String[] some = new String[1 + random.nextInt(3)];
            for (int i = 0; i < some.length; i++) {
                some[i] = "v" + values++ + "-" + "x".repeat(random.nextInt(200));
            }
            return some;
        }

        private long timestamp() {
            return LogHarness.NOW_MS - 1_000_000 + random.nextInt(1_000_000);
        }

        private void append() {
            String[] some = someValues();
            long timestamp = timestamp();
            MemoryRecords records = MemoryRecords.withRecords(
                    random.nextInt(4) == 0 ? Compression.lz4().build() : Compression.NONE,
                    LogHarness.simple(timestamp, some));
            long base = LogHarness.append(log, records, epoch).baseOffset();
            note("append " + some.length + " at " + base);
            took(base, some, timestamp);
        }

        private void took(long base, String[] some, long timestamp) {
            assertThat(base).isEqualTo(end);
            for (String value : some) {
                all.add(new Entry(end++, value, epoch, timestamp));
            }
        }

        private int lastSequence(long producer) {
            int last = -1;
            for (Batch batch : batches) {
                if (batch.producerId == producer) {
                    last = batch.lastSequence;
                }
            }
            return last;
        }

        private long lastBase(long producer) {
            return batches.stream()
                    .filter(b -> b.producerId == producer)
                    .mapToLong(Batch::baseOffset)
                    .max()
                    .orElse(-1);
        }

        private void appendIdempotent() {
            long producer = random.nextInt(3);
            int last = lastSequence(producer);
            boolean known = last >= 0;
            // Of a producer whose batches were all deleted nothing need be known any more.
            if (known && lastBase(producer) >= start && random.nextInt(4) == 0) {
                AppendResult wrong =
                        log.appendAsLeader(idempotent(producer, last + 7, someValues()), epoch, AppendOrigin.CLIENT);
                assertThat(((AppendResult.Rejected) wrong).error()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
                return;
            }
            String[] some = someValues();
            int sequence = known ? last + 1 : 0;
            AppendResult.Appended appended = LogHarness.append(log, idempotent(producer, sequence, some), epoch);
            note("append " + some.length + " of producer " + producer + " from " + sequence + " at "
                    + appended.baseOffset());
            took(appended.baseOffset(), some, LogHarness.NOW_MS);
            batches.add(new Batch(appended.baseOffset(), producer, sequence + some.length - 1, end));
            AppendResult again = log.appendAsLeader(idempotent(producer, sequence, some), epoch, AppendOrigin.CLIENT);
            assertThat(again).isEqualTo(new AppendResult.Duplicate(appended.baseOffset(), end, -1, start));
        }

        private static MemoryRecords idempotent(long producer, int sequence, String... some) {
            return LogHarness.idempotent(producer, 0, sequence, some);
        }

        private void newEpoch() {
            epoch++;
            note("epoch " + epoch);
            log.beginEpoch(epoch);
        }

        private void awaitFlush() {
            long upTo = end;
            boolean[] done = new boolean[1];
            log.awaitFlush(upTo, error -> {
                assertThat(error).isIn(Errors.NONE, Errors.NOT_LEADER_OR_FOLLOWER);
                done[0] = true;
            });
            note("flush to " + upTo);
            if (!holding) {
                assertThat(done[0]).isTrue();
                assertThat(log.flushedOffset()).isGreaterThanOrEqualTo(upTo);
            }
        }

        private void truncate() {
            long to = start + random.nextLong(end - start + 1);
            to = batchStart(to);
            note("truncate to " + to);
            log.truncateTo(to);
            forgetFrom(to);
            flushed = Math.min(flushed, to);
        }

        /** The base offset of the batch that contains an offset, found in the log itself. */
        private long batchStart(long offset) {
            if (offset >= end || offset < start) {
                return offset;
            }
            LogRead read = log.read(offset, 1, end, true, false);
            long base = LogHarness.bytesOf(read.records())
                    .batches()
                    .iterator()
                    .next()
                    .baseOffset();
            return base < start ? end : base; // Half a batch cannot stay: then nothing is cut off.
        }

        private void forgetFrom(long offset) {
            all.removeIf(e -> e.offset >= offset);
            batches.removeIf(b -> b.endOffset > offset);
            end = offset;
        }

        private void deleteRecords() {
            long high = log.snapshot().highWatermark();
            long to = start + random.nextLong(Math.max(1, high - start + 1));
            note("delete before " + to);
            log.advanceLogStart(to);
            start = Math.max(start, to);
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
                loop.runHeldWork();
                holding = false;
            }
        }

        private void reopenCleanly() {
            release();
            note("close");
            long before = log.snapshot().highWatermark();
            harness.reopenAfterClose();
            open();
            assertThat(log.snapshot().highWatermark()).isEqualTo(before);
            assertThat(log.flushedOffset()).isEqualTo(end);
            assertSameEnd();
        }

        private void crash() {
            note("crash");
            loop.dropHeldWork();
            holding = false;
            harness.reopenAfterCrash();
            open();
            startMayHaveGoneBack();
            assertSameEnd();
        }

        private void losePower() {
            note("power loss with flushed " + flushed);
            loop.dropHeldWork();
            holding = false;
            disk.losePower();
            harness.open();
            open();
            LogSnapshot found = log.snapshot();
            assertThat(log.offlineReason()).isNull();
            assertThat(found.logEndOffset()).as("end after power loss").isGreaterThanOrEqualTo(flushed);
            assertThat(found.logEndOffset()).isLessThanOrEqualTo(end);
            startMayHaveGoneBack();
            forgetFrom(found.logEndOffset());
            flushed = Math.min(flushed, end);
        }

        /** Deleted records may come back until the checkpoint of log starts is written; they are nobody's concern then. */
        private void startMayHaveGoneBack() {
            assertThat(log.snapshot().logStartOffset()).isLessThanOrEqualTo(Math.max(start, 0));
            log.advanceHighWatermark(log.snapshot().logEndOffset());
            if (start <= log.snapshot().logEndOffset()) {
                log.advanceLogStart(start);
            } else {
                start = log.snapshot().logStartOffset();
            }
        }

        private void assertSameEnd() {
            assertThat(log.offlineReason()).isNull();
            assertThat(log.snapshot().logEndOffset()).isEqualTo(end);
        }

        private void check() {
            LogSnapshot snapshot = log.snapshot();
            assertThat(snapshot.logEndOffset()).isEqualTo(end);
            assertThat(snapshot.logStartOffset()).isEqualTo(start);
            assertThat(snapshot.highWatermark()).isBetween(start, end);
            int fetch = 1 + random.nextInt(4000);
            List<Entry> entries = all.stream().filter(e -> e.offset >= start).toList();
            List<String> expected = new ArrayList<>();
            entries.forEach(e -> expected.add(e.offset + ":" + e.value));
            assertThat(LogHarness.readAll(log, fetch)).isEqualTo(expected);
            checkEpochs(entries);
            checkTimestamps(entries);
        }

        private void checkEpochs(List<Entry> entries) {
            Map<Integer, Long> firsts = new TreeMap<>();
            entries.forEach(e -> firsts.merge(e.epoch, e.offset, Math::min));
            Map<Integer, Long> ends = new HashMap<>();
            entries.forEach(e -> ends.merge(e.epoch, e.offset + 1, Math::max));
            firsts.forEach((e, first) -> {
                assertThat(log.epochOf(first)).as("epoch of " + first).isEqualTo(e);
                assertThat(log.endOfEpoch(e))
                        .as("end of epoch " + e)
                        .isEqualTo(new PartitionLog.EpochEnd(e, ends.get(e)));
            });
        }

        private void checkTimestamps(List<Entry> entries) {
            if (entries.isEmpty()) {
                return;
            }
            long wanted = entries.get(random.nextInt(entries.size())).timestampMs + random.nextInt(3) - 1;
            Entry first = entries.stream()
                    .filter(e -> e.timestampMs >= wanted)
                    .findFirst()
                    .orElse(null);
            PartitionLog.TimestampOffset found = log.offsetForTimestamp(wanted);
            if (first == null) {
                assertThat(found).isNull();
            } else {
                assertThat(found)
                        .isEqualTo(new PartitionLog.TimestampOffset(first.timestampMs, first.offset, first.epoch));
            }
        }
    }
}

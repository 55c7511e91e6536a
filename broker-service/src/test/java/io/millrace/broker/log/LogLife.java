package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** One random life of a log on a simulated disk, with what its model expects of it. What the topic's settings are, the seed says. */
class LogLife {

    /** Were they lost with the power, nobody could tell lost records from compacted ones. */
    private static final List<String> TELLING_WHAT_POWER_TOOK =
            List.of(CheckpointFile.RECOVERY_POINTS, ".millrace-boot-id");

    private static final long DELETE_RETENTION_MS = 20_000;
    private static final long RETENTION_MS = 60_000;
    private static final int RETENTION_BYTES = 9_000;
    private static final long RETENTION_CHECK_MS = 7_000;
    private static final int SEGMENT_BYTES = 3_000;
    static final int FIRST_TRANSACTIONAL = 5;
    private static final Path DATA = Path.of("/data");

    private final long seed;
    final Random random;
    final SimulatedDisk disk;
    final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    final LogHarness harness;
    final LogModel model;
    final boolean compact;
    private final boolean delete;
    private final boolean filesAreDamaged;
    private final FileDamage damage;
    private final SentBatches sending;
    private final Map<String, String> topic = new HashMap<>();
    private final StringBuilder history = new StringBuilder();
    PartitionLog log;
    boolean follower;
    private boolean holding;
    private int epoch;
    private int values;
    long flushed;
    private @Nullable Sent unanswered;

    /** Compaction may have gone by anything below it. */
    long highestWatermark;

    /** Compaction has gone by what is below it, also when its checkpoint is lost. */
    private long highestCleaned;

    /** A life that a seed decides upon, the topic's settings too. */
    LogLife(long seed) {
        this(seed, new Random(seed), null, null);
    }

    /** @param tear decides upon power losses; with it {@code flush.messages=1}, and no file is damaged otherwise */
    LogLife(long seed, Random random, @Nullable Random tear, @Nullable Boolean compact) {
        this.seed = seed;
        this.random = random;
        disk = new SimulatedDisk(tear == null ? random : tear);
        filesAreDamaged = tear == null;
        int policy = compact == null ? random.nextInt(5) : 0;
        this.compact = compact == null ? policy >= 3 : compact;
        delete = policy == 2 || policy == 4;
        model = this.compact ? LogModel.ofCompactedLog(DELETE_RETENTION_MS) : LogModel.ofWholeLog();
        int directories = 1 + random.nextInt(2);
        List<Path> volumes = directories == 1 ? List.of(DATA) : List.of(DATA, Path.of("/more"));
        sending = new SentBatches(random);
        damage = new FileDamage(disk, random, volumes, this::note);
        topic.put("internal.segment.bytes", "" + SEGMENT_BYTES);
        topic.put("index.interval.bytes", "100");
        topic.put("file.delete.delay.ms", "1000");
        topic.put("delete.retention.ms", "" + DELETE_RETENTION_MS);
        topic.put("min.cleanable.dirty.ratio", "0.01");
        topic.put("preallocate", "" + (random.nextInt(3) == 0));
        topic.put("cleanup.policy", this.compact && delete ? "compact,delete" : this.compact ? "compact" : "delete");
        topic.put("retention.ms", delete ? "" + RETENTION_MS : "-1");
        topic.put("retention.bytes", delete && random.nextBoolean() ? "" + RETENTION_BYTES : "-1");
        String flush = compact != null ? "1" : List.of("1", "4", "1000000").get(random.nextInt(3));
        topic.put("flush.messages", flush);
        Map<String, String> broker = new HashMap<>();
        broker.put("log.dirs", volumes.stream().map(Path::toString).collect(Collectors.joining(",")));
        broker.put("log.cleaner.backoff.ms", "1000");
        broker.put("log.cleaner.io.buffer.size", "1000");
        broker.put("log.cleaner.dedupe.buffer.size", "" + (8 + random.nextInt(20)) * CleanerOffsetMap.SLOT_BYTES);
        broker.put("log.retention.check.interval.ms", "" + RETENTION_CHECK_MS);
        broker.put("log.initial.task.delay.ms", "" + RETENTION_CHECK_MS);
        harness = new LogHarness(disk, DATA, broker, loop);
        note(topic + ", directories " + directories);
        open();
    }

    interface Story {
        void of(LogLife life);
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
        log = harness.log("t", topic);
        highestWatermark = Math.max(highestWatermark, log.snapshot().highWatermark());
    }

    void note(String what) {
        history.append(what).append("; ");
    }

    // ---- steps ----

    void step() {
        switch (random.nextInt(32)) {
            case 0, 1, 2, 3, 4, 5 -> append(-1, false);
            case 6, 7, 8 -> append(random.nextInt(3), false);
            case 9, 10, 11, 12 -> append(FIRST_TRANSACTIONAL + random.nextInt(3), true);
            case 13, 14, 15 -> endTransaction(FIRST_TRANSACTIONAL + random.nextInt(3));
            case 16 -> changeRole();
            case 17 -> truncate();
            case 18 -> truncateByEpoch();
            case 19 -> advanceHighWatermark();
            case 20 -> deleteRecords();
            case 21 -> awaitFlush();
            case 22 -> toggleHolding();
            case 23 -> loop.runHeldWork(random.nextInt(6));
            case 24, 25 -> passTime();
            case 26 -> reopenCleanly();
            case 27 -> crash();
            case 28 -> losePower();
            case 29 -> beginAnew();
            case 30 -> wrongSequence();
            default -> log.flush().checkpoint();
        }
        flushed = Math.max(flushed, log.flushedOffset());
        highestWatermark = Math.max(highestWatermark, log.snapshot().highWatermark());
        highestCleaned = Math.max(highestCleaned, log.compaction().cleanedOffset());
    }

    void check() {
        noteRetention();
        assertThat(log.snapshot().logStartOffset()).as("log start").isEqualTo(model.start);
        model.check(log, 1 + random.nextInt(4000), loop.wallClockMs());
    }

    /** A batch for the log's end; a leader gives it its offset, a follower gets it with one, maybe beyond a gap or with gaps within. */
    void append(long producerId, boolean transactional) {
        SimpleRecord[] some = new SimpleRecord[1 + random.nextInt(3)];
        for (int i = 0; i < some.length; i++) {
            String value =
                    compact && random.nextInt(5) == 0 ? null : "v" + values++ + "-" + "x".repeat(random.nextInt(200));
            some[i] = new SimpleRecord(
                    loop.wallClockMs() - random.nextInt((int) RETENTION_MS),
                    LogHarness.bytes("key-" + random.nextInt(14)),
                    LogHarness.bytes(value));
        }
        int sequence = producerId < 0 ? -1 : lastSequence(producerId) + 1;
        long base = follower ? model.end + gap() : model.end;
        long[] offsets = new long[some.length];
        long next = base;
        for (int i = 0; i < some.length; i++) {
            offsets[i] = next;
            next += 1 + (follower ? gap() : 0);
        }
        List<LogModel.Entry> entries = new ArrayList<>();
        for (int i = 0; i < some.length; i++) {
            entries.add(new LogModel.Entry(
                    offsets[i], LogHarness.text(some[i].key()), LogHarness.text(some[i].value()), some[i].timestamp()));
        }
        long last = next - 1;
        int lastSequence = producerId < 0 ? -1 : sequence + (int) (last - base);
        LogModel.Batch batch = new LogModel.Batch(
                base, next, epoch, producerId, lastSequence, transactional, null, entries, loop.wallClockMs());
        note((follower ? "follow " : "append ") + base + ".." + last + " of producer " + producerId);
        // A leader is sent offsets from 0 on.
        long unassigned = follower ? 0 : base;
        Supplier<MemoryRecords> sent = () ->
                sending.batch(offsets, unassigned, last, some, producerId, sequence, transactional, batch.epoch());
        append(new Sent(batch, sent, AppendOrigin.CLIENT));
        if (!follower && producerId >= 0) {
            assertThat(log.appendAsLeader(sent.get(), epoch, AppendOrigin.CLIENT))
                    .isEqualTo(new AppendResult.Duplicate(base, next, -1, model.start));
        }
    }

    /** A batch, and how to send it (again). */
    private record Sent(LogModel.Batch batch, Supplier<MemoryRecords> records, AppendOrigin origin) {}

    private void append(Sent sent) {
        MemoryRecords records = sent.records.get();
        AppendResult result;
        try {
            result = follower
                    ? log.appendAsFollower(sending.cutOff(records))
                    : log.appendAsLeader(records, epoch, sent.origin);
        } catch (SimulatedDisk.PowerCut e) {
            unanswered = sent;
            model.appended(sent.batch); // It may be there.
            throw e;
        }
        if (!(result instanceof AppendResult.Appended appended)) {
            throw new AssertionError("not appended: " + result);
        }
        assertThat(appended.baseOffset()).isEqualTo(sent.batch.baseOffset());
        model.appended(sent.batch);
        flushed = Math.max(flushed, log.flushedOffset());
    }

    /** What was not answered before the power went its producer sends again: it is taken once. */
    void sendAgain() {
        Sent sent = unanswered;
        if (!follower && sent != null && sent.batch.producerId() >= 0 && sent.batch.marker() == null) {
            long base = sent.batch.baseOffset();
            long endOffset = sent.batch.endOffset();
            if (model.end == endOffset) {
                assertThat(log.appendAsLeader(sent.records.get(), epoch, sent.origin))
                        .isEqualTo(new AppendResult.Duplicate(base, endOffset, -1, model.start));
            } else {
                append(sent);
            }
        }
    }

    private int gap() {
        return random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 0;
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

    private void wrongSequence() {
        long producerId = random.nextInt(3);
        if (follower || !model.hasBatch(producerId)) {
            return;
        }
        MemoryRecords wrong = LogHarness.idempotent(producerId, 0, model.lastSequence(producerId) + 7, "wrong");
        assertThat(log.appendAsLeader(wrong, epoch, AppendOrigin.CLIENT))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class,
                        r -> assertThat(r.error()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER));
    }

    void endTransaction(long producerId) {
        if (!model.isOpen(producerId)) {
            return;
        }
        boolean abort = random.nextBoolean();
        ControlRecordType type = abort ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
        long base = follower ? model.end + gap() : model.end;
        long sentOffset = follower ? base : 0;
        note(type + " of " + producerId + " at " + base);
        LogModel.Batch batch =
                new LogModel.Batch(base, base + 1, epoch, producerId, -1, true, type, List.of(), loop.wallClockMs());
        Supplier<MemoryRecords> marker = () -> MemoryRecords.withEndTransactionMarker(
                sentOffset,
                batch.appendedMs(),
                batch.epoch(),
                producerId,
                (short) 0,
                new EndTransactionMarker(type, 0));
        append(new Sent(batch, marker, AppendOrigin.COORDINATOR));
    }

    void changeRole() {
        follower = !follower;
        epoch++;
        note((follower ? "follower in epoch " : "leader in epoch ") + epoch);
        if (!follower) {
            log.beginEpoch(epoch);
        }
    }

    private void truncate() {
        long least = compact ? Math.max(highestWatermark, model.start) : model.start;
        if (least <= model.end) {
            truncate(least + random.nextLong(model.end - least + 1), least);
        }
    }

    /** As a follower does whose leader knows less of an epoch, or an earlier one only. */
    private void truncateByEpoch() {
        long least = compact ? Math.max(highestWatermark, model.start) : model.start;
        PartitionLog.EpochEnd end = log.endOfEpoch(random.nextInt(epoch + 1));
        if (follower && end.endOffsetExclusive() >= least) {
            truncate(end.endOffsetExclusive() - random.nextInt(3), least);
        }
    }

    void truncate(long wanted, long least) {
        long to = model.notWithinABatch(wanted);
        if (to < least || to > model.end) {
            return; // Half a batch cannot stay: then nothing is cut off.
        }
        note("truncate to " + to);
        flushed = Math.min(flushed, to);
        log.truncateTo(to);
        model.truncated(to);
    }

    private void advanceHighWatermark() {
        log.advanceHighWatermark(model.start + random.nextLong(Math.max(1, model.end - model.start + 1)));
    }

    private void deleteRecords() {
        long high = log.snapshot().highWatermark();
        if (high > model.start) {
            deleteRecordsBefore(model.start + 1 + random.nextLong(high - model.start));
        }
    }

    void deleteRecordsBefore(long to) {
        note("delete before " + to);
        model.start = to;
        log.advanceLogStart(to);
    }

    private void awaitFlush() {
        long upTo = model.end;
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

    private void toggleHolding() {
        if (holding) {
            loop.runHeldWork();
        } else {
            loop.holdWork();
        }
        holding = !holding;
        note(holding ? "disk is slow" : "disk is fast");
    }

    private void passTime() {
        passTime(random.nextInt(3) == 0 ? RETENTION_MS / 2 : random.nextInt(5_000));
    }

    void passTime(long ms) {
        note("time");
        log.advanceHighWatermark(model.end);
        highestWatermark = Math.max(highestWatermark, log.snapshot().highWatermark());
        model.saw(log);
        loop.advance(ms);
    }

    /** A follower's log lies wholly outside of its leader's. */
    private void beginAnew() {
        if (follower && random.nextInt(3) == 0) {
            long to = model.end + random.nextInt(50);
            note("begin anew at " + to);
            log.truncateFullyAndStartAt(to);
            model.restarted(to);
            flushed = Math.min(flushed, to);
        }
    }

    // ---- retention ----

    private void noteRetention() {
        long start = log.snapshot().logStartOffset();
        if (start <= model.start) {
            return;
        }
        note("retention up to " + start);
        highestCleaned = Math.max(highestCleaned, log.compaction().cleanedOffset());
        assertThat(delete).as("retention is wanted").isTrue();
        assertThat(start).isLessThanOrEqualTo(log.snapshot().highWatermark());
        long oldest = loop.wallClockMs() - RETENTION_MS;
        boolean bySize = !topic.get("retention.bytes").equals("-1") && log.sizeBytes() >= RETENTION_BYTES;
        if (!bySize) {
            // What compaction has taken away does not keep a segment.
            assertThat(model.entriesIn(model.start, start))
                    .as("records that retention removed, older than " + oldest)
                    .allMatch(e -> e.timestampMs() < oldest || e.offset() < highestCleaned);
        }
        model.start = start;
    }

    /** After an undisturbed check nothing is left that is to go. */
    void checkRetentionIsDone() {
        toggleHolding();
        if (holding) {
            toggleHolding();
        }
        log.advanceHighWatermark(model.end);
        loop.advance(RETENTION_CHECK_MS + 1);
        noteRetention();
        LogView view = log.view();
        if (delete
                && view.segments().length > 1
                && view.endOffset(0) <= view.snapshot().highWatermark()) {
            long oldest = loop.wallClockMs() - RETENTION_MS - RETENTION_CHECK_MS;
            List<LogModel.Entry> first = model.entriesIn(view.segments()[0].baseOffset(), view.endOffset(0));
            assertThat(first.isEmpty() || first.stream().anyMatch(e -> e.timestampMs() >= oldest))
                    .as("the first segment has a record that retention keeps")
                    .isTrue();
            if (!topic.get("retention.bytes").equals("-1")) {
                assertThat(log.sizeBytes() - view.sizeBytes(0)).isLessThan(RETENTION_BYTES);
            }
        }
    }

    // ---- ends and beginnings ----

    private void release() {
        if (holding) {
            toggleHolding();
        }
    }

    private void reopenCleanly() {
        release();
        note("close");
        long before = log.snapshot().highWatermark();
        harness.directories.close();
        loop.dropHeldWork(); // The process is gone, and its timers are.
        boolean damaged = filesAreDamaged && damage.toSomeFiles();
        harness.open();
        open();
        assertThat(log.offlineReason()).isNull();
        if (!damaged) {
            assertThat(log.snapshot().highWatermark())
                    .isEqualTo(Math.min(before, log.snapshot().logEndOffset()));
            assertThat(log.flushedOffset()).isGreaterThanOrEqualTo(model.endOfLastBatch());
        }
        foundAgain(model.endOfLastBatch());
    }

    private void crash() {
        note("crash");
        loop.dropHeldWork();
        holding = false;
        if (filesAreDamaged) {
            damage.toSomeFiles();
        }
        harness.open();
        open();
        foundAgain(model.endOfLastBatch());
    }

    void losePower() {
        note("power loss with flushed " + flushed);
        loop.dropHeldWork();
        holding = false;
        disk.losePower();
        if (filesAreDamaged) {
            damage.toSomeFiles(TELLING_WHAT_POWER_TOOK);
        }
        harness.open();
        open();
        foundAgain(model.endOfBatchesBelow(flushed));
    }

    private void foundAgain(long leastEnd) {
        assertThat(log.offlineReason()).isNull();
        LogSnapshot found = log.snapshot();
        assertThat(found.logEndOffset()).as("log end found").isBetween(leastEnd, Math.max(model.end, leastEnd));
        if (found.logEndOffset() < model.endOfLastBatch() || found.logEndOffset() < model.start) {
            model.truncated(found.logEndOffset());
        }
        model.end = found.logEndOffset();
        flushed = Math.min(flushed, model.end);
        // Deleted records may come back until the checkpoint of log starts is written; they are nobody's concern then.
        if (model.start <= model.end && found.logStartOffset() < model.start) {
            log.advanceHighWatermark(model.start);
            log.advanceLogStart(model.start);
        } else if (model.start > model.end) {
            model.start = found.logStartOffset();
        }
        highestWatermark = Math.max(highestWatermark, log.snapshot().highWatermark());
    }

    /** Opens what the disk has, as a process that follows another does. */
    void restart() {
        harness.open();
        open();
        foundAgain(model.endOfLastBatch());
    }
}

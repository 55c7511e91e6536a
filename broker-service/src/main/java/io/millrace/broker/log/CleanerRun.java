package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One compaction of one log: reads the keys of its dirty segments, then writes its segments anew, group by group, without what newer
 * records have superseded. It works in slices on I/O workers, never on two threads at a time, and goes to the log's loop for what
 * changes the log. It ends early, leaving the log as it is, when the log is truncated, closed or offline.
 */
final class CleanerRun {

    /** What a run needs of the cleaner that started it. Any thread. */
    interface Owner {
        CleanerSettings settings();

        boolean isStopped();

        CleanerKeyHash newHash();

        /** Goes on with a run on an I/O worker, later by what its I/O has to wait. */
        void goOn(Runnable work, long delayMs);

        /** How long to wait after so many bytes of I/O. */
        long delayMs(long ioBytes);

        void ended(CleanerRun run, boolean cleaned);
    }

    /** Between two of them other work of the I/O workers gets its turn. */
    private static final int SLICES_AT_A_TIME = 2;

    private final PartitionLog log;
    private final CleanerRange range;
    private final Owner owner;
    private final int generation;
    private final long endOffset;
    private final long startNs;
    private final ByteBuffer readBuffer;
    private final ByteBuffer writeBuffer;
    private final CleanerOffsetMap map;
    private final Deque<List<Segment>> groups = new ArrayDeque<>();
    private final CleanerReport report;

    private Map<Long, ProducerStates.LastBatch> producers = Map.of();
    private @Nullable CleanerMapping mapping;
    private @Nullable CleanerTransactions transactions;
    private @Nullable CleanerFilter filter;
    private @Nullable CleanerGroup group;
    private long keepTombstonesAfterMs;

    /** @param range what {@link CleanerRange#judge} found in the log's view */
    CleanerRun(PartitionLog log, LogView view, CleanerRange range, Owner owner) {
        this.log = log;
        this.range = range;
        this.owner = owner;
        this.generation = view.generation();
        this.endOffset = view.snapshot().logEndOffset();
        this.startNs = log.volume().clock().monotonicNs();
        CleanerSettings settings = owner.settings();
        this.readBuffer = ByteBuffer.allocateDirect(settings.bufferBytes());
        this.writeBuffer = ByteBuffer.allocateDirect(settings.bufferBytes());
        this.map = new CleanerOffsetMap(
                settings.mapSlots(range.endOffset() - range.firstDirtyOffset()),
                settings.loadFactor(),
                owner.newHash());
        this.report = new CleanerReport(range);
    }

    PartitionLog log() {
        return log;
    }

    /** Begins by waiting for the disk: what is there must not go for the sake of what may be lost with the power. */
    void start() {
        onLoop(() -> log.awaitFlush(endOffset, error -> {
            if (error == Errors.NONE) {
                producers = log.producerStates().lastBatches();
                owner.goOn(this::work, 0);
            } else {
                end(false);
            }
        }));
    }

    private boolean mayGoOn() {
        return !owner.isStopped()
                && !log.isClosed()
                && log.offlineReason() == null
                && log.config().compact()
                && log.view().generation() == generation
                && hasNextSegment();
    }

    /** Whether the log still has the first segment that is to be compacted: retention may have let it go. */
    private boolean hasNextSegment() {
        List<Segment> next = group != null ? group.replaced() : filter != null ? groups.peek() : range.segments();
        return next == null || Arrays.asList(log.view().segments()).contains(next.getFirst());
    }

    private void work() {
        try {
            for (int slices = 0; slices < SLICES_AT_A_TIME; slices++) {
                if (!mayGoOn()) {
                    stop();
                    return;
                }
                int bytes = step();
                if (bytes < 0) {
                    return; // It goes on from the loop.
                }
                long delayMs = owner.delayMs(bytes);
                if (delayMs > 0) {
                    owner.goOn(this::work, delayMs);
                    return;
                }
            }
            owner.goOn(this::work, 0);
        } catch (CorruptLogException | RuntimeException e) {
            log.compaction().markUncleanable();
            LogEvents.LOG.error(
                    "{} cannot be compacted: {}. It keeps all its records until the broker starts again; other logs are compacted as ever.",
                    log.topicPartition(),
                    e.getMessage(),
                    e);
            stop();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Does a piece of work; how many bytes were read and written, or -1 when the log's loop goes on. */
    private int step() throws IOException {
        if (filter == null) {
            return map();
        }
        if (group == null) {
            return nextGroup();
        }
        if (!group.isDone()) {
            return group.slice();
        }
        group.sync(current(transactions).takeStillNeeded());
        report.wrote(group);
        if (group.isChanged()) {
            onLoop(this::announce);
        } else {
            group.discard();
            group = null;
            owner.goOn(this::work, 0);
        }
        return -1;
    }

    private int map() throws IOException {
        if (mapping == null) {
            mapping = new CleanerMapping(range, map, abortedTransactions(), readBuffer);
        }
        int bytes = mapping.slice();
        if (mapping.isDone()) {
            beginFilter();
        }
        return bytes;
    }

    private void beginFilter() throws IOException {
        List<Segment> segments = range.segments().stream()
                .filter(segment -> segment.baseOffset() <= map.latestOffset())
                .toList();
        long rangeEnd = segments.size() == range.segments().size()
                ? range.endOffset()
                : range.segments().get(segments.size()).baseOffset();
        LogConfig config = log.config();
        groups.addAll(CleanerGroup.of(segments, rangeEnd, config, log.volume().store()));
        keepTombstonesAfterMs = segments.stream()
                        .filter(segment -> segment.baseOffset() < range.firstDirtyOffset())
                        .mapToLong(Segment::createdMs)
                        .max()
                        .orElse(config.deleteRetentionMs())
                - config.deleteRetentionMs();
        transactions = new CleanerTransactions(abortedTransactions());
        filter = new CleanerFilter(
                map, transactions, producers, rangeEnd, log.volume().clock().wallClockMs(), config.deleteRetentionMs());
    }

    private int nextGroup() throws IOException {
        List<Segment> next = groups.poll();
        if (next == null) {
            onLoop(this::finish);
            return -1;
        }
        if (!hasRoomFor(next)) {
            stop();
            return -1;
        }
        group = CleanerGroup.begin(log, next, current(filter), readBuffer, writeBuffer, keepTombstonesAfterMs);
        return 0;
    }

    /** Compaction needs space before it frees some; what is kept free for commits and metadata it leaves alone. */
    private boolean hasRoomFor(List<Segment> next) throws IOException {
        long needed = next.stream().mapToLong(Segment::sizeBytes).sum();
        FileStore store = log.volume().store();
        boolean room = store.usableBytes(log.volume().path()) - Housekeeping.RESERVED_BYTES >= needed;
        if (!room && !log.compaction().saidNoSpace()) {
            LogEvents.LOG.warn(
                    "{} is not compacted: {} has no room for {} bytes, which are needed before any are freed. It is tried again.",
                    log.topicPartition(),
                    log.volume().path(),
                    needed);
        }
        log.compaction().setSaidNoSpace(!room);
        return room;
    }

    /** Those of the whole log: the marker of an early transaction may lie in a segment that is not compacted yet. */
    private List<TransactionIndex.Aborted> abortedTransactions() throws IOException {
        List<TransactionIndex.Aborted> aborted = new ArrayList<>();
        for (Segment segment : log.view().segments()) {
            aborted.addAll(segment.indexes().transactions().entries());
        }
        return aborted;
    }

    // ---- the change of the log: loop, disk, loop, disk ----

    private void announce() throws IOException {
        CleanerGroup done = current(group);
        if (mayGoOn() && log.compaction().announce(done.cleaned(), done.replaced())) {
            owner.goOn(() -> syncDirectoryThen(() -> onLoop(this::replace)), 0);
        } else {
            owner.goOn(this::stop, 0);
        }
    }

    private void replace() throws IOException {
        CleanerGroup done = current(group);
        // Whether it succeeds or finds the log changed, the files are taken care of.
        group = null;
        boolean replaced = log.compaction().replace(done.cleaned(), done.replaced());
        if (replaced) {
            owner.goOn(() -> syncDirectoryThen(this::work), 0);
        } else {
            owner.goOn(this::stop, 0);
        }
    }

    private void syncDirectoryThen(Runnable next) {
        try {
            CleanerGroup.whileOpen(log, () -> log.volume().store().syncDirectory(log.directory()));
        } catch (IOException e) {
            group = null;
            failed(e);
            return;
        }
        next.run();
    }

    private void finish() {
        boolean valid = mayGoOn();
        if (valid) {
            log.compaction().cleanedTo(map.latestOffset() + 1);
            log.volume().checkpointSoon();
            report.write(log, current(filter), map.latestOffset() + 1, startNs);
        }
        end(valid);
    }

    private void onLoop(PartitionLog.Change change) {
        log.loop().run(() -> {
            try {
                change.run();
            } catch (IOException e) {
                group = null; // Its files may have any of their names; the directory is offline.
                log.failed("compacting", e);
                end(false);
            }
        });
    }

    // ---- ends ----

    private void failed(IOException e) {
        if (!mayGoOn()) {
            LogEvents.LOG.debug("the compaction of {} was overtaken", log.topicPartition(), e);
        } else if (e instanceof NoSuchFileException) {
            // A file that is being renamed for its deletion; one that is really lost is a matter of its readers.
            LogEvents.LOG.warn(
                    "{} is not compacted now: {} is not there. It is tried again.",
                    log.topicPartition(),
                    e.getMessage());
        } else {
            log.failed("compacting", e);
        }
        stop();
    }

    /** Gives up, on an I/O worker; what was written for nothing goes. */
    private void stop() {
        if (group != null) {
            try {
                group.discard();
            } catch (IOException e) {
                log.failed("compacting", e);
            }
        }
        end(false);
    }

    private void end(boolean cleaned) {
        map.close();
        owner.ended(this, cleaned);
    }

    private static <T> T current(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("a compaction's steps came in the wrong order");
        }
        return value;
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.Errors;

/**
 * How far one log is on disk, and who waits for it.
 *
 * <p>Two points move: <em>flushed</em>, below which all batches are synced, which acknowledgements may wait for; and the <em>recovery
 * point</em>, below which indexes, leader epochs and a producer snapshot are on disk too, so that recovery need not read there. The
 * recovery point moves with every {@link #CHECKPOINT_BYTES} and every new segment, which bounds what a crash makes recovery read.
 *
 * <p>Methods without another note belong to the log's loop.
 */
final class LogFlush {

    /**
     * What a crash may make recovery read of one log. A sync makes appends to all files of a journaling file system wait for its journal
     * (ext4: 10 to 25 ms, seen as the slowest percent of produces), so this is not smaller than a fast recovery needs.
     */
    private static final long CHECKPOINT_BYTES = 256L << 20;

    /** How far the active segment's index files may lag behind; farther when that much comes within {@link #INDEX_WRITE_INTERVAL_NS}. */
    private static final int INDEX_WRITE_BYTES = 256 << 10;

    /** Files grow through the file system's journal, which appends wait for, too. */
    private static final long INDEX_WRITE_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private record Waiter(long endOffset, PartitionLog.FlushListener listener) {}

    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    private record Snapshot(long offset, byte[] content) {}

    private final PartitionLog log;
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>(Comparator.comparingLong(Waiter::endOffset));
    private final ConcurrentLinkedQueue<Snapshot> newSnapshots = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean queued = new AtomicBoolean();
    private final AtomicBoolean checkpointWanted = new AtomicBoolean();
    private final AtomicBoolean directoryChanged = new AtomicBoolean();

    /** Offsets of snapshot files; changed by the flushing thread and, when records are cut off, by the log's loop. */
    private final NavigableSet<Long> snapshots = new ConcurrentSkipListSet<>();

    private volatile long flushedOffset;
    private volatile long recoveryPoint;

    /** What the checkpoint file says, so that recovery would begin there. */
    private volatile long writtenRecoveryPoint;

    private long endWithinGap = -1;
    private long batchesEndBeforeGap;
    private long bytesSinceCheckpoint;
    private long bytesSinceIndexWrite;
    private long nextIndexWriteNs;
    private boolean flushTimed;
    private final SpaceAhead spaceAhead;
    private final AtomicBoolean indexWriteQueued = new AtomicBoolean();

    /** Held by whoever writes small files into the log's directory, and while the directory is renamed for its deletion. */
    private final Object directoryLock = new Object();

    LogFlush(PartitionLog log, long recoveryPoint) {
        this.log = log;
        this.recoveryPoint = recoveryPoint;
        this.writtenRecoveryPoint = recoveryPoint;
        this.flushedOffset = recoveryPoint;
        this.nextIndexWriteNs = log.volume().clock().monotonicNs();
        this.spaceAhead = new SpaceAhead(log);
    }

    SpaceAhead spaceAhead() {
        return spaceAhead;
    }

    /** Any thread. */
    long flushedOffset() {
        return flushedOffset;
    }

    /** Any thread. */
    long recoveryPoint() {
        return recoveryPoint;
    }

    /** The checkpoint file is on disk. Any thread, one at a time. */
    void recoveryPointWritten(long offset) {
        writtenRecoveryPoint = offset;
    }

    /**
     * Up to where compaction may go: the newest segment that begins with a snapshot which a restart now could use. Compaction takes away
     * the markers of transactions of which nothing is left, and whoever builds the producers' state again from an older snapshot would
     * take these transactions for open. Any thread.
     */
    long compactableEnd(LogView view) {
        Segment[] segments = view.segments();
        for (int i = segments.length - 1; i > 0; i--) {
            long base = segments[i].baseOffset();
            if (base <= writtenRecoveryPoint && snapshots.contains(base)) {
                return base;
            }
        }
        return segments[0].baseOffset();
    }

    void snapshotFilesFound(List<Long> offsets) {
        snapshots.addAll(offsets);
    }

    /** Starts what an append makes due; whether its acknowledgement must wait for the disk. */
    boolean afterAppend(LogConfig config, int bytes) {
        bytesSinceCheckpoint += bytes;
        if (bytesSinceCheckpoint >= CHECKPOINT_BYTES) {
            checkpoint();
        }
        bytesSinceIndexWrite += bytes;
        if (bytesSinceIndexWrite >= INDEX_WRITE_BYTES) {
            writeActiveIndexesSoon();
        }
        spaceAhead.appended(bytes, config.segmentSizeBytes());
        if (config.flushIntervalMs() != Long.MAX_VALUE && !flushTimed) {
            flushTimed = true;
            EventLoop.Timer _ = log.loop().schedule(this::flushIntervalEnded, config.flushIntervalMs());
        }
        long unflushed = log.view().snapshot().logEndOffset() - flushedOffset;
        if (unflushed < config.flushIntervalMessages()) {
            return false;
        }
        request();
        return true;
    }

    /** The oldest record that may not be on disk has waited for {@code flush.ms}. */
    private void flushIntervalEnded() {
        flushTimed = false;
        if (!log.isClosed() && log.view().snapshot().logEndOffset() > flushedOffset) {
            request();
        }
    }

    private void writeActiveIndexesSoon() {
        long nowNs = log.volume().clock().monotonicNs();
        if (nowNs - nextIndexWriteNs >= 0 && indexWriteQueued.compareAndSet(false, true)) {
            bytesSinceIndexWrite = 0;
            nextIndexWriteNs = nowNs + INDEX_WRITE_INTERVAL_NS;
            log.volume().submit(this::writeActiveIndexes);
        }
    }

    /** Only so that tools find the files nearly current; what counts is written, and synced, at checkpoints. I/O worker. */
    private void writeActiveIndexes() {
        indexWriteQueued.set(false);
        synchronized (directoryLock) {
            if (log.isClosed() || log.offlineReason() != null) {
                return;
            }
            try {
                log.view().active().indexes().writeFiles(false);
            } catch (IOException e) {
                log.failed("writing the index of", e);
            }
        }
    }

    /** Changes the log's directory while no background work writes there; that finds the log closed afterwards. */
    void whileNothingIsWritten(PartitionLog.Change change) throws IOException {
        synchronized (directoryLock) {
            change.run();
        }
    }

    /** Lets the recovery point move up to the log's end as it is now. */
    void checkpoint() {
        bytesSinceCheckpoint = 0;
        takeSnapshot(log.view().snapshot().logEndOffset());
        checkpointWanted.set(true);
        request();
    }

    void rolled(Segment sealed, long logEndOffset) {
        spaceAhead.sealed(sealed);
        directoryChanged.set(true);
        bytesSinceCheckpoint = 0;
        takeSnapshot(logEndOffset);
        checkpointWanted.set(true);
        request();
    }

    private void takeSnapshot(long offset) {
        newSnapshots.add(new Snapshot(
                offset, ProducerSnapshots.encode(log.producerStates().producers())));
    }

    /** Queues the log for the volume's flusher; any thread. */
    void request() {
        if (queued.compareAndSet(false, true)) {
            log.volume().flusher().request(log);
        }
    }

    void await(long endOffset, PartitionLog.FlushListener listener) {
        if (log.offlineReason() != null) {
            listener.flushed(Errors.KAFKA_STORAGE_ERROR);
        } else if (endOffset <= flushedOffset) {
            listener.flushed(Errors.NONE);
        } else {
            waiters.add(new Waiter(endOffset, listener));
            request();
        }
    }

    /** Files were created, renamed or removed. Any thread. */
    void directoryChanged() {
        directoryChanged.set(true);
    }

    /** Syncs everything that had been appended when this is called. The flushing thread. */
    void flushNow() throws IOException {
        queued.set(false);
        if (log.isClosed()) {
            log.flushFailed(); // Closing brings everything to disk itself; of a deleted log nobody knows.
            return;
        }
        LogView view = log.view();
        boolean checkpoint = checkpointWanted.getAndSet(false);
        long from = checkpoint ? Math.min(recoveryPoint, flushedOffset) : flushedOffset;
        // One back: a segment rolled exactly at the recovery point has got its last time index entry since.
        int first = view.floor(from - 1);
        for (int i = first; i < view.segments().length; i++) {
            sync(view.segments()[i]);
        }
        boolean checkpointed = false;
        synchronized (directoryLock) {
            if (log.isClosed()) {
                log.flushFailed();
                return;
            }
            if (directoryChanged.getAndSet(false)) {
                FileStore store = log.volume().store();
                store.syncDirectory(log.directory());
                store.syncParent(log.directory());
            }
            if (checkpoint) {
                checkpointed = writeCheckpoint(view, first);
            }
        }
        boolean moved = checkpointed;
        log.loop().run(() -> flushed(view, moved));
    }

    /** Writes what lets recovery begin at the view's end; without space it stays to be done, and nothing is wrong. */
    private boolean writeCheckpoint(LogView view, int first) throws IOException {
        FileStore store = log.volume().store();
        try {
            for (int i = first; i < view.segments().length; i++) {
                view.segments()[i].indexes().writeFiles(true);
            }
            log.epochs().writeFile(store, log.directory(), true, view.snapshot().logEndOffset());
            writeSnapshots(store, log.directory(), view);
            return true;
        } catch (IOException e) {
            if (!Volume.isNoSpace(e)) {
                throw e;
            }
            log.volume().setFull(true);
            checkpointWanted.set(true); // With the next flush.
            return false;
        }
    }

    private void sync(Segment segment) throws IOException {
        try {
            segment.sync();
        } catch (NoSuchFileException e) {
            // Retention or truncation may have taken it away meanwhile; then nobody needs it on disk.
            if (Arrays.asList(log.view().segments()).contains(segment)) {
                throw e;
            }
        }
    }

    private void writeSnapshots(FileStore store, Path directory, LogView view) throws IOException {
        for (Snapshot next = newSnapshots.poll(); next != null; next = newSnapshots.poll()) {
            if (next.offset > view.snapshot().logEndOffset()) {
                continue; // Cut off since.
            }
            if (next.offset == 0 || (next.offset == recoveryPoint && snapshots.contains(next.offset))) {
                continue; // There was nobody, or nothing has come since it was written.
            }
            store.replace(
                    LogFileNames.file(directory, next.offset, LogFileNames.PRODUCER_SNAPSHOT), next.content, true);
            snapshots.add(next.offset);
            if (log.view().generation() != view.generation() && next.offset > flushedOffset) {
                // It speaks of records that were cut off meanwhile, after the other snapshots above the cut were
                // removed.
                store.delete(LogFileNames.file(directory, next.offset, LogFileNames.PRODUCER_SNAPSHOT));
                snapshots.remove(next.offset);
            }
        }
        if (snapshots.isEmpty()) {
            return;
        }
        List<Long> superfluous = new ArrayList<>(snapshots.headSet(snapshots.last()));
        superfluous.remove(snapshots.floor(writtenRecoveryPoint));
        for (Segment segment : view.segments()) {
            superfluous.remove(segment.baseOffset());
        }
        for (Long offset : superfluous) {
            store.delete(LogFileNames.file(directory, offset, LogFileNames.PRODUCER_SNAPSHOT));
            snapshots.remove(offset);
        }
    }

    private void flushed(LogView view, boolean checkpoint) {
        if (view.generation() == log.view().generation()) {
            long end = view.snapshot().logEndOffset();
            flushedOffset = Math.max(flushedOffset, end);
            if (checkpoint && recoverableEnd(end) > recoveryPoint) {
                recoveryPoint = recoverableEnd(end);
                log.volume().checkpointSoon();
            }
        } else if (checkpoint) {
            checkpoint();
        }
        complete(flushedOffset, Errors.NONE);
        if (!waiters.isEmpty()) {
            request();
        }
    }

    private void complete(long upTo, Errors error) {
        for (Waiter next = waiters.peek(); next != null && next.endOffset <= upTo; next = waiters.peek()) {
            waiters.remove();
            next.listener.flushed(error);
        }
    }

    /** The disk failed: nobody knows what it holds. */
    void failed() {
        complete(Long.MAX_VALUE, Errors.KAFKA_STORAGE_ERROR);
    }

    /**
     * Records at and above an offset are about to be cut off: no file may say any more that they need not be checked or cleaned.
     *
     * @param batchesEnd where the last batch ends that stays: below {@code offset} if that lies in a gap which compaction left. It is
     *     where a restart finds the log to end, and batches that come there then are yet to be checked.
     */
    void truncating(long offset, long batchesEnd) throws IOException {
        log.compaction().truncating(offset);
        endWithinGap = batchesEnd < offset ? offset : -1;
        batchesEndBeforeGap = batchesEnd;
        flushedOffset = Math.min(flushedOffset, offset);
        if (batchesEnd < recoveryPoint) {
            recoveryPoint = batchesEnd;
            log.volume().checkpointNow();
        }
    }

    /** Where a restart would find a log to end that ends at an offset: lower after a truncation into a gap that compaction left. */
    long recoverableEnd(long endOffset) {
        return endOffset == endWithinGap ? batchesEndBeforeGap : endOffset;
    }

    void truncated(long offset) {
        spaceAhead.truncated();
        newSnapshots.removeIf(s -> s.offset > offset);
        snapshots
                .tailSet(offset, false)
                .clear(); // Their files are removed with what else says something of these records.
        bytesSinceCheckpoint = 0;
        List<Waiter> cutOff = waiters.stream().filter(w -> w.endOffset > offset).toList();
        waiters.removeAll(cutOff);
        cutOff.forEach(w -> w.listener.flushed(Errors.NOT_LEADER_OR_FOLLOWER));
    }

    /** The log is empty and begins at an offset. */
    void restarted(long offset) {
        truncated(-1);
        directoryChanged.set(true);
        recoveryPoint = offset;
        flushedOffset = offset;
        log.volume().checkpointSoon();
    }

    /** Who waits for this log waits for {@code next} instead, which has the same records. */
    void handOver(LogFlush next) {
        for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            next.await(waiter.endOffset, waiter.listener);
        }
    }

    /** Everything was checked because nobody knew from where; brings it to disk, so that it need not be again. The opening thread. */
    void recovered() throws IOException {
        takeSnapshot(log.view().snapshot().logEndOffset());
        LogView view = log.view();
        for (Segment segment : view.segments()) {
            segment.sync();
        }
        log.volume().store().syncDirectory(log.directory());
        if (writeCheckpoint(view, 0)) {
            flushedOffset = view.snapshot().logEndOffset();
            recoveryPoint = recoverableEnd(flushedOffset);
        }
    }

    /** Brings everything to disk; nobody changes the log any more. The closing thread. */
    void close() throws IOException {
        log.view().active().indexes().seal();
        takeSnapshot(log.view().snapshot().logEndOffset());
        checkpointWanted.set(true);
        LogView view = log.view();
        view.active().trim();
        spaceAhead.releaseAll();
        FileStore store = log.volume().store();
        for (int i = view.floor(recoveryPoint - 1); i < view.segments().length; i++) {
            view.segments()[i].sync();
            view.segments()[i].indexes().writeFiles(true);
        }
        store.syncDirectory(log.directory());
        log.epochs().writeFile(store, log.directory(), true, view.snapshot().logEndOffset());
        writeSnapshots(store, log.directory(), view);
        flushedOffset = view.snapshot().logEndOffset();
        recoveryPoint = recoverableEnd(flushedOffset);
    }
}

package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * One log on its way into another log directory while it is used (KIP-113).
 *
 * <p>The copy, Kafka's future replica, grows on I/O workers in a directory of its own name, throttled. When it has nearly caught up it is
 * brought to disk and gets the partition's name; the rest is copied on the partition's loop, in the same step in which the copy takes the
 * place of the original. The original's directory goes only after all it has is on disk in the copy: at any time before, a start of the
 * broker finds one directory of the two that has everything.
 */
final class ReplicaMove {

    private static final int CHUNK_BYTES = 1 << 20;

    /** Whose move it is; methods without another note are called on workers. */
    interface Owner {
        /** Bytes a second that all moves together may copy. */
        double bytesPerSecond();

        /** The copy has everything and takes the original's place now; on the partition's loop. */
        void finished(ReplicaMove move, PartitionLog copy);

        /** The move was given up, for a reason that was logged. */
        void abandoned(ReplicaMove move);
    }

    private final PartitionLog original;
    private final Volume destination;
    private final Path futureDirectory;
    private final WorkerLoop loop;
    private final Owner owner;
    private volatile @Nullable PartitionLog copy;
    private volatile boolean cancelled;
    private int generation;
    private boolean named;

    ReplicaMove(
            PartitionLog original,
            Volume destination,
            Path futureDirectory,
            IoWorkers workers,
            EventLoop timers,
            Owner owner) {
        this.original = original;
        this.destination = destination;
        this.futureDirectory = futureDirectory;
        this.loop = new WorkerLoop(workers, timers);
        this.owner = owner;
    }

    PartitionLog original() {
        return original;
    }

    Volume destination() {
        return destination;
    }

    /** What has been copied; null at the very beginning. Any thread. */
    @Nullable
    PartitionLog copy() {
        return copy;
    }

    void begin() {
        loop.execute(() -> guarded(this::create));
    }

    /** Gives up: the original stays where it is. Any thread. */
    void cancel() {
        cancelled = true;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void guarded(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            if (Volume.isNoSpace(e)) {
                destination.setFull(true);
            }
            LogEvents.LOG.error(
                    "{}: copying to {} failed; the replica stays in {}",
                    original.topicPartition(),
                    destination.path(),
                    original.directory(),
                    e);
            abandon();
        } catch (RuntimeException e) {
            LogEvents.LOG.error("{}: copying to {} failed", original.topicPartition(), destination.path(), e);
            abandon();
        }
    }

    private void create() throws IOException {
        PartitionLog created = LogLoader.create(
                destination, futureDirectory, original.topicPartition(), original.topicId(), loop, original.config());
        copy = created;
        generation = original.view().generation();
        step();
    }

    private void step() throws IOException {
        PartitionLog future = Objects.requireNonNull(copy);
        if (isPointless(future)) {
            abandon();
            return;
        }
        long endOffset = original.snapshot().logEndOffset();
        int copied = copyOnce(future);
        // Where nothing is to be read any more the original ends in a gap that compaction left.
        boolean caughtUp = copied == 0 || future.snapshot().logEndOffset() >= endOffset;
        if (!caughtUp) {
            after((long) (copied * 1_000L / owner.bytesPerSecond()));
        } else if (!named) {
            future.flush().checkpoint();
            future.awaitFlush(future.snapshot().logEndOffset(), error -> guarded(() -> takeName(future)));
        } else {
            loop.handOver(original.loop(), () -> guarded(() -> finish(future)));
        }
    }

    private boolean isPointless(PartitionLog future) {
        return cancelled || original.isClosed() || original.offlineReason() != null || future.offlineReason() != null;
    }

    private void after(long delayMs) {
        if (delayMs > 0) {
            EventLoop.Timer _ = loop.schedule(() -> guarded(this::step), delayMs);
        } else {
            loop.execute(() -> guarded(this::step));
        }
    }

    /** Copies at most so much; returns how much. */
    private int copyOnce(PartitionLog future) throws IOException {
        LogView view = original.view();
        long start = view.snapshot().logStartOffset();
        if (view.generation() != generation || future.snapshot().logEndOffset() < start) {
            // What was copied is not in the original any more.
            generation = view.generation();
            future.truncateFullyAndStartAt(start);
        }
        long from = future.snapshot().logEndOffset();
        FileSlice slice = original.read(from, CHUNK_BYTES, view.snapshot().logEndOffset(), true, false)
                .records();
        if (slice == null) {
            return 0;
        }
        MemoryRecords records = MemoryRecords.readableRecords(bytesOf(slice));
        long first = records.batchIterator().next().baseOffset();
        if (first < from && future.snapshot().logStartOffset() == from) {
            future.truncateFullyAndStartAt(first); // The original begins within a batch.
        }
        if (future.appendAsFollower(records) instanceof AppendResult.Rejected rejected) {
            throw new IOException(rejected.message());
        }
        LogSnapshot copied = future.snapshot();
        future.advanceHighWatermark(Math.min(view.snapshot().highWatermark(), copied.logEndOffset()));
        future.advanceLogStart(Math.min(start, future.snapshot().highWatermark()));
        return records.sizeInBytes();
    }

    private static ByteBuffer bytesOf(FileSlice slice) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        try {
            while (bytes.hasRemaining()) {
                if (slice.channel().read(bytes, slice.position() + bytes.position()) < 0) {
                    throw new IOException("the log was cut while it was copied");
                }
            }
        } finally {
            slice.release();
        }
        return bytes.flip();
    }

    /** From here on a start of the broker takes the copy for the log, if it has at least as much as the original. */
    private void takeName(PartitionLog future) throws IOException {
        if (isPointless(future)) {
            abandon();
            return;
        }
        Path directory = destination.path().resolve(LogFileNames.directoryName(original.topicPartition()));
        future.flush().whileNothingIsWritten(() -> {
            destination.store().move(future.directory(), directory);
            future.movedTo(destination, directory);
            destination.store().syncDirectory(destination.path());
        });
        named = true;
        step();
    }

    /** On the partition's loop, where the original does not change meanwhile. */
    private void finish(PartitionLog future) throws IOException {
        if (isPointless(future) || original.view().generation() != generation) {
            abandon();
            return;
        }
        while (future.snapshot().logEndOffset() < original.snapshot().logEndOffset() && copyOnce(future) > 0) {
            // until the copy has everything
        }
        takeState(future);
        owner.finished(this, future);
        original.close();
        original.flush().handOver(future.flush());
    }

    /** What cannot be told from the batches alone: epochs without records, producers whose batches are gone. */
    private void takeState(PartitionLog future) {
        future.epochs().clear();
        for (LeaderEpochs.Start start : original.epochs().starts()) {
            future.epochs().assign(start.epoch(), start.startOffset());
        }
        future.producerStates().addMissing(original.producerStates().producers());
        future.advanceHighWatermark(original.snapshot().highWatermark());
        if (original.epochs().latestEpoch() >= 0) {
            future.beginEpoch(original.epochs().latestEpoch());
        }
    }

    private void abandon() {
        cancelled = true;
        owner.abandoned(this);
    }
}

package io.millrace.broker.coordinator;

import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.LogRead;
import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.runtime.EventLoop;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/** A {@link CoordinatorLog} over a partition that this broker leads. */
final class PartitionCoordinatorLog implements CoordinatorLog {
    private static final short ALL = -1;

    private final Partition partition;

    PartitionCoordinatorLog(Partition partition) {
        this.partition = partition;
    }

    @Override
    public EventLoop loop() {
        return partition.loop();
    }

    @Override
    public Appended append(MemoryRecords records, long timeoutMs, CommitListener listener) {
        long baseOffset = partition.snapshot().logEndOffset();
        var attempt = new Attempt(listener);
        partition.append(
                records, AppendOrigin.COORDINATOR, ALL, timeoutMs, (error, message, result) -> attempt.ended(error));
        return attempt.afterCall(baseOffset);
    }

    /** Tells an outcome that is known within the call from one that comes later. */
    private static final class Attempt {
        private final CommitListener listener;
        private boolean returned;
        private @Nullable Errors outcome;

        Attempt(CommitListener listener) {
            this.listener = listener;
        }

        void ended(Errors error) {
            if (returned) {
                listener.ended(error);
            } else {
                outcome = error;
            }
        }

        Appended afterCall(long baseOffset) {
            returned = true;
            if (outcome == null) {
                return new Appended(Errors.NONE, baseOffset, false);
            }
            return outcome == Errors.NONE
                    ? new Appended(Errors.NONE, baseOffset, true)
                    : new Appended(outcome, -1, false);
        }
    }

    @Override
    public long startOffset() {
        return partition.snapshot().logStartOffset();
    }

    @Override
    public long endOffset() {
        return partition.snapshot().logEndOffset();
    }

    @Override
    public long highWatermark() {
        return partition.snapshot().highWatermark();
    }

    @Override
    public MemoryRecords read(long offset, int maxBytes) {
        LogRead read = partition.read(offset, maxBytes, true, false);
        FileSlice slice = read.records();
        if (slice == null) {
            return MemoryRecords.EMPTY;
        }
        try {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            while (bytes.hasRemaining()) {
                if (slice.channel().read(bytes, slice.position() + bytes.position()) < 0) {
                    throw new EOFException(partition.id() + " ends before the records at offset " + offset + " do");
                }
            }
            return MemoryRecords.readableRecords(bytes.flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            slice.release();
        }
    }

    @Override
    public void awaitHighWatermark(long offset, Runnable onChange) {
        // Once the leadership is lost nothing is worth waiting for: whoever waits is closed by the change of role.
        if (partition.leaderError() == Errors.NONE) {
            partition.awaitProgress(offset, onChange);
        }
    }
}

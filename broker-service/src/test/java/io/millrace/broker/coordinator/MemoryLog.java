package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/** A coordinator's log in memory, whose high watermark and failures the test decides. */
public final class MemoryLog implements CoordinatorLog {
    private record Append(long endOffset, CommitListener listener) {}

    private final EventLoop loop;
    private final List<MemoryRecords> batches = new ArrayList<>();
    private final List<Append> uncommitted = new ArrayList<>();
    private final List<Runnable> waiters = new ArrayList<>();
    private long endOffset;
    private long highWatermark;
    /** Whether the high watermark follows the end by itself, as with one replica. */
    private boolean following = true;

    private Errors nextError = Errors.NONE;
    private int appends;

    public MemoryLog(EventLoop loop) {
        this.loop = loop;
    }

    /** The same records on a broker that leads after this one. */
    public MemoryLog copy() {
        var copy = new MemoryLog(loop);
        copy.batches.addAll(batches);
        copy.endOffset = endOffset;
        copy.highWatermark = highWatermark;
        return copy;
    }

    public void failNextAppend(Errors error) {
        nextError = error;
    }

    public void holdHighWatermark() {
        following = false;
    }

    public void releaseHighWatermark() {
        following = true;
        highWatermark = endOffset;
        var committed = List.copyOf(uncommitted);
        uncommitted.clear();
        committed.forEach(append -> append.listener.ended(Errors.NONE));
        var woken = List.copyOf(waiters);
        waiters.clear();
        woken.forEach(Runnable::run);
    }

    /** Ends all waiting appends with an error; their records stay. */
    public void failWaiting(Errors error) {
        var failed = List.copyOf(uncommitted);
        uncommitted.clear();
        failed.forEach(append -> append.listener.ended(error));
    }

    public int appends() {
        return appends;
    }

    public List<Record> records() {
        var records = new ArrayList<Record>();
        batches.forEach(batch -> batch.records().forEach(records::add));
        return records;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public Appended append(MemoryRecords records, long timeoutMs, CommitListener listener) {
        if (nextError != Errors.NONE) {
            Errors error = nextError;
            nextError = Errors.NONE;
            return new Appended(error, -1, false);
        }
        appends++;
        ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer().duplicate()).flip();
        MemoryRecords kept = MemoryRecords.readableRecords(copy);
        long baseOffset = endOffset;
        for (MutableRecordBatch batch : kept.batches()) {
            batch.ensureValid();
            batch.setLastOffset(endOffset + batch.lastOffset() - batch.baseOffset());
            endOffset = batch.nextOffset();
        }
        batches.add(kept);
        if (following) {
            highWatermark = endOffset;
            return new Appended(Errors.NONE, baseOffset, true);
        }
        uncommitted.add(new Append(endOffset, listener));
        return new Appended(Errors.NONE, baseOffset, false);
    }

    @Override
    public long startOffset() {
        return 0;
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public MemoryRecords read(long offset, int maxBytes) {
        for (MemoryRecords batch : batches) {
            MutableRecordBatch only = batch.batches().iterator().next();
            if (only.lastOffset() >= offset && only.lastOffset() < highWatermark) {
                return batch;
            }
        }
        return MemoryRecords.EMPTY;
    }

    @Override
    public void awaitHighWatermark(long offset, Runnable onChange) {
        waiters.add(onChange);
    }
}

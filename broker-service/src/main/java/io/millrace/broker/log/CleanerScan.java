package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Walks the batches of several segments, a slice at a time, checking their checksums. One thread at a time.
 */
final class CleanerScan {

    /** Sees each batch; the bytes are only valid during the call. */
    @FunctionalInterface
    interface Visitor {
        /** Looks at a batch; false to end the whole walk. */
        boolean batch(Segment segment, RecordBatch batch, ByteBuffer bytes) throws IOException;
    }

    /** Few enough for a pause now and then, many enough for reading what a slice's end cut off again not to count. */
    private static final int SLICE_BYTES = 4 << 20;

    private final List<Segment> segments;
    private final ByteBuffer buffer;
    private int segment;
    private int position;

    /** @param buffer what is read at a time; only borrowed during a slice */
    CleanerScan(List<Segment> segments, ByteBuffer buffer) {
        this.segments = segments;
        this.buffer = buffer;
    }

    boolean isDone() {
        return segment == segments.size();
    }

    /**
     * Visits the next batches; how many bytes they had.
     *
     * @throws CorruptLogException there is something else than an intact batch
     */
    int slice(Visitor visitor) throws IOException {
        Segment current = segments.get(segment);
        int start = position;
        boolean[] ended = new boolean[1];
        FileChannel channel = current.file().acquire();
        SegmentScan.Result result;
        try {
            result = SegmentScan.scan(channel, start, current.sizeBytes(), true, buffer, (bytes, at, size, where) -> {
                ended[0] = !visitor.batch(current, BatchLayout.batch(bytes, at, size), bytes.slice(at, size));
                return !ended[0] && where + size - start < SLICE_BYTES;
            });
        } finally {
            current.file().release();
        }
        position = result.endPosition();
        if (result.problem() != null) {
            throw new CorruptLogException(current.paths().log() + " at position " + position + ": " + result.problem());
        }
        if (ended[0]) {
            segment = segments.size();
        } else if (position == current.sizeBytes()) {
            segment++;
            position = 0;
        }
        return result.endPosition() - start;
    }
}

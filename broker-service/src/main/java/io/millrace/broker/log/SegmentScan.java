package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks the batches of a segment's file in big sequential reads: for recovery, for rebuilding indexes and producer state, for searching
 * by time, for compaction. One thread; blocks on the disk.
 */
final class SegmentScan {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final ByteBuffer NONE = ByteBuffer.allocateDirect(0);

    /** Sees each batch; the buffer is only valid during the call and must not be changed. */
    @FunctionalInterface
    interface Visitor {
        /** Looks at a batch; false to stop after it. */
        boolean batch(ByteBuffer buffer, int at, int sizeBytes, int position) throws IOException;
    }

    /**
     * Where the walk ended.
     *
     * @param endPosition after the last whole, accepted batch
     * @param problem what is wrong with the bytes that follow; null when there are none or the visitor stopped
     * @param withinFile whether the bad batch, by its own length, lies wholly within the file: then it is not just a torn end
     */
    record Result(int endPosition, @Nullable String problem, boolean withinFile) {}

    private final FileChannel channel;
    private final int endPosition;
    private final boolean verify;
    private final CRC32C crc = new CRC32C();
    private final int chunkBytes;
    private ByteBuffer buffer;

    /** File position of the buffer's first byte. */
    private int bufferPosition;

    private SegmentScan(FileChannel channel, int endPosition, boolean verify, int chunkBytes, ByteBuffer buffer) {
        this.channel = channel;
        this.endPosition = endPosition;
        this.verify = verify;
        this.chunkBytes = chunkBytes;
        this.buffer = buffer;
    }

    /**
     * Walks from one position to another.
     *
     * @param verify also check every batch's checksum
     */
    static Result scan(FileChannel channel, int fromPosition, int endPosition, boolean verify, Visitor visitor)
            throws IOException {
        return new SegmentScan(channel, endPosition, verify, CHUNK_BYTES, NONE).walk(fromPosition, visitor);
    }

    /** As above, reading as much at a time as the buffer holds, if no batch is larger. */
    static Result scan(
            FileChannel channel, int fromPosition, int endPosition, boolean verify, ByteBuffer buffer, Visitor visitor)
            throws IOException {
        return new SegmentScan(channel, endPosition, verify, buffer.capacity(), buffer.limit(0))
                .walk(fromPosition, visitor);
    }

    private Result walk(int fromPosition, Visitor visitor) throws IOException {
        int position = fromPosition;
        long lastOffset = -1;
        while (position < endPosition) {
            if (!fill(position, BatchLayout.PREFIX_BYTES)) {
                return new Result(position, "a batch header is cut off", false);
            }
            int at = position - bufferPosition;
            long size = BatchLayout.sizeBytes(buffer, at);
            byte magic = BatchLayout.magic(buffer, at);
            int least = magic >= 2 ? BatchLayout.HEADER_BYTES : BatchLayout.MIN_LEGACY_BYTES;
            if (size < least || magic < 0 || magic > 2) {
                return new Result(position, "no batch begins here (length " + size + ", magic " + magic + ")", false);
            }
            if (size > endPosition - position || !fill(position, (int) size)) {
                return new Result(position, "the batch is cut off (length " + size + ")", false);
            }
            at = position - bufferPosition;
            if (verify && !BatchLayout.isIntact(buffer, at, (int) size, crc)) {
                return new Result(position, "the checksum does not match", true);
            }
            if (BatchLayout.lastOffset(buffer, at) <= lastOffset) {
                return new Result(position, "offsets go back to " + BatchLayout.lastOffset(buffer, at), true);
            }
            lastOffset = BatchLayout.lastOffset(buffer, at);
            boolean goOn = visitor.batch(buffer, at, (int) size, position);
            position += (int) size;
            if (!goOn) {
                return new Result(position, null, false);
            }
        }
        return new Result(position, null, false);
    }

    /** Sees to it that the buffer holds so many bytes from a file position on; false when the file ends before. */
    private boolean fill(int position, int bytes) throws IOException {
        int at = position - bufferPosition;
        if (at >= 0 && at + (long) bytes <= buffer.limit()) {
            return true;
        }
        if (bytes > endPosition - position) {
            return false;
        }
        int capacity = Math.max(Math.min(chunkBytes, endPosition - position), bytes);
        if (buffer.capacity() < capacity) {
            buffer = ByteBuffer.allocateDirect(capacity).limit(0);
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), (long) endPosition - position));
        bufferPosition = position;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position + (long) buffer.position());
            if (read < 0) {
                break;
            }
        }
        buffer.flip();
        return buffer.limit() >= bytes;
    }
}

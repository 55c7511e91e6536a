package io.millrace.broker.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a connection receives into frames: a length of four bytes, then as many bytes.
 *
 * <p>It is also what gives Netty the buffers to receive into, so that bytes arrive where the frame will be read from:
 * <pre>
 *   buffer   | frames taken | frame being received ... | room |
 *            0              frameStart                 writerIndex
 * </pre>
 * Frames are views of that buffer. Only the received part of a frame that outgrows its buffer is copied. A buffer that has no
 * bytes to be taken is let go, so an idle connection has none. Owned by the connection's loop.
 */
final class FrameReader extends DefaultMaxMessagesRecvByteBufAllocator {

    private static final int LENGTH_BYTES = 4;
    private static final int MIN_BUFFER_BYTES = 2 << 10;
    private static final int MAX_GUESS_BYTES = 1 << 20;

    /** Up to this size a buffer for a frame is allocated on its word. */
    private static final int TRUSTED_BYTES = 64 << 10;

    /** Beyond, it is at most this much larger than what was received, so that a claimed length costs its sender bytes. */
    private static final int MAX_GROWTH = 4;

    private static final int SHRINK_AFTER = 16;

    private final int frameMaxBytes;
    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf buffer;
    private int frameStart;
    private int frameBytes;
    private int guessBytes = MIN_BUFFER_BYTES;
    private int wastefulBuffers;

    FrameReader(ByteBufAllocator allocator, int frameMaxBytes) {
        this.allocator = allocator;
        this.frameMaxBytes = frameMaxBytes;
    }

    /** Takes bytes that Netty read; usually they are in the buffer already. */
    @SuppressWarnings("ReferenceEquality") // buffers are equal when their bytes are
    void received(ByteBuf bytes) {
        if (bytes != buffer) {
            roomFor(bytes.readableBytes()).writeBytes(bytes);
        }
        bytes.release();
    }

    /**
     * The next complete frame, without its length; null if there is none yet. It is valid while {@link #holder} is retained, else
     * until the next call.
     */
    @Nullable
    ByteBuffer next() throws MalformedFrameException {
        ByteBuf bytes = buffer;
        if (bytes == null) {
            return null;
        }
        frameStart += frameBytes;
        frameBytes = 0;
        int received = bytes.writerIndex() - frameStart;
        if (received == 0) {
            letGo(bytes);
            return null;
        }
        if (received < LENGTH_BYTES) {
            return null;
        }
        int length = bytes.getInt(frameStart);
        if (length < 0 || length > frameMaxBytes) {
            throw new MalformedFrameException(
                    length < 0
                            ? "a frame says it has " + length + " bytes"
                            : "a frame of " + length + " bytes is larger than socket.request.max.bytes ("
                                    + frameMaxBytes + ")");
        }
        if (received - LENGTH_BYTES < length) {
            int whole = LENGTH_BYTES + length;
            if (bytes.capacity() - frameStart < whole) {
                growFor(whole, received);
            }
            return null;
        }
        frameBytes = LENGTH_BYTES + length;
        learn(frameBytes);
        return bytes.nioBuffer(frameStart + LENGTH_BYTES, length);
    }

    /** The buffer that the last frame lies in. */
    ByteBuf holder() {
        if (buffer == null) {
            throw new IllegalStateException("there is no frame to hold");
        }
        return buffer;
    }

    /** Forgets what was received. */
    void close() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }

    @Override
    public MaxMessageHandle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return guessBytes;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator preferred) {
                // One reference is the reader's, one is Netty's and comes back with received().
                return roomFor(1).retain();
            }
        };
    }

    private ByteBuf roomFor(int bytes) {
        ByteBuf current = buffer;
        if (current == null) {
            current = allocator.directBuffer(Math.max(guessBytes, bytes));
            buffer = current;
            frameStart = 0;
            frameBytes = 0;
        } else if (current.writableBytes() < bytes) {
            // Full but not taken: a frame's first bytes at the end of a buffer, or a connection that is not to be
            // served now.
            frameStart += frameBytes;
            frameBytes = 0;
            int kept = current.writerIndex() - frameStart;
            current = moveTo(Math.max(guessBytes, Math.max(kept + bytes, kept * 2)));
        }
        return current;
    }

    private void growFor(int wholeBytes, int receivedBytes) {
        long allowed = Math.max(TRUSTED_BYTES, (long) receivedBytes * MAX_GROWTH);
        int size = (int) Math.min(wholeBytes, allowed);
        ByteBuf current = holder();
        if (size > current.capacity() - frameStart) {
            moveTo(size);
        }
    }

    private ByteBuf moveTo(int sizeBytes) {
        ByteBuf from = holder();
        ByteBuf to = allocator.directBuffer(sizeBytes);
        to.writeBytes(from, frameStart, from.writerIndex() - frameStart);
        from.release();
        buffer = to;
        frameStart = 0;
        return to;
    }

    private void letGo(ByteBuf bytes) {
        int used = bytes.writerIndex();
        if (used >= bytes.capacity()) {
            learn(Math.min(used * 2, TRUSTED_BYTES));
        } else if (used < guessBytes / 4 && ++wastefulBuffers >= SHRINK_AFTER) {
            guessBytes = Math.max(MIN_BUFFER_BYTES, guessBytes / 2);
            wastefulBuffers = 0;
        }
        bytes.release();
        buffer = null;
    }

    /** The next buffers should have room for {@code bytes}, with some to spare for frames that are slightly longer. */
    private void learn(int bytes) {
        int wanted = (int) Math.min(MAX_GUESS_BYTES, bytes + (long) bytes / 8);
        if (wanted > guessBytes) {
            guessBytes = wanted;
            wastefulBuffers = 0;
        }
    }
}

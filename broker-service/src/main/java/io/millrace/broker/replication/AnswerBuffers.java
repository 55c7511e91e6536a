package io.millrace.broker.replication;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.IntFunction;
import org.apache.kafka.common.memory.MemoryPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory outside of the heap for the large answers of leaders, used again and again: their records go from the socket to the file
 * without being copied on the way, and nobody has to clear or collect what they were in. Any thread. Bound: {@link #MOST} buffers; an
 * answer that finds none, or is larger than they are, gets memory on the heap.
 */
final class AnswerBuffers {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerBuffers.class);

    /** One for each loop and some that are being filled; with the default size of an answer 40 MB. */
    private static final int MOST = 4;

    private static final int MOST_BYTES = 16 << 20;

    /** Smaller ones are not worth keeping a buffer from others. */
    static final int LEAST_ANSWER_BYTES = 128 << 10;

    /** What an answer has beside the records that it was asked to be limited to. */
    private static final int OVERHEAD_BYTES = 64 << 10;

    private final int sizeBytes;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final IntFunction<ByteBuffer> memory;
    private int made;

    /** @param answerMaxBytes {@code replica.fetch.response.max.bytes} */
    AnswerBuffers(int answerMaxBytes) {
        this(answerMaxBytes, ByteBuffer::allocateDirect);
    }

    AnswerBuffers(int answerMaxBytes, IntFunction<ByteBuffer> memory) {
        this.memory = memory;
        this.sizeBytes = Math.min(answerMaxBytes, MOST_BYTES - OVERHEAD_BYTES) + OVERHEAD_BYTES;
    }

    private synchronized @Nullable ByteBuffer take() {
        ByteBuffer next = free.poll();
        if (next == null && made < MOST) {
            next = make();
        }
        return next;
    }

    private @Nullable ByteBuffer make() {
        try {
            ByteBuffer buffer = memory.apply(sizeBytes);
            made++;
            return buffer;
        } catch (OutOfMemoryError e) {
            made = MOST;
            LOG.warn(
                    "There are no {} bytes outside of the heap for what leaders answer; it is received on the heap, which takes more of the processors. More can be had by -XX:MaxDirectMemorySize",
                    sizeBytes,
                    e);
            return null;
        }
    }

    private synchronized void giveBack(ByteBuffer buffer) {
        free.push(buffer);
    }

    /** What one connection takes its memory from: at most one buffer at a time. The connection's thread. */
    final class OfConnection implements MemoryPool {

        private @Nullable ByteBuffer taken;

        /** The part of it that the network client knows. */
        private @Nullable ByteBuffer given;

        @Override
        public ByteBuffer tryAllocate(int bytes) {
            if (bytes >= LEAST_ANSWER_BYTES && bytes <= sizeBytes && taken == null) {
                ByteBuffer buffer = take();
                if (buffer != null) {
                    ByteBuffer part = buffer.slice(0, bytes);
                    taken = buffer;
                    given = part;
                    return part;
                }
            }
            return ByteBuffer.allocate(bytes);
        }

        /** From the network client, for what it has received in part and nobody will see. */
        @Override
        @SuppressWarnings("ReferenceEquality") // equal content says nothing about whose memory it is
        public void release(ByteBuffer buffer) {
            if (buffer == given) {
                release();
            }
        }

        /** Nobody reads the last answer any more. */
        void release() {
            ByteBuffer buffer = taken;
            if (buffer != null) {
                taken = null;
                given = null;
                giveBack(buffer);
            }
        }

        @Override
        public long size() {
            return Long.MAX_VALUE;
        }

        @Override
        public long availableMemory() {
            return Long.MAX_VALUE;
        }

        @Override
        public boolean isOutOfMemory() {
            return false;
        }
    }
}

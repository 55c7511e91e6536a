package io.millrace.broker.network;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ByteBufferAccessor;

/**
 * A frame as Kafka's generated messages read it, with a bound on how many objects they make of it.
 *
 * <p>They check a collection's length against {@link #remaining()} before they allocate it, but a collection of empty elements
 * takes a hundred times its bytes on the heap. So no collection may have more than {@value #MAX_ELEMENTS} elements, and a request not
 * more than {@value #MAX_READS} fields; a fetch of 100,000 partitions has 700,000.
 */
final class FrameReadable extends ByteBufferAccessor {

    static final int MAX_ELEMENTS = 1_000_000;
    static final int MAX_READS = 4_000_000;

    private int reads;

    FrameReadable(ByteBuffer frame) {
        super(frame);
    }

    @Override
    public int remaining() {
        return Math.min(super.remaining(), MAX_ELEMENTS);
    }

    @Override
    public byte readByte() {
        count();
        return super.readByte();
    }

    @Override
    public short readShort() {
        count();
        return super.readShort();
    }

    @Override
    public int readInt() {
        count();
        return super.readInt();
    }

    @Override
    public long readLong() {
        count();
        return super.readLong();
    }

    @Override
    public int readUnsignedVarint() {
        count();
        return super.readUnsignedVarint();
    }

    private void count() {
        if (++reads > MAX_READS) {
            throw new IllegalArgumentException("more than " + MAX_READS + " fields in one request");
        }
    }
}

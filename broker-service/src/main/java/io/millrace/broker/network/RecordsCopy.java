package io.millrace.broker.network;

import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.BaseRecords;

/** A channel into a buffer: how records of the raft engine, which only know how to send themselves, become bytes. */
final class RecordsCopy implements TransferableChannel {

    private final ByteBuf to;

    private RecordsCopy(ByteBuf to) {
        this.to = to;
    }

    /** Writes {@code records} to {@code to}, which has room for them. */
    static void copy(BaseRecords records, ByteBuf to) throws IOException {
        RecordsCopy channel = new RecordsCopy(to);
        Send send = records.toSend();
        while (!send.completed()) {
            if (send.writeTo(channel) <= 0) {
                throw new EOFException("records of " + records.sizeInBytes() + " bytes ended early");
            }
        }
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) throws IOException {
        return to.writeBytes(file, position, (int) count);
    }

    @Override
    public int write(ByteBuffer bytes) {
        int count = bytes.remaining();
        to.writeBytes(bytes);
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}

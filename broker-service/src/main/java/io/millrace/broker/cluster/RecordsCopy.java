package io.millrace.broker.cluster;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.TransferableRecords;

/**
 * Bytes of the metadata log or of a snapshot, taken out of their file: the raft client answers with ranges of files that it may
 * close, and they are small (at most {@code controller.quorum.fetch.max.bytes}).
 */
final class RecordsCopy implements TransferableChannel {

    private final ByteBuffer bytes;

    private RecordsCopy(int sizeBytes) {
        this.bytes = ByteBuffer.allocate(sizeBytes);
    }

    /** The bytes as they are; a snapshot's range may begin and end inside a batch. */
    static MemoryRecords of(TransferableRecords records) {
        RecordsCopy copy = new RecordsCopy(records.sizeInBytes());
        try {
            int position = 0;
            while (copy.bytes.hasRemaining()) {
                int written = records.writeTo(copy, position, copy.bytes.remaining());
                if (written <= 0) {
                    throw new EOFException("metadata file ended " + copy.bytes.remaining() + " bytes early");
                }
                position += written;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return MemoryRecords.readableRecords(copy.bytes.flip());
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) throws IOException {
        ByteBuffer target = bytes.duplicate();
        target.limit((int) Math.min(target.limit(), target.position() + count));
        int read = file.read(target, position);
        if (read > 0) {
            bytes.position(bytes.position() + read);
        }
        return read;
    }

    @Override
    public int write(ByteBuffer source) {
        int size = source.remaining();
        bytes.put(source);
        return size;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long size = 0;
        for (int i = offset; i < offset + length; i++) {
            size += write(sources[i]);
        }
        return size;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}

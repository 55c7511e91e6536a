package io.millrace.broker.protocol;

import java.nio.channels.FileChannel;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Record batches that lie in a file: a range of a segment, sent to the socket without entering the process.
 *
 * <p>Whoever receives one owns it and calls {@link #release()} exactly once, on any thread, after the bytes have left or when they
 * are not needed; until then the file stays open even if its segment is deleted.
 */
public abstract class FileSlice implements BaseRecords {

    /** The open file; reads with explicit positions only. */
    public abstract FileChannel channel();

    /** Position of the first byte in the file. */
    public abstract long position();

    @Override
    public abstract int sizeInBytes();

    /** Gives the file back; exactly once. */
    public abstract void release();

    /** Not used: the network writes slices itself. */
    @Override
    public final RecordsSend<? extends BaseRecords> toSend() {
        throw new IllegalStateException("file slices are written by the network package, not by a Kafka Send");
    }
}

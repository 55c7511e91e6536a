package io.millrace.broker.network;

import io.millrace.broker.protocol.FileSlice;
import io.netty.channel.DefaultFileRegion;

/** A file slice on its way to the socket by sendfile; gives the slice back when it has left or will not leave. */
final class FileSliceRegion extends DefaultFileRegion {

    private final FileSlice slice;

    FileSliceRegion(FileSlice slice) {
        super(slice.channel(), slice.position(), slice.sizeInBytes());
        this.slice = slice;
    }

    @Override
    protected void deallocate() {
        // The file belongs to the log: Netty's own deallocate would close it.
        slice.release();
    }
}

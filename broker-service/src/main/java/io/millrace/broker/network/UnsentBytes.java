package io.millrace.broker.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/** Counts what a connection has yet to send; bytes in files count too, as a client that does not read them holds the files open. */
final class UnsentBytes implements MessageSizeEstimator, MessageSizeEstimator.Handle {

    static final UnsentBytes INSTANCE = new UnsentBytes();

    private UnsentBytes() {}

    @Override
    public Handle newHandle() {
        return this;
    }

    @Override
    public int size(Object message) {
        return switch (message) {
            case ByteBuf bytes -> bytes.readableBytes();
            case FileRegion file -> (int) Math.min(Integer.MAX_VALUE, file.count());
            default -> throw new IllegalArgumentException("a response does not consist of " + message.getClass());
        };
    }
}

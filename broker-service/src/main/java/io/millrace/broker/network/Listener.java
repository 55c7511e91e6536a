package io.millrace.broker.network;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A listener's socket, and who takes the requests that come in by it. */
final class Listener {

    private final ListenerConfig config;
    private final Acceptor acceptor;
    private volatile @Nullable Service service;
    private volatile @Nullable Channel socket;

    /** What is served here: set before the first connection is let in. */
    record Service(RequestDecoder decoder, RequestReceiver receiver) {}

    Listener(ListenerConfig config, ConnectionLimits limits) {
        this.config = config;
        this.acceptor = new Acceptor(config, limits);
    }

    ListenerConfig config() {
        return config;
    }

    Service service() {
        Service current = service;
        if (current == null) {
            throw new IllegalStateException("listener " + config.name().value() + " does not take requests yet");
        }
        return current;
    }

    /** Binds the socket, which lets nobody in yet. */
    void bind(ServerBootstrap bootstrap) throws IOException {
        String host = config.host();
        InetSocketAddress address = host == null || host.isEmpty()
                ? new InetSocketAddress(config.port())
                : new InetSocketAddress(InetAddress.getByName(host), config.port());
        ChannelFuture bound = bootstrap.handler(acceptor).bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw new IOException(
                    "listener " + config.name().value() + " cannot bind to "
                            + address.getAddress().getHostAddress() + ":" + config.port() + ": " + reason(cause),
                    cause);
        }
        socket = bound.channel();
    }

    /** Without the name and number of the system call that Netty puts before it. */
    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.substring(message.lastIndexOf("): ") < 0 ? 0 : message.lastIndexOf("): ") + 3);
    }

    int port() {
        return ((InetSocketAddress) socket().localAddress()).getPort();
    }

    void accept(RequestDecoder decoder, RequestReceiver receiver) {
        service = new Service(decoder, receiver);
        acceptor.start(socket());
    }

    /** Stops listening; connections stay. */
    void close() {
        Channel bound = socket;
        if (bound != null) {
            bound.close().awaitUninterruptibly();
        }
    }

    private Channel socket() {
        Channel bound = socket;
        if (bound == null) {
            throw new IllegalStateException("listener " + config.name().value() + " is not bound");
        }
        return bound;
    }
}

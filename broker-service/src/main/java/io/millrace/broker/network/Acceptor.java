package io.millrace.broker.network;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets connections in by a listener's socket, within the limits. Owned by that socket's loop, but for {@link #resume}. */
final class Acceptor extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /** How long to leave a socket alone after it failed to accept, as when the process has no file descriptors left. */
    private static final long PAUSE_AFTER_FAILURE_MS = 1_000;

    private final ListenerConfig listener;
    private final ConnectionLimits limits;
    private volatile @Nullable Channel socket;
    private boolean delayed;

    Acceptor(ListenerConfig listener, ConnectionLimits limits) {
        this.listener = listener;
        this.limits = limits;
    }

    /** Begins to let connections in. Any thread. */
    void start(Channel bound) {
        socket = bound;
        bound.eventLoop().execute(this::acceptIfAllowed);
    }

    /** Tries again after connections have ended. Any thread. */
    void resume() {
        Channel bound = socket;
        if (bound != null) {
            bound.eventLoop().execute(this::acceptIfAllowed);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel connection = (Channel) message;
        InetAddress address = ((InetSocketAddress) connection.remoteAddress()).getAddress();
        if (!limits.opened(address)) {
            log.info(
                    "Rejected connection from {} on listener {}: the address already has the configured maximum of {}"
                            + " connections (max.connections.per.ip)",
                    address,
                    listener.name().value(),
                    limits.limit(address));
            connection.unsafe().closeForcibly();
            return;
        }
        Future<?> _ = connection.closeFuture().addListener(closed -> limits.closed(address));
        ctx.fireChannelRead(connection);
        long delayMs = limits.delayAfterNewMs();
        if (delayMs > 0) {
            pause(ctx.channel(), delayMs);
        } else if (limits.full(this)) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.error(
                "Listener {} cannot accept connections for a while: {}",
                listener.name().value(),
                cause.toString());
        pause(ctx.channel(), PAUSE_AFTER_FAILURE_MS);
    }

    private void pause(Channel bound, long timeMs) {
        if (delayed) {
            return;
        }
        delayed = true;
        bound.config().setAutoRead(false);
        Future<?> _ = bound.eventLoop()
                .schedule(
                        () -> {
                            delayed = false;
                            acceptIfAllowed();
                        },
                        timeMs,
                        TimeUnit.MILLISECONDS);
    }

    private void acceptIfAllowed() {
        Channel bound = socket;
        if (bound != null && bound.isOpen() && !delayed && !limits.full(this)) {
            limits.stopWaiting(this);
            bound.config().setAutoRead(true);
        }
    }
}

package io.millrace.broker.network;

import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.EventLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: its requests in, their responses out in the same order.
 *
 * <p>Reading stops while too many requests are unanswered, while the client does not take its responses, while it is muted; what it
 * sends then stays in the socket. So does what comes while the requests of all connections take more than they may. Owned by its loop; only {@link #run} is for other threads.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private final String id;
    private final Listener listener;
    private final LoopConnections siblings;
    private final Channel channel;
    private final InetAddress address;
    private final FrameReader frames;

    private final ArrayDeque<Exchange> unanswered = new ArrayDeque<>(4);
    private long unansweredBytes;
    private String softwareName = "";
    private int mutes;
    private boolean taking;
    private boolean reading;
    private boolean flushing;
    private boolean ending;
    private boolean closed;
    private long lastActiveNs;

    Connection(
            String id,
            Listener listener,
            LoopConnections siblings,
            Channel channel,
            InetAddress address,
            FrameReader frames) {
        this.id = id;
        this.listener = listener;
        this.siblings = siblings;
        this.channel = channel;
        this.address = address;
        this.frames = frames;
        this.lastActiveNs = siblings.nowNs();
    }

    String id() {
        return id;
    }

    void introduced(String newSoftwareName) {
        softwareName = newSoftwareName;
    }

    String softwareName() {
        return softwareName;
    }

    ListenerConfig listener() {
        return listener.config();
    }

    NettyEventLoop loop() {
        return siblings.loop();
    }

    /** Runs a task on the loop, at once when called there; false if the loop has ended. Any thread. */
    boolean run(Runnable task) {
        if (loop().inLoop()) {
            task.run();
            return true;
        }
        try {
            loop().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            log.debug("{}: the broker stops before a request is answered", id, e);
            return false;
        }
    }

    /** Whether nothing has happened since {@code sinceNs} and nothing is expected from this side. */
    boolean idleSince(long sinceNs) {
        return unanswered.isEmpty() && lastActiveNs - sinceNs < 0;
    }

    void closeIdle() {
        log.debug("Closing connection {}: idle", id);
        disconnect();
    }

    /** Closes the connection at once, saying why. */
    void fail(String reason) {
        if (!closed && !ending) {
            log.warn("Closing connection {}: {}", id, reason);
            ending = true;
            disconnect();
        }
    }

    /** Takes no requests for a while. */
    void mute(long timeMs) {
        if (closed || timeMs <= 0) {
            return;
        }
        mutes++;
        EventLoop.Timer _ = loop().schedule(
                        () -> {
                            mutes--;
                            take();
                        },
                        timeMs);
    }

    /** Sends the answers that are there and whose turn it is. */
    void answered() {
        long nowNs = siblings.nowNs();
        Exchange head = unanswered.peekFirst();
        while (head != null && head.done()) {
            unanswered.removeFirst();
            unansweredBytes -= head.sizeBytes();
            siblings.queued().remove(head.sizeBytes());
            siblings.times().answered(head.apiKey(), nowNs - head.receivedNs(), head.sizeBytes());
            ApiMessage response = head.response();
            if (response != null) {
                send(head, response);
            }
            head = unanswered.peekFirst();
        }
        lastActiveNs = nowNs;
        if (ending && !closed && unanswered.isEmpty()) {
            closeAfterWriting();
        } else if (!taking) {
            take();
        }
    }

    void flush() {
        flushing = false;
        channel.flush();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        siblings.add(this);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!closed) {
            closed = true;
            frames.close();
            siblings.remove(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        reading = true;
        frames.received((ByteBuf) bytes);
        if (closed || ending) {
            frames.close();
        } else if (paused()) {
            // Only now, when there is something that should have stayed in the socket: most pauses end before.
            channel.config().setAutoRead(false);
        } else {
            take();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        lastActiveNs = siblings.nowNs();
        if (flushing) {
            flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        lastActiveNs = siblings.nowNs();
        if (!taking) {
            take();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            // The peer went away, which is its right.
            log.debug("Closing connection {}", id, cause);
            disconnect();
        } else if (!closed) {
            log.error("Closing connection {}: its handling failed", id, cause);
            ending = true;
            disconnect();
        }
    }

    /** Takes requests that were received, as many as may be under way. */
    void take() {
        taking = true;
        try {
            ByteBuffer frame = paused() ? null : frames.next();
            while (frame != null) {
                take(frame);
                frame = paused() ? null : frames.next();
            }
        } catch (MalformedFrameException e) {
            endWith(e.getMessage());
        } finally {
            taking = false;
        }
        if (!channel.config().isAutoRead() && !paused()) {
            channel.config().setAutoRead(true);
        }
    }

    private void take(ByteBuffer frame) throws MalformedFrameException {
        int sizeBytes = frame.remaining();
        Listener.Service service = listener.service();
        RequestHeader header = service.decoder().header(frame, listener.config().type());
        ApiMessage body = service.decoder().body(header, frame);
        ClientContext client = new ClientContext(
                header.clientId(),
                KafkaPrincipal.ANONYMOUS,
                address,
                listener.config().name(),
                header.apiVersion(),
                header.correlationId());
        // Only these requests have fields that are views of the frame; a waiting fetch holds no buffer.
        ByteBuf holder =
                header.apiKey().requiresDelayedAllocation ? frames.holder().retain() : null;
        Exchange exchange = new Exchange(this, header, body, client, sizeBytes, siblings.nowNs(), holder);
        Exchange before = unanswered.peekLast();
        unanswered.addLast(exchange);
        unansweredBytes += sizeBytes;
        siblings.queued().add(sizeBytes);
        try {
            if (before != null) {
                before.followed();
            }
            service.receiver().receive(exchange);
        } catch (RuntimeException e) {
            exchange.abandon();
            log.error("Closing connection {}: the handler of {} failed", id, header, e);
            ending = true;
            disconnect();
        }
    }

    /** Nothing that follows can be understood; what came before is still answered. */
    private void endWith(@Nullable String reason) {
        log.warn("Closing connection {}: {}", id, reason);
        ending = true;
        frames.close();
        if (unanswered.isEmpty()) {
            closeAfterWriting();
        }
    }

    private void closeAfterWriting() {
        ChannelFuture _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void disconnect() {
        ChannelFuture _ = channel.close();
    }

    private void send(Exchange exchange, ApiMessage response) {
        if (closed) {
            ResponseEncoder.release(response);
            return;
        }
        try {
            ResponseEncoder.write(channel, exchange.header(), response);
        } catch (RuntimeException e) {
            log.error("Closing connection {}: the response to {} cannot be written", id, exchange.header(), e);
            ending = true;
            disconnect();
            return;
        }
        if (!flushing) {
            flushing = true;
            if (!reading) {
                siblings.flushSoon(this);
            }
        }
    }

    private boolean paused() {
        if (ending
                || closed
                || mutes > 0
                || unanswered.size() >= NetworkConfig.MAX_IN_FLIGHT_REQUESTS
                || unansweredBytes >= NetworkConfig.MAX_IN_FLIGHT_BYTES
                || !channel.isWritable()) {
            return true;
        }
        if (siblings.queued().full()) {
            siblings.awaitRoom(this);
            return true;
        }
        return false;
    }
}

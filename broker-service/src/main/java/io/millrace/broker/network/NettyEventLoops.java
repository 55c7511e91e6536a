package io.millrace.broker.network;

import io.millrace.broker.runtime.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker's event loops over Netty: epoll where there is one, else Java's selectors. Connections and partitions share them. */
public final class NettyEventLoops implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NettyEventLoops.class);
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    private final EventLoopGroup group;
    private final EventLoops loops;
    private final IdentityHashMap<EventExecutor, NettyEventLoop> byNetty = new IdentityHashMap<>();

    /** Starts {@code count} loops; 0 for as many as there are processors. Their threads start with their first task. */
    public NettyEventLoops(int count) {
        int threads = count > 0 ? count : Runtime.getRuntime().availableProcessors();
        IoHandlerFactory io = epoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("loop"), io) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
                return new TurnTakingLoop(this, executor, factory);
            }
        };
        for (EventExecutor executor : group) {
            byNetty.put(executor, new NettyEventLoop(byNetty.size(), (io.netty.channel.EventLoop) executor));
        }
        List<NettyEventLoop> ordered = new ArrayList<>(byNetty.values());
        ordered.sort((a, b) -> Integer.compare(a.index(), b.index()));
        loops = new EventLoops(List.copyOf(ordered));
    }

    public EventLoops loops() {
        return loops;
    }

    /** Ends the loops after the tasks that they have; tasks sent later are refused. Close servers first. */
    @Override
    public void close() {
        if (!group.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_MS)) {
            log.warn("Event loops did not end within {} ms; a task on one of them does not return", CLOSE_TIMEOUT_MS);
        }
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannelType() {
        return epoll() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    NettyEventLoop of(io.netty.channel.EventLoop netty) {
        NettyEventLoop loop = byNetty.get(netty);
        if (loop == null) {
            throw new IllegalStateException("a channel lives on a loop that is not the broker's: " + netty);
        }
        return loop;
    }

    private static boolean epoll() {
        return Epoll.isAvailable();
    }
}

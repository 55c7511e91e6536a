package io.millrace.broker.network;

import io.millrace.broker.protocol.ServedApis;
import io.millrace.broker.runtime.Clock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * The listeners of this process and every connection on them.
 *
 * <p>Life: construct, {@link #start} binds the sockets so that their ports are known, {@link #accept} opens a listener for
 * requests (until then clients wait in the backlog), {@link #close}. Not for concurrent use.
 */
public final class Server implements AutoCloseable {

    /** Bytes of responses that wait for the client to read them; at the first a connection's requests are left in the socket. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(256 << 10, 1 << 20);

    private final NettyEventLoops loops;
    private final NetworkConfig config;
    private final Map<ListenerName, Listener> listeners = new LinkedHashMap<>();
    private final List<LoopConnections> connections;
    private final List<Consumer<String>> observers = new CopyOnWriteArrayList<>();
    private final AtomicLong connectionNumbers = new AtomicLong();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /** Refuses listeners with a security protocol that is not there yet; opens nothing. */
    public Server(NettyEventLoops loops, List<ListenerConfig> listeners, NetworkConfig config, Clock clock) {
        this.loops = loops;
        this.config = config;
        ConnectionLimits limits = new ConnectionLimits(config, clock);
        for (ListenerConfig listener : listeners) {
            if (listener.securityProtocol() != SecurityProtocol.PLAINTEXT) {
                throw new IllegalArgumentException("listener " + listener.name().value() + ": security protocol "
                        + listener.securityProtocol() + " is not served yet; use PLAINTEXT");
            }
            if (this.listeners.put(listener.name(), new Listener(listener, limits)) != null) {
                throw new IllegalArgumentException("there are two listeners with the name "
                        + listener.name().value());
            }
        }
        QueuedBytes queued = new QueuedBytes(config.queuedMaxRequestBytes());
        connections = loops.loops().loops().stream()
                .map(loop ->
                        new LoopConnections((NettyEventLoop) loop, clock, config.maxIdleMs(), queued, this::closed))
                .toList();
        queued.waiters(connections);
    }

    /** Binds every listener. On failure nothing stays bound and the message names the listener, its address and the reason. */
    public void start() throws IOException {
        try {
            for (Listener listener : listeners.values()) {
                listener.bind(bootstrap(listener));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The port that a listener is bound to. */
    public int port(ListenerName listener) {
        return listener(listener).port();
    }

    /** Lets connections in and gives their requests to {@code receiver}; a request for an API that is not served ends its connection. */
    public void accept(ListenerName listener, ServedApis served, RequestReceiver receiver) {
        listener(listener).accept(new RequestDecoder(served), receiver);
    }

    /** Calls {@code closed} with the {@link Request#connectionId} of each connection that ends, on its loop. Before {@link #accept}. */
    public void onConnectionClosed(Consumer<String> closed) {
        observers.add(closed);
    }

    /** Stops listening and closes every connection; unanswered requests are dropped. Returns when the sockets are closed. */
    @Override
    public void close() {
        listeners.values().forEach(Listener::close);
        channels.close().awaitUninterruptibly();
    }

    private ServerBootstrap bootstrap(Listener listener) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, config.backlog())
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, UnsentBytes.INSTANCE)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connect(listener, channel);
                    }
                });
        if (config.receiveBufferBytes() >= 0) {
            bootstrap.option(ChannelOption.SO_RCVBUF, config.receiveBufferBytes());
        }
        if (config.sendBufferBytes() >= 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, config.sendBufferBytes());
        }
        return bootstrap;
    }

    private void connect(Listener listener, Channel channel) {
        LoopConnections siblings = connections.get(loops.of(channel.eventLoop()).index());
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        FrameReader frames = new FrameReader(channel.alloc(), config.requestMaxBytes());
        channel.config().setRecvByteBufAllocator(frames);
        channels.add(channel);
        channel.pipeline()
                .addLast(new Connection(
                        id(local, remote, siblings), listener, siblings, channel, remote.getAddress(), frames));
    }

    /** Kafka's form: local address, remote address, which loop, which connection. */
    private String id(InetSocketAddress local, InetSocketAddress remote, LoopConnections siblings) {
        return local.getAddress().getHostAddress() + ":" + local.getPort() + "-"
                + remote.getAddress().getHostAddress() + ":" + remote.getPort() + "-"
                + siblings.loop().index() + "-" + connectionNumbers.getAndIncrement();
    }

    int connectionCount() {
        return channels.size();
    }

    /** One a loop. */
    List<RequestTimes> requestTimes() {
        return connections.stream().map(LoopConnections::times).toList();
    }

    private void closed(String connectionId) {
        for (Consumer<String> observer : observers) {
            observer.accept(connectionId);
        }
    }

    private Listener listener(ListenerName name) {
        Listener listener = listeners.get(name);
        if (listener == null) {
            throw new IllegalArgumentException(
                    "there is no listener " + name.value() + "; there are " + new ArrayList<>(listeners.keySet()));
        }
        return listener;
    }
}

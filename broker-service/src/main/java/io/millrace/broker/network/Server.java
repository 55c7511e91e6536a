package io.millrace.broker.network;

import io.millrace.broker.protocol.ServedApis;
import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.network.ListenerName;

/**
 * The listeners of this process and every connection on them.
 *
 * <p>Life: construct, {@link #start} binds the sockets so that their ports are known, {@link #accept} opens a listener for
 * requests (until then clients wait in the backlog), {@link #close}. Not for concurrent use, apart from what says so.
 */
public final class Server implements AutoCloseable {

    /** Refuses listeners with a security protocol that is not there yet; opens nothing. */
    public Server(
            NettyEventLoops loops,
            List<ListenerConfig> listeners,
            NetworkConfig config,
            ServedApis served,
            Clock clock) {}

    /** Binds every listener. On failure nothing stays bound and the message names the listener, its address and the reason. */
    public void start() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The port that a listener is bound to. */
    public int port(ListenerName listener) {
        throw new UnsupportedOperationException();
    }

    /** Lets connections in and gives their requests to {@code receiver}. */
    public void accept(ListenerName listener, RequestReceiver receiver) {
        throw new UnsupportedOperationException();
    }

    /** Calls {@code closed} with the {@link Request#connectionId} of each connection that ends, on its loop. Before {@link #accept}. */
    public void onConnectionClosed(Consumer<String> closed) {
        throw new UnsupportedOperationException();
    }

    /** Stops listening and closes every connection; unanswered requests are dropped. Returns when the sockets are closed. */
    @Override
    public void close() {}
}

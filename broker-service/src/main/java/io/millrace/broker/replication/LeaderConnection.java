package io.millrace.broker.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelBuilders;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/** One connection to one leader, over Kafka's own network client. Belongs to one thread; {@link #wakeup} may come from any. */
final class LeaderConnection implements AutoCloseable {

    private static final long RECONNECT_BACKOFF_MS = 20;
    /** Low, so that a leader that has come back is found again soon. */
    private static final long RECONNECT_BACKOFF_MAX_MS = 500;

    private final KafkaClient client;
    private final int requestTimeoutMs;
    private @Nullable Node connectedTo;

    LeaderConnection(FetcherConfig config, String name, Metrics metrics, LogContext logContext) {
        this.requestTimeoutMs = config.requestTimeoutMs();
        ChannelBuilder channels = ChannelBuilders.clientChannelBuilder(
                config.protocol(),
                JaasContext.Type.SERVER,
                config.values(),
                config.listener(),
                config.values().getString("sasl.mechanism.inter.broker.protocol"),
                Time.SYSTEM,
                logContext);
        Selector selector = new Selector(
                NetworkReceive.UNLIMITED,
                config.values().getLong("connections.max.idle.ms"),
                metrics,
                Time.SYSTEM,
                name,
                Map.of(),
                false,
                channels,
                logContext);
        this.client = new NetworkClient(
                selector,
                new ManualMetadataUpdater(),
                name,
                1,
                RECONNECT_BACKOFF_MS,
                RECONNECT_BACKOFF_MAX_MS,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                config.receiveBufferBytes(),
                config.requestTimeoutMs(),
                config.values().getLong("socket.connection.setup.timeout.ms"),
                config.values().getLong("socket.connection.setup.timeout.max.ms"),
                Time.SYSTEM,
                true,
                new ApiVersions(),
                logContext,
                MetadataRecoveryStrategy.NONE);
    }

    /** Whether a request may be sent; else connects. The leader may have come back at another address. */
    boolean ready(Node leader, long nowMs) {
        Node before = connectedTo;
        if (before != null && (!before.host().equals(leader.host()) || before.port() != leader.port())) {
            disconnect();
        }
        connectedTo = leader;
        return client.ready(leader, nowMs);
    }

    long delayMs(Node leader, long nowMs) {
        return client.pollDelayMs(leader, nowMs);
    }

    void send(Node leader, AbstractRequest.Builder<?> request, RequestCompletionHandler handler, long nowMs) {
        client.send(client.newClientRequest(leader.idString(), request, nowMs, true, requestTimeoutMs, handler), nowMs);
    }

    /** Sends, receives, and calls handlers; for as long as {@code timeoutMs} if nothing happens. */
    void poll(long timeoutMs, long nowMs) {
        client.poll(timeoutMs, nowMs);
    }

    /** Gives up what is in flight, without a word to its handler. */
    void disconnect() {
        Node node = connectedTo;
        if (node != null) {
            client.close(node.idString());
            connectedTo = null;
        }
    }

    void wakeup() {
        client.wakeup();
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

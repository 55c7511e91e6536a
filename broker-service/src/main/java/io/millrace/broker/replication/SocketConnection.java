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

/** A connection over Kafka's own network client. Time is monotonic, so that a clock that is set back delays nothing. */
final class SocketConnection implements LeaderConnection {

    private static final long RECONNECT_BACKOFF_MS = 20;
    /** Low, so that a leader that has come back is found again soon. */
    private static final long RECONNECT_BACKOFF_MAX_MS = 500;

    private final Time time = new MonotonicTime();
    private final KafkaClient client;
    private final AnswerBuffers.OfConnection memory;
    private final int requestTimeoutMs;
    private @Nullable Node connectedTo;

    SocketConnection(FetcherConfig config, String name, Metrics metrics, AnswerBuffers buffers, LogContext logContext) {
        this.memory = buffers.new OfConnection();
        this.requestTimeoutMs = config.requestTimeoutMs();
        ChannelBuilder channels = ChannelBuilders.clientChannelBuilder(
                config.protocol(),
                JaasContext.Type.SERVER,
                config.values(),
                config.listener(),
                config.values().getString("sasl.mechanism.inter.broker.protocol"),
                time,
                logContext);
        Selector selector = new Selector(
                NetworkReceive.UNLIMITED,
                config.values().getLong("connections.max.idle.ms"),
                metrics,
                time,
                name,
                Map.of(),
                false,
                false,
                channels,
                memory,
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
                time,
                true,
                new ApiVersions(),
                logContext,
                MetadataRecoveryStrategy.NONE);
    }

    @Override
    public boolean ready(Node leader) {
        Node before = connectedTo;
        if (before != null && (!before.host().equals(leader.host()) || before.port() != leader.port())) {
            disconnect();
        }
        connectedTo = leader;
        return client.ready(leader, time.milliseconds());
    }

    @Override
    public long delayMs(Node leader) {
        return client.pollDelayMs(leader, time.milliseconds());
    }

    @Override
    public void send(Node leader, AbstractRequest.Builder<?> request, RequestCompletionHandler handler) {
        long nowMs = time.milliseconds();
        client.send(client.newClientRequest(leader.idString(), request, nowMs, true, requestTimeoutMs, handler), nowMs);
    }

    @Override
    public void poll(long timeoutMs) {
        client.poll(timeoutMs, time.milliseconds());
    }

    @Override
    public void answerTaken() {
        memory.release();
    }

    @Override
    public void disconnect() {
        Node node = connectedTo;
        if (node != null) {
            client.close(node.idString());
            connectedTo = null;
        }
    }

    @Override
    public void wakeup() {
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

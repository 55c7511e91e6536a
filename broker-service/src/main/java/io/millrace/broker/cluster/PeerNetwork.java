package io.millrace.broker.cluster;

import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelBuilders;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/** Opens clients for the controllers' listener, secured as that listener asks. Any thread; a client belongs to one. */
final class PeerNetwork {

    private static final long RECONNECT_BACKOFF_MS = 50;
    /** Low, so that a controller that has come back is found again at once. */
    private static final long RECONNECT_BACKOFF_MAX_MS = 500;

    private final ClusterConfig config;
    private final AbstractConfig values;
    private final Metrics metrics;
    private final Time time;

    PeerNetwork(ClusterConfig config, ClusterSettings settings, Metrics metrics, Time time) {
        this.config = config;
        this.values = settings.brokerDefaults();
        this.metrics = metrics;
        this.time = time;
    }

    /** The listener by which this node reaches controllers. */
    ListenerName controllerListener() {
        return ListenerName.normalised(config.controllerListenerNames().getFirst());
    }

    /** What the clients measure by, and whoever sends by them must. */
    Time time() {
        return time;
    }

    KafkaClient client(String clientId, int requestTimeoutMs, int maxInFlightPerNode) {
        LogContext logContext = new LogContext("[" + clientId + "] ");
        ChannelBuilder channels = ChannelBuilders.clientChannelBuilder(
                config.controllerListenerProtocol(),
                JaasContext.Type.SERVER,
                values,
                controllerListener(),
                values.getString("sasl.mechanism.controller.protocol"),
                time,
                logContext);
        Selector selector = new Selector(
                NetworkReceive.UNLIMITED,
                values.getLong("connections.max.idle.ms"),
                metrics,
                time,
                clientId,
                Map.of(),
                false,
                channels,
                logContext);
        return new NetworkClient(
                selector,
                new ManualMetadataUpdater(),
                clientId,
                maxInFlightPerNode,
                RECONNECT_BACKOFF_MS,
                RECONNECT_BACKOFF_MAX_MS,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                requestTimeoutMs,
                values.getLong("socket.connection.setup.timeout.ms"),
                values.getLong("socket.connection.setup.timeout.max.ms"),
                time,
                true,
                new ApiVersions(),
                logContext,
                MetadataRecoveryStrategy.NONE);
    }
}

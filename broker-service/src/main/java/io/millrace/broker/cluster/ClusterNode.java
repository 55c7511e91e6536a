package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.server.common.KRaftVersion;
import org.jspecify.annotations.Nullable;

/**
 * This process as a member of its cluster: the KRaft engine it runs and, with the broker role, its registration. Any thread.
 *
 * <p>Life: construct, {@link #addListener}, {@link #start}, wait for {@link #caughtUp}, load partitions, {@link #unfence}, serve;
 * then {@link #controlledShutdown} and {@link #close}. The controller listener must be served (by {@link #serveController}) from
 * {@link #start} on: other voters need it before this node can catch up.
 */
public final class ClusterNode implements Cluster, AutoCloseable {

    private final ClusterConfig config;
    private final Metrics metrics = new Metrics();
    private final ClusterTimer timer = new ClusterTimer(Clock.system());
    private final QuorumEngine engine;
    private final ImagePublisher images;
    private final @Nullable ControllerEngine controller;
    private final ControllerRoute route;
    private final OwnWrites ownWrites;
    private final @Nullable BrokerLifecycle lifecycle;
    private final CompletableFuture<Void> firstImage = new CompletableFuture<>();
    private final AtomicInteger listeners = new AtomicInteger();

    /**
     * Opens the metadata log; starts nothing yet.
     *
     * @param faults told of a fault after which this node must not go on
     * @throws IOException when the metadata log or the bootstrap records cannot be read
     */
    public ClusterNode(ClusterConfig config, FatalFault faults) throws IOException {
        this.config = config;
        ClusterSettings settings = ClusterSettings.from(config);
        PeerNetwork network = new PeerNetwork(config, settings, metrics, new SteadyTime(Clock.system()));
        this.engine = new QuorumEngine(config, settings, network, timer, metrics, faults);
        this.images = new ImagePublisher(config.clusterId());
        this.controller = config.isController()
                ? new ControllerEngine(
                        config, settings, engine, timer, () -> images.view().kafka(), faults)
                : null;
        this.route =
                new ControllerRoute(config.nodeId(), engine, controller, network, timer, settings.requestTimeoutMs());
        this.ownWrites = new OwnWrites(timer, images.view());
        this.lifecycle =
                config.isBroker() ? new BrokerLifecycle(config, settings, route, timer, images.view(), faults) : null;
        if (config.isController()) {
            engine.channel()
                    .onUnreachable(new ControllerSuccession(
                            config, engine, timer, () -> images.view().kafka())::unreachable);
        }
        install(engine.snapshots());
        install(images);
        install(new LeaderPublisher(config.nodeId(), route, controller == null ? null : controller.fencing()));
        if (controller != null) {
            install(new ControllerRegistrar(config, settings, route));
        }
        addListener(change -> firstImage.complete(null));
        if (lifecycle != null) {
            addListener(lifecycle);
        }
    }

    /** Starts the engine's threads; returns before a controller is elected. */
    public void start() {
        addListener(ownWrites); // The last: whoever waits for a change finds it everywhere in this node.
        engine.start();
    }

    /**
     * Completes when this broker is registered (fenced) and its image contains that registration and everything before it; on a
     * node without the broker role, when its image has reached the quorum's high watermark.
     */
    public CompletableFuture<Void> caughtUp() {
        return lifecycle == null ? firstImage : lifecycle.caughtUp();
    }

    /** Says that this broker is ready to serve; completes when its image shows it unfenced. */
    public CompletableFuture<Void> unfence() {
        return broker().unfence();
    }

    /** Reports a log directory that can no longer be used; its replicas get new leaders. */
    public void logDirectoryFailed(Uuid directoryId) {
        broker().logDirectoryFailed(directoryId);
    }

    /**
     * Asks for a controlled shutdown; completes when no partition needs this broker as leader any more, or exceptionally when
     * that takes longer than {@code timeoutMs}.
     */
    public CompletableFuture<Void> controlledShutdown(long timeoutMs) {
        return broker().controlledShutdown(timeoutMs);
    }

    private BrokerLifecycle broker() {
        if (lifecycle == null) {
            throw new IllegalStateException("node " + config.nodeId() + " has no broker role");
        }
        return lifecycle;
    }

    /** Leaves the quorum and stops every thread; returns when they have ended. */
    @Override
    public void close() {
        if (lifecycle != null) {
            lifecycle.close();
        }
        if (controller != null) {
            controller.close();
        }
        route.close();
        engine.close();
        timer.close();
        metrics.close();
    }

    @Override
    public ClusterImage image() {
        return images.view();
    }

    @Override
    public SortedMap<String, Short> finalizedFeatures() {
        SortedMap<String, Short> features = new TreeMap<>(image().finalizedFeatures());
        short kraft = engine.raft().kraftVersion().featureLevel();
        if (kraft > 0) {
            features.put(KRaftVersion.FEATURE_NAME, kraft);
        }
        return features;
    }

    @Override
    public void addListener(ImageListener listener) {
        install(images.publisherOf(listener, listeners.incrementAndGet()));
    }

    private void install(MetadataPublisher publisher) {
        CompletableFuture<?> _ = engine.loader().installPublishers(List.of(publisher));
    }

    @Override
    public OptionalInt controllerId() {
        return engine.raft().leaderAndEpoch().leaderId();
    }

    @Override
    public long brokerEpoch() {
        return lifecycle == null ? -1 : lifecycle.brokerEpoch();
    }

    @Override
    public CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
        return route.forward(client, request).thenCompose(response -> ownWrites.seenHere(request, response));
    }

    @Override
    public CompletableFuture<ApiMessage> ask(ApiMessage request, short version) {
        return route.ask(request, version, Long.MAX_VALUE);
    }

    @Override
    public @Nullable CompletableFuture<ApiMessage> serveController(
            ClientContext client, String connectionId, ApiMessage request) {
        return controller == null
                ? null
                : controller.apis().answer(new ControllerCall(client, connectionId, request, false));
    }

    /** The APIs that {@link #serveController} answers; none where this node is no controller. */
    public Set<ApiKeys> controllerApis() {
        return controller == null ? Set.of() : controller.apis().served();
    }

    @Override
    public void connectionClosed(String connectionId) {
        if (controller != null) {
            controller.connections().closed(connectionId);
        }
    }
}

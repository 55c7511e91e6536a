package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * This process as a member of its cluster: the KRaft engine it runs and, with the broker role, its registration. Any thread.
 *
 * <p>Life: construct, {@link #addListener}, {@link #start}, wait for {@link #caughtUp}, load partitions, {@link #unfence}, serve;
 * then {@link #controlledShutdown} and {@link #close}. The controller listener must be served (by {@link #serveController}) from
 * {@link #start} on: other voters need it before this node can catch up.
 */
public final class ClusterNode implements Cluster, AutoCloseable {

    /**
     * Prepares a node; opens nothing yet.
     *
     * @param faults told of a fault after which this node must not go on
     */
    public ClusterNode(ClusterConfig config, FatalFault faults) {}

    /** Opens the metadata log and starts the engine's threads; returns before a controller is elected. */
    public void start() {
        throw new UnsupportedOperationException();
    }

    /**
     * Completes when this broker is registered (fenced) and its image contains that registration and everything before it; on a
     * node without the broker role, when its image has reached the quorum's high watermark.
     */
    public CompletableFuture<Void> caughtUp() {
        throw new UnsupportedOperationException();
    }

    /** Says that this broker is ready to serve; completes when its image shows it unfenced. */
    public CompletableFuture<Void> unfence() {
        throw new UnsupportedOperationException();
    }

    /** Reports a log directory that can no longer be used; its replicas get new leaders. */
    public void logDirectoryFailed(Uuid directoryId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks for a controlled shutdown; completes when no partition needs this broker as leader any more, or exceptionally when
     * that takes longer than {@code timeoutMs}.
     */
    public CompletableFuture<Void> controlledShutdown(long timeoutMs) {
        throw new UnsupportedOperationException();
    }

    /** Leaves the quorum and stops every thread; returns when they have ended. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ClusterImage image() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void addListener(ImageListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt controllerId() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long brokerEpoch() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ApiMessage> ask(ApiMessage request, short version) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable CompletableFuture<ApiMessage> serveController(
            ClientContext client, String connectionId, ApiMessage request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void connectionClosed(String connectionId) {
        throw new UnsupportedOperationException();
    }
}

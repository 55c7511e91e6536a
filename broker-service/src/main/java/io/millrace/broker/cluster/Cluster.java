package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in the cluster: the metadata image it follows, its registration, and its way to the active controller. Any thread.
 */
public interface Cluster {

    /** The newest image. */
    ClusterImage image();

    /** Feature levels of the newest image, and the quorum's own ({@code kraft.version}), which no metadata record holds. */
    default SortedMap<String, Short> finalizedFeatures() {
        return image().finalizedFeatures();
    }

    /** Adds a listener; it is first called with everything that is known, as a change from an empty image. */
    void addListener(ImageListener listener);

    /** Id of the active controller, if one is known. */
    OptionalInt controllerId();

    /** Epoch of this broker's registration; -1 before it is registered. */
    long brokerEpoch();

    /**
     * Has the active controller carry out a client's request (CreateTopics, IncrementalAlterConfigs, ElectLeaders …), here or over an
     * Envelope with the client's principal. What it says of topics and configurations is in {@link #image} by then, unless that takes
     * longer than a second. Completes with the response in {@code client.apiVersion()}, or exceptionally with an
     * {@link org.apache.kafka.common.errors.ApiException}: NOT_CONTROLLER or a timeout when no controller could be reached.
     */
    CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request);

    /**
     * Sends a request of this broker's own (AlterPartition, AllocateProducerIds, AssignReplicasToDirs) to the active controller,
     * again after a change of controller, until it answers.
     */
    CompletableFuture<ApiMessage> ask(ApiMessage request, short version);

    /**
     * Answers a request that arrived on a controller listener, as {@code client.apiVersion()} wants it. Null where this node is no controller or {@code request}'s API is not a controller's.
     *
     * @param connectionId the connection that {@code request} came by: when it breaks, the broker that registered by it may be dead
     */
    @Nullable
    CompletableFuture<ApiMessage> serveController(ClientContext client, String connectionId, ApiMessage request);

    /**
     * Tells that a connection of a controller listener has ended, after its last request was given to {@link #serveController}.
     */
    void connectionClosed(String connectionId);
}

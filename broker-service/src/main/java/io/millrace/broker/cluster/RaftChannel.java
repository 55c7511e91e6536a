package io.millrace.broker.cluster;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.raft.KafkaNetworkChannel;
import org.apache.kafka.raft.NetworkChannel;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.raft.RaftRequest;
import org.jspecify.annotations.Nullable;

/**
 * The way from this voter or observer to the others. Its sockets and its thread exist from the first request on: a single voter
 * never has them. Used by the raft thread alone, until it is closed.
 */
final class RaftChannel implements NetworkChannel {

    private final ListenerName listener;
    private final Supplier<KafkaNetworkChannel> opening;
    private @Nullable KafkaNetworkChannel open;
    private volatile Consumer<Node> unreachable = node -> {};
    private int lastCorrelationId;

    RaftChannel(ClusterConfig config, PeerNetwork network, QuorumConfig quorum) {
        this.listener = network.controllerListener();
        this.opening = () -> new KafkaNetworkChannel(
                network.time(),
                listener,
                network.client("raft-client-" + config.nodeId(), quorum.requestTimeoutMs(), 1),
                quorum.requestTimeoutMs(),
                "kafka-" + config.nodeId() + "-raft");
    }

    /** Has {@code listener} told of nodes to which there was no connection for a fetch, or which broke it. */
    void onUnreachable(Consumer<Node> listener) {
        unreachable = listener;
    }

    @Override
    public int newCorrelationId() {
        lastCorrelationId = lastCorrelationId == Integer.MAX_VALUE ? 0 : lastCorrelationId + 1;
        return lastCorrelationId;
    }

    @Override
    public void send(RaftRequest.Outbound request) {
        KafkaNetworkChannel channel = open;
        if (channel == null) {
            channel = opening.get();
            channel.start();
            open = channel;
        }
        channel.send(request);
        if (request.data() instanceof FetchRequestData) {
            var _ = request.completion.thenAccept(response -> {
                if (response.data() instanceof FetchResponseData fetch
                        && fetch.errorCode() == Errors.BROKER_NOT_AVAILABLE.code()) {
                    unreachable.accept(request.destination());
                }
            });
        }
    }

    @Override
    public ListenerName listenerName() {
        return listener;
    }

    @Override
    public void close() throws InterruptedException {
        if (open != null) {
            open.close();
        }
    }
}

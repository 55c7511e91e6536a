package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.InterBrokerSendThread;
import org.apache.kafka.server.util.RequestAndCompletionHandler;

/**
 * The thread that sends requests to a controller in another process. This broker's own requests and those it forwards for clients
 * go by two connections, so that a heartbeat never waits behind a client's request.
 *
 * <p>Bound of its queue: one request for each client request that a handler has under way, and a few of the broker's own.
 */
final class ControllerSender extends InterBrokerSendThread {

    /** Kafka's client knows connections by node id; the second connection to a node has the first one's below all real ids. */
    private static final int SECOND_CONNECTION = Integer.MIN_VALUE;

    private final KafkaClient client;
    private final Time time;
    private final Queue<RequestAndCompletionHandler> queue = new ConcurrentLinkedQueue<>();
    private volatile int activeController = -1;
    private int connectedTo = -1;
    /** Of the sender's own thread, as is {@link #connectedTo}. */
    private final Set<String> connections = new HashSet<>();

    ControllerSender(int nodeId, KafkaClient client, int requestTimeoutMs, Time time) {
        super("cluster-controller-channel-" + nodeId, client, requestTimeoutMs, time, false);
        this.time = time;
        this.client = client;
    }

    /**
     * Sends; fails with a {@link DisconnectException} when the connection broke, or the controller changed, before the answer came.
     *
     * @param own whether it is this broker's own request, not a client's
     */
    CompletableFuture<AbstractResponse> send(Node controller, AbstractRequest.Builder<?> request, boolean own) {
        CompletableFuture<AbstractResponse> answer = new CompletableFuture<>();
        Node connection = own ? controller : secondConnection(controller);
        queue.add(new RequestAndCompletionHandler(
                time.milliseconds(), connection, request, response -> complete(answer, response)));
        wakeup();
        return answer;
    }

    private static Node secondConnection(Node node) {
        return new Node(SECOND_CONNECTION + node.id(), node.host(), node.port(), node.rack());
    }

    private static void complete(CompletableFuture<AbstractResponse> answer, ClientResponse response) {
        UnsupportedVersionException unsupported = response.versionMismatch();
        if (unsupported != null) {
            answer.completeExceptionally(unsupported);
        } else if (response.authenticationException() != null) {
            answer.completeExceptionally(response.authenticationException());
        } else if (response.responseBody() == null) {
            answer.completeExceptionally(new DisconnectException("the controller's connection broke"));
        } else {
            answer.complete(response.responseBody());
        }
    }

    /** Tells who the active controller is; what waits for the last one's answer fails, so that the new one is asked. */
    void controllerIs(int nodeId) {
        activeController = nodeId;
        wakeup();
    }

    @Override
    public Collection<RequestAndCompletionHandler> generateRequests() {
        int active = activeController;
        if (active != connectedTo) {
            // Kafka's client throws when told to leave a connection that it never had.
            connections.forEach(client::disconnect);
            connections.clear();
            connectedTo = active;
        }
        List<RequestAndCompletionHandler> requests = new ArrayList<>();
        for (RequestAndCompletionHandler request = queue.poll(); request != null; request = queue.poll()) {
            connections.add(request.destination.idString());
            requests.add(request);
        }
        return requests;
    }
}

package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.EnvelopeResponse;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.jspecify.annotations.Nullable;

/**
 * The way to the active controller: a method call where it is this process, a socket where it is not. Asks again after a broken
 * connection or a change of controller, until the deadline. Any thread.
 */
final class ControllerRoute implements AutoCloseable {

    /** Between two attempts while there is no active controller. */
    private static final long RETRY_BACKOFF_MS = 20;

    private final int nodeId;
    private final QuorumEngine engine;
    private final @Nullable ControllerEngine local;
    private final PeerNetwork network;
    private final ClusterTimer timer;
    private final int requestTimeoutMs;
    private @Nullable ControllerSender sender;
    private boolean closed;

    ControllerRoute(
            int nodeId,
            QuorumEngine engine,
            @Nullable ControllerEngine local,
            PeerNetwork network,
            ClusterTimer timer,
            int requestTimeoutMs) {
        this.nodeId = nodeId;
        this.engine = engine;
        this.local = local;
        this.network = network;
        this.timer = timer;
        this.requestTimeoutMs = requestTimeoutMs;
    }

    /** A client's request; fails with a timeout when no controller took it in time. */
    CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
        return new Attempt(new ControllerCall(client, "", request, true), requestTimeoutMs).start();
    }

    /** A request of this node's own; asked until it is answered or {@code timeoutMs} have passed. */
    CompletableFuture<ApiMessage> ask(ApiMessage request, short version, long timeoutMs) {
        ClientContext self = new ClientContext(
                Integer.toString(nodeId),
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                network.controllerListener(),
                version,
                0);
        return new Attempt(new ControllerCall(self, "", request, false), timeoutMs).start();
    }

    /** Tells of a new active controller, or of none. */
    synchronized void controllerChanged(LeaderAndEpoch leader) {
        if (sender != null) {
            sender.controllerIs(leader.leaderId().orElse(-1));
        }
    }

    /** The sender's thread and sockets exist from the first remote request on. Null once closed. */
    private synchronized @Nullable ControllerSender sender() {
        if (sender == null && !closed) {
            // Kafka's client keeps one order per connection; a controller answers in that order too.
            int maxInFlight = 100;
            sender = new ControllerSender(
                    nodeId,
                    network.client("controller-channel-" + nodeId, requestTimeoutMs, maxInFlight),
                    requestTimeoutMs,
                    network.time());
            sender.controllerIs(engine.raft().leaderAndEpoch().leaderId().orElse(-1));
            sender.start();
        }
        return sender;
    }

    @Override
    public void close() {
        ControllerSender closing;
        synchronized (this) {
            closed = true;
            closing = sender;
            sender = null;
        }
        if (closing != null) {
            try {
                closing.shutdown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One request until it is answered. */
    private final class Attempt {
        private final ControllerCall call;
        private final long timeoutMs;
        private final CompletableFuture<ApiMessage> answer = new CompletableFuture<>();

        private Attempt(ControllerCall call, long timeoutMs) {
            this.call = call;
            this.timeoutMs = timeoutMs;
        }

        private CompletableFuture<ApiMessage> start() {
            run();
            if (!answer.isDone() && timeoutMs < Long.MAX_VALUE) {
                CompletableFuture<Void> expiry = timer.failAfter(timeoutMs);
                CompletableFuture<?> _ = expiry.whenComplete((_, late) -> {
                    if (late != null) {
                        answer.completeExceptionally(new TimeoutException("no active controller answered the "
                                + call.api() + " request of node " + nodeId + " within " + timeoutMs + " ms"));
                    }
                });
                CompletableFuture<?> _ = answer.whenComplete((_, _) -> expiry.complete(null));
            }
            return answer;
        }

        private void run() {
            if (answer.isDone()) {
                return;
            }
            CompletableFuture<?> _ = send().whenComplete((response, failure) -> {
                Throwable cause = failure == null ? null : ControllerApis.cause(failure);
                if (cause == null) {
                    answer.complete(response);
                } else if (cause instanceof NotControllerException || cause instanceof DisconnectException) {
                    timer.after(RETRY_BACKOFF_MS, this::run);
                } else {
                    answer.complete(ControllerApis.errorResponse(call, cause));
                }
            });
        }

        private CompletableFuture<ApiMessage> send() {
            LeaderAndEpoch leader = engine.raft().leaderAndEpoch();
            if (leader.leaderId().isEmpty()) {
                return CompletableFuture.failedFuture(new NotControllerException("no active controller is known"));
            }
            if (local != null && leader.isLeader(nodeId)) {
                CompletableFuture<ApiMessage> sent = local.apis().attempt(call);
                if (sent == null) {
                    throw new IllegalArgumentException(call.api() + " is not served by a controller");
                }
                return sent;
            }
            Node controller = engine.raft()
                    .voterNode(leader.leaderId().getAsInt(), network.controllerListener())
                    .orElse(null);
            ControllerSender to = sender();
            if (controller == null || to == null) {
                return CompletableFuture.failedFuture(
                        new NotControllerException("the active controller's endpoint is not known"));
            }
            return call.forwarded() ? forwardTo(to, controller) : askOf(to, controller);
        }

        private CompletableFuture<ApiMessage> forwardTo(ControllerSender to, Node controller) {
            return to.send(controller, Envelopes.wrap(call.client(), call.request()), false)
                    .thenApply(response -> Envelopes.unwrap(call.client(), call.api(), (EnvelopeResponse) response));
        }

        private CompletableFuture<ApiMessage> askOf(ControllerSender to, Node controller) {
            return to.send(controller, new AnyRequest(call.request(), call.version()), true)
                    .thenApply(Attempt::ofActive);
        }

        private static ApiMessage ofActive(AbstractResponse response) {
            if (response.errorCounts().containsKey(Errors.NOT_CONTROLLER)) {
                throw new NotControllerException("the controller is not active any more");
            }
            return response.data();
        }
    }
}

package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * The way to the active controller: a method call where it is this process, a socket where it is not. Asks again after a change of
 * controller until the deadline. Any thread.
 */
final class ControllerRoute {

    /** Between two attempts while there is no active controller. */
    private static final long RETRY_BACKOFF_MS = 20;

    private final int nodeId;
    private final QuorumEngine engine;
    private final @Nullable ControllerEngine local;
    private final ClusterTimer timer;
    private final int requestTimeoutMs;

    ControllerRoute(
            int nodeId,
            QuorumEngine engine,
            @Nullable ControllerEngine local,
            ClusterTimer timer,
            int requestTimeoutMs) {
        this.nodeId = nodeId;
        this.engine = engine;
        this.local = local;
        this.timer = timer;
        this.requestTimeoutMs = requestTimeoutMs;
    }

    /** A client's request; fails with a timeout when no controller took it in time. */
    CompletableFuture<ApiMessage> forward(ClientContext client, ApiMessage request) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(requestTimeoutMs);
        Attempt attempt = new Attempt(new ControllerCall(client, "", request, true), deadlineNs);
        attempt.run();
        return attempt.answer;
    }

    /** A request of this broker's own; asked until it is answered or {@code timeoutMs} have passed. */
    CompletableFuture<ApiMessage> ask(ApiMessage request, short version, long timeoutMs) {
        ClientContext self = new ClientContext(
                Integer.toString(nodeId),
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                new ListenerName("CONTROLLER"),
                version,
                0);
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        Attempt attempt = new Attempt(new ControllerCall(self, "", request, false), deadlineNs);
        attempt.run();
        return attempt.answer;
    }

    /** One request until it is answered. */
    private final class Attempt {
        private final ControllerCall call;
        private final long deadlineNs;
        private final CompletableFuture<ApiMessage> answer = new CompletableFuture<>();

        private Attempt(ControllerCall call, long deadlineNs) {
            this.call = call;
            this.deadlineNs = deadlineNs;
        }

        private void run() {
            CompletableFuture<?> _ = send().whenComplete((response, failure) -> {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                if (cause == null) {
                    answer.complete(response);
                } else if (!(cause instanceof NotControllerException)) {
                    answer.complete(ControllerApis.errorResponse(call, cause));
                } else if (System.nanoTime() >= deadlineNs) {
                    answer.completeExceptionally(new TimeoutException(
                            "no active controller took the " + call.api() + " request of node " + nodeId + " in time"));
                } else {
                    timer.after(RETRY_BACKOFF_MS, this::run);
                }
            });
        }

        private CompletableFuture<ApiMessage> send() {
            if (local != null && engine.raft().leaderAndEpoch().isLeader(nodeId)) {
                CompletableFuture<ApiMessage> sent = local.apis().attempt(call);
                if (sent == null) {
                    throw new IllegalArgumentException(
                            ApiKeys.forId(call.request().apiKey()) + " is not served by a controller");
                }
                return sent;
            }
            return CompletableFuture.failedFuture(new NotControllerException("no active controller is known"));
        }
    }
}

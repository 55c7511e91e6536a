package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.network.Request;
import io.millrace.broker.network.RequestReceiver;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** The table of the APIs that are served: gives each request to its handler, and those of controller listeners to the controller. */
public final class RequestDispatcher implements RequestReceiver {

    private final Map<ApiKeys, ApiHandler> handlers;
    private final Set<ListenerName> controllerListeners;
    private final Cluster cluster;

    public RequestDispatcher(
            Map<ApiKeys, ApiHandler> handlers, Set<ListenerName> controllerListeners, Cluster cluster) {
        this.handlers = new EnumMap<>(handlers);
        this.controllerListeners = Set.copyOf(controllerListeners);
        this.cluster = cluster;
    }

    /** The APIs that brokers' listeners serve. */
    public Set<ApiKeys> served() {
        return Collections.unmodifiableSet(handlers.keySet());
    }

    @Override
    public void receive(Request request) {
        try {
            if (controllerListeners.contains(request.client().listener()) && serveAsController(request)) {
                return;
            }
            ApiHandler handler = handlers.get(request.apiKey());
            if (handler == null) {
                request.close(request.apiKey() + " is not served on this listener");
                return;
            }
            handler.handle(request);
        } catch (RuntimeException e) {
            FailedRequest.answer(request, e);
        }
    }

    @Override
    public void connectionClosed(String connectionId) {
        cluster.connectionClosed(connectionId);
    }

    /** False for what every listener answers in the same way (ApiVersions). */
    private boolean serveAsController(Request request) {
        CompletableFuture<ApiMessage> answer =
                cluster.serveController(request.client(), request.connectionId(), request.body());
        if (answer != null) {
            ApiHandler.later(ignored -> answer).handle(request);
            return true;
        }
        if (request.apiKey() == ApiKeys.API_VERSIONS) {
            return false;
        }
        request.close(request.apiKey() + " is not served on the controller listener "
                + request.client().listener().value());
        return true;
    }
}

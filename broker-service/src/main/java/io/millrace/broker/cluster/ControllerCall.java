package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.util.OptionalLong;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.ControllerRequestContext;

/**
 * One request to the controller of this node. Immutable.
 *
 * @param connectionId the connection that it came by; empty for this node's own
 * @param forwarded whether a broker passes it on for a client
 */
record ControllerCall(ClientContext client, String connectionId, ApiMessage request, boolean forwarded) {

    ApiKeys api() {
        return ApiKeys.forId(request.apiKey());
    }

    short version() {
        return client.apiVersion();
    }

    /** What Kafka's controller wants to know about the sender; without a deadline. */
    ControllerRequestContext context() {
        return context(OptionalLong.empty());
    }

    /** As {@link #context()}; the controller gives up after {@code timeoutMs}. */
    ControllerRequestContext context(int timeoutMs) {
        return context(ControllerRequestContext.requestTimeoutMsToDeadlineNs(Time.SYSTEM, timeoutMs));
    }

    private ControllerRequestContext context(OptionalLong deadlineNs) {
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(request.apiKey())
                .setRequestApiVersion(version())
                .setCorrelationId(client.correlationId())
                .setClientId(client.clientId());
        return new ControllerRequestContext(header, client.principal(), deadlineNs);
    }
}

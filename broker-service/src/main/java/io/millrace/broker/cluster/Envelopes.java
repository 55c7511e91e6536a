package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.EnvelopeRequest;
import org.apache.kafka.common.requests.EnvelopeResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipalSerde;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;

/**
 * Puts a client's request into an Envelope for the controller, and takes the answer out of its envelope (KIP-590). Any thread, no
 * state.
 */
final class Envelopes {

    private Envelopes() {}

    static EnvelopeRequest.Builder wrap(ClientContext client, ApiMessage request) {
        ApiKeys api = ApiKeys.forId(request.apiKey());
        RequestHeader header = new RequestHeader(api, client.apiVersion(), client.clientId(), client.correlationId());
        ByteBuffer bytes = RequestUtils.serialize(header.data(), header.headerVersion(), request, client.apiVersion());
        return new EnvelopeRequest.Builder(
                bytes,
                principals().serialize(client.principal()),
                client.address().getAddress());
    }

    /** How principals travel: in Kafka's default form. */
    static KafkaPrincipalSerde principals() {
        return new DefaultKafkaPrincipalBuilder(null, null);
    }

    /** The response inside; throws the envelope's own error. */
    static ApiMessage unwrap(ClientContext client, ApiKeys api, EnvelopeResponse envelope) {
        if (envelope.error() != Errors.NONE) {
            throw envelopeError(envelope.error());
        }
        ByteBuffer bytes = envelope.responseData();
        ResponseHeader header = ResponseHeader.parse(bytes, api.responseHeaderVersion(client.apiVersion()));
        if (header.correlationId() != client.correlationId()) {
            throw new UnknownServerException("the controller answered request " + header.correlationId()
                    + " instead of " + client.correlationId());
        }
        return AbstractResponse.parseResponse(api, new ByteBufferAccessor(bytes), client.apiVersion())
                .data();
    }

    private static ApiException envelopeError(Errors error) {
        return switch (error) {
            case NOT_CONTROLLER -> error.exception();
            // The client's version is unknown to the controller: to the client, that is the broker's fault.
            case UNSUPPORTED_VERSION -> error.exception();
            default ->
                new UnknownServerException(
                        "the controller refused a forwarded request: " + error + " " + error.message());
        };
    }
}

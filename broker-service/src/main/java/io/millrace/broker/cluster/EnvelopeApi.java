package io.millrace.broker.cluster;

import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.PrincipalDeserializationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;

/** Envelope (KIP-590): a client's request that a broker passes on, carried out as if the client had asked itself. */
final class EnvelopeApi implements ControllerApi {

    private final ControllerApis apis;

    EnvelopeApi(ControllerApis apis) {
        this.apis = apis;
    }

    @Override
    public CompletableFuture<EnvelopeResponseData> answer(ControllerCall call) {
        EnvelopeRequestData envelope = (EnvelopeRequestData) call.request();
        ByteBuffer bytes = envelope.requestData().duplicate();
        RequestHeader header;
        ApiMessage request;
        try {
            header = RequestHeader.parse(bytes);
            request = AbstractRequest.parseRequest(header.apiKey(), header.apiVersion(), new ByteBufferAccessor(bytes))
                    .request
                    .data();
        } catch (UnsupportedVersionException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new InvalidRequestException("the request in an envelope cannot be read: " + e.getMessage(), e);
        }
        if (!header.apiKey().forwardable) {
            throw new InvalidRequestException(
                    "API " + header.apiKey() + " is not enabled or is not eligible for forwarding");
        }
        ClientContext client = new ClientContext(
                header.clientId(),
                principal(envelope),
                address(envelope),
                call.client().listener(),
                header.apiVersion(),
                header.correlationId());
        ControllerCall inner = new ControllerCall(client, call.connectionId(), request, true);
        CompletableFuture<ApiMessage> answer = apis.attempt(inner);
        if (answer == null) {
            throw new InvalidRequestException("API " + header.apiKey() + " is not served by this controller");
        }
        return answer.handle((response, failure) -> envelope(inner, header, response, failure));
    }

    private static EnvelopeResponseData envelope(
            ControllerCall inner, RequestHeader header, @Nullable ApiMessage response, @Nullable Throwable failure) {
        ApiMessage body = response;
        if (body == null) {
            Throwable cause =
                    failure == null ? new IllegalStateException("no response") : ControllerApis.cause(failure);
            if (cause instanceof NotControllerException) {
                // Meant for the broker, which then asks the right controller.
                return new EnvelopeResponseData().setErrorCode(Errors.NOT_CONTROLLER.code());
            }
            body = ControllerApis.errorResponse(inner, cause);
        }
        ResponseHeader responseHeader = header.toResponseHeader();
        return new EnvelopeResponseData()
                .setResponseData(RequestUtils.serialize(
                        responseHeader.data(), responseHeader.headerVersion(), body, header.apiVersion()));
    }

    private static KafkaPrincipal principal(EnvelopeRequestData envelope) {
        byte[] principal = envelope.requestPrincipal();
        if (principal == null) {
            throw new PrincipalDeserializationException("the envelope names no principal");
        }
        try {
            return Envelopes.principals().deserialize(principal);
        } catch (RuntimeException e) {
            throw new PrincipalDeserializationException("the envelope's principal cannot be read: " + e.getMessage());
        }
    }

    private static InetAddress address(EnvelopeRequestData envelope) {
        try {
            return InetAddress.getByAddress(envelope.clientHostAddress());
        } catch (UnknownHostException e) {
            throw new InvalidRequestException("the envelope's client address is not 4 or 16 bytes long", e);
        }
    }
}

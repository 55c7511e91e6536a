package io.millrace.broker.network;

import io.millrace.broker.protocol.ServedApis;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.RequestHeader;

/** Makes requests of frames; records in them stay where they are. Any thread. */
final class RequestDecoder {

    private final ServedApis served;

    RequestDecoder(ServedApis served) {
        this.served = served;
    }

    /** Reads the header and leaves {@code frame} at the body. */
    RequestHeader header(ByteBuffer frame, ListenerType listener) throws MalformedFrameException {
        RequestHeader header;
        try {
            header = RequestHeader.parse(frame);
        } catch (InvalidRequestException e) {
            throw new MalformedFrameException(reason(e));
        }
        if (!served.serves(listener, header.apiKey(), header.apiVersion())) {
            throw new MalformedFrameException("Received request api key " + header.apiKey() + " with version "
                    + header.apiVersion() + " which is not enabled");
        }
        return header;
    }

    /** Reads the body. That of an ApiVersions request in an unknown version cannot be read: it is taken as empty. */
    ApiMessage body(RequestHeader header, ByteBuffer frame) throws MalformedFrameException {
        if (header.apiKey() == ApiKeys.API_VERSIONS && !header.isApiVersionSupported()) {
            return new ApiVersionsRequestData();
        }
        ApiMessage body = header.apiKey().messageType.newRequest();
        try {
            body.read(new FrameReadable(frame), header.apiVersion());
        } catch (RuntimeException e) {
            throw new MalformedFrameException("Error getting request for apiKey: " + header.apiKey() + ", apiVersion: "
                    + header.apiVersion() + ": " + reason(e));
        }
        return body;
    }

    private static String reason(RuntimeException e) {
        Throwable cause = e.getCause();
        return cause == null ? describe(e) : describe(e) + ": " + describe(cause);
    }

    private static String describe(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}

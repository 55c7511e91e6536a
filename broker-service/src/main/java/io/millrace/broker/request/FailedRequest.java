package io.millrace.broker.request;

import io.millrace.broker.network.Request;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a request whose handling failed as a whole, with the error response that Kafka defines for its API. */
final class FailedRequest {

    private static final Logger LOG = LoggerFactory.getLogger(FailedRequest.class);

    private FailedRequest() {}

    static void answer(Request request, Throwable thrown) {
        Throwable failure = cause(thrown);
        if (!(failure instanceof ApiException)) {
            LOG.error("{} request of {} failed", request.apiKey(), request.client(), failure);
        }
        if (request.body() instanceof ProduceRequestData produce && produce.acks() == 0) {
            request.close("a produce request without acks failed: " + failure);
            return;
        }
        AbstractResponse response = parsed(request.body(), request).getErrorResponse(0, failure);
        if (response == null) {
            request.close("the request failed and its API has no error response: " + failure);
        } else {
            request.reply(response.data());
        }
    }

    /** The request as Kafka's own class, which knows the shape of its error response; by way of its bytes, as this is rare. */
    private static AbstractRequest parsed(ApiMessage body, Request request) {
        ByteBufferAccessor bytes = MessageUtil.toByteBufferAccessor(body, request.apiVersion());
        return AbstractRequest.parseRequest(request.apiKey(), request.apiVersion(), bytes).request;
    }

    static Throwable cause(Throwable thrown) {
        Throwable failure = thrown;
        while ((failure instanceof CompletionException || failure instanceof ExecutionException)
                && failure.getCause() != null) {
            failure = failure.getCause();
        }
        return failure;
    }
}

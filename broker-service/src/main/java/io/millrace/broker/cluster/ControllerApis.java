package io.millrace.broker.cluster;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every API that this node's controller serves. Immutable once built; any thread. */
final class ControllerApis {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerApis.class);

    private final Map<ApiKeys, ControllerApi> apis = new EnumMap<>(ApiKeys.class);

    void serve(ApiKeys api, ControllerApi by) {
        if (apis.put(api, by) != null) {
            throw new IllegalStateException(api + " is served twice");
        }
    }

    Set<ApiKeys> served() {
        return EnumSet.copyOf(apis.keySet());
    }

    boolean serves(ApiKeys api) {
        return apis.containsKey(api);
    }

    /** Answers, with the API's error response where it failed; null for an API that no controller serves. */
    @Nullable
    CompletableFuture<ApiMessage> answer(ControllerCall call) {
        CompletableFuture<ApiMessage> answer = attempt(call);
        return answer == null ? null : answer.exceptionally(failure -> errorResponse(call, failure));
    }

    /** As {@link #answer}, but a failure stays an exception: that this controller is not active, among others. */
    @Nullable
    CompletableFuture<ApiMessage> attempt(ControllerCall call) {
        ControllerApi api = apis.get(call.api());
        if (api == null) {
            return null;
        }
        try {
            return api.answer(call).thenApply(response -> response);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    static ApiMessage errorResponse(ControllerCall call, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof ApiException)) {
            LOG.error(
                    "controller request {} of {} failed",
                    call.api(),
                    call.client().principal(),
                    cause);
        }
        return errorResponse(call.request(), call.version(), cause);
    }

    /** The response of {@code request}'s API that says {@code failure} about all it asked for. */
    static ApiMessage errorResponse(ApiMessage request, short version, Throwable failure) {
        // Kafka's request classes know how, but are made from bytes only.
        ByteBufferAccessor bytes = MessageUtil.toByteBufferAccessor(request, version);
        bytes.buffer().rewind();
        AbstractRequest parsed = AbstractRequest.parseRequest(ApiKeys.forId(request.apiKey()), version, bytes).request;
        AbstractResponse response = parsed.getErrorResponse(0, failure);
        return response.data();
    }
}

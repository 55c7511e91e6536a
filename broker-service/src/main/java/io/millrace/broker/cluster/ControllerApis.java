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

    /** A future's failure as it was before futures wrapped it. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
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
        Throwable cause = cause(failure);
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
        // Kafka's request classes know how.
        AbstractResponse response = AnyRequest.of(request, version).getErrorResponse(0, failure);
        return response.data();
    }
}

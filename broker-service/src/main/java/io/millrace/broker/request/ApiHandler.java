package io.millrace.broker.request;

import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;

/** Serves one Kafka API in all its versions. Called on the event loop of the request's connection. */
@FunctionalInterface
public interface ApiHandler {

    /**
     * Answers {@code request}, now or later. What is thrown becomes an error response: Kafka's own error for an {@link
     * org.apache.kafka.common.errors.ApiException}, UNKNOWN_SERVER_ERROR for everything else.
     */
    void handle(Request request);

    /** A handler whose answer is there at once. */
    static <B extends ApiMessage> ApiHandler answering(Class<B> type, BiFunction<ClientContext, B, ApiMessage> answer) {
        return request -> request.reply(answer.apply(request.client(), type.cast(request.body())));
    }

    /** A handler whose answer comes later. */
    static <B extends ApiMessage> ApiHandler later(
            Class<B> type, BiFunction<ClientContext, B, CompletableFuture<? extends ApiMessage>> answer) {
        return later(request -> answer.apply(request.client(), type.cast(request.body())));
    }

    /** A handler whose answer comes later. */
    static ApiHandler later(Function<Request, CompletableFuture<? extends ApiMessage>> answer) {
        return request -> {
            CompletableFuture<? extends ApiMessage> pending = answer.apply(request);
            var _ = pending.whenComplete((response, failure) -> {
                if (failure != null) {
                    FailedRequest.answer(request, failure);
                } else {
                    request.reply(response);
                }
            });
        };
    }
}

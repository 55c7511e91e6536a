package io.millrace.broker.coordinator;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;

/**
 * The answer that somebody waits for. A shard may keep it (a member waiting in a join barrier) and answer with a later decision.
 *
 * @param future completed exactly once, on the shard's loop
 * @param refusal the response that carries an error, for when the shard cannot answer itself
 */
public record Reply<T>(CompletableFuture<T> future, Function<Errors, T> refusal) {

    T refused(Errors error) {
        return refusal.apply(error);
    }
}

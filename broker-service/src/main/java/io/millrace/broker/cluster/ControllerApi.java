package io.millrace.broker.cluster;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.ApiMessage;

/** One API of the controller: turns a request into a call of Kafka's controller and its result into the response. Any thread. */
@FunctionalInterface
interface ControllerApi {

    /** Answers; an exception, thrown or in the future, becomes the API's error response. */
    CompletableFuture<? extends ApiMessage> answer(ControllerCall call);
}

package io.millrace.broker.request;

import io.millrace.broker.protocol.ClientContext;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;

/** InitProducerId, versions 0 to 5: an id of its own for every idempotent producer. */
final class InitProducerIdHandler {

    private final ProducerIds producerIds;

    InitProducerIdHandler(BrokerServices broker) {
        this.producerIds = new ProducerIds(
                broker.config().brokerId(),
                broker.cluster(),
                broker.loops().loops().getFirst());
    }

    CompletableFuture<? extends ApiMessage> answer(ClientContext client, InitProducerIdRequestData request) {
        boolean withId = request.producerId() != RecordBatch.NO_PRODUCER_ID;
        boolean withEpoch = request.producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
        if (withId != withEpoch) {
            return CompletableFuture.completedFuture(refused(Errors.INVALID_REQUEST));
        }
        if (request.transactionalId() != null) {
            // Fatal for the producer and true: this broker does not coordinate transactions.
            return CompletableFuture.completedFuture(
                    refused(request.transactionalId().isEmpty() ? Errors.INVALID_REQUEST : Errors.UNSUPPORTED_VERSION));
        }
        return producerIds
                .next()
                .handle((id, failure) -> failure != null
                        ? refused(Errors.COORDINATOR_LOAD_IN_PROGRESS)
                        : new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0));
    }

    private static InitProducerIdResponseData refused(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(RecordBatch.NO_PRODUCER_ID)
                .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH);
    }
}

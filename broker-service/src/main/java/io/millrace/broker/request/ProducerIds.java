package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out producer ids from blocks that the controller allots to this broker. Its state lives on one loop; {@link #next} may be called
 * on any thread. The next block is asked for when a tenth of the current one is left.
 */
final class ProducerIds {

    private static final Logger LOG = LoggerFactory.getLogger(ProducerIds.class);

    /** Requests that wait for a block; more are refused and come again. */
    private static final int MAX_WAITING = 10_000;

    private final int brokerId;
    private final Cluster cluster;
    private final EventLoop home;
    private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private long nextBlockStart = -1;
    private long nextBlockEnd = -1;
    private long askBelow;
    private boolean asking;

    ProducerIds(int brokerId, Cluster cluster, EventLoop home) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.home = home;
    }

    /** Fails when the controller cannot be reached. */
    CompletableFuture<Long> next() {
        CompletableFuture<Long> id = new CompletableFuture<>();
        home.run(() -> {
            if (waiting.size() >= MAX_WAITING) {
                id.completeExceptionally(Errors.COORDINATOR_LOAD_IN_PROGRESS.exception());
                return;
            }
            waiting.add(id);
            serve();
        });
        return id;
    }

    private void serve() {
        while (!waiting.isEmpty() && (next < end || takeNextBlock())) {
            waiting.remove().complete(next++);
        }
        boolean needed = end - next <= askBelow && nextBlockStart < 0;
        if (needed && !asking) {
            asking = true;
            ask();
        }
    }

    private boolean takeNextBlock() {
        if (nextBlockStart < 0) {
            return false;
        }
        next = nextBlockStart;
        end = nextBlockEnd;
        askBelow = (end - next) / 10;
        nextBlockStart = -1;
        nextBlockEnd = -1;
        return next < end;
    }

    private void ask() {
        AllocateProducerIdsRequestData request =
                new AllocateProducerIdsRequestData().setBrokerId(brokerId).setBrokerEpoch(cluster.brokerEpoch());
        var _ = cluster.ask(request, ApiKeys.ALLOCATE_PRODUCER_IDS.latestVersion())
                .whenComplete((response, failure) -> home.run(() -> allotted(response, failure)));
    }

    private void allotted(@Nullable ApiMessage response, @Nullable Throwable failure) {
        asking = false;
        if (response instanceof AllocateProducerIdsResponseData block && block.errorCode() == Errors.NONE.code()) {
            nextBlockStart = block.producerIdStart();
            nextBlockEnd = block.producerIdStart() + block.producerIdLen();
            serve();
            return;
        }
        LOG.warn(
                "the controller allotted no producer ids: {}",
                failure != null
                        ? FailedRequest.cause(failure).toString()
                        : response instanceof AllocateProducerIdsResponseData refused
                                ? Errors.forCode(refused.errorCode())
                                : response);
        // Whoever waits is told to come again; their next attempt asks the controller again.
        while (!waiting.isEmpty()) {
            waiting.remove().completeExceptionally(Errors.COORDINATOR_LOAD_IN_PROGRESS.exception());
        }
    }
}

package io.millrace.admin.record;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.mask.Masking;
import io.millrace.admin.mask.RecordMask;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import io.millrace.admin.schema.PayloadDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends new records to browsers as they arrive, a batch an event.
 *
 * <p>Each tail has a consumer and a virtual thread; at most {@value #TAILS} at once. A browser that reads slowly slows
 * only its own tail: at most {@value #PER_EVENT} records go into an event, and what is skipped is counted in it.
 */
@Component
class RecordTail {
    private static final Logger LOG = LoggerFactory.getLogger(RecordTail.class);
    private static final int TAILS = 32;
    private static final int PER_EVENT = 500;
    private static final Duration POLL = Duration.ofMillis(500);
    private final Semaphore free = new Semaphore(TAILS);
    private final Masking masking;

    RecordTail(Masking masking) {
        this.masking = masking;
    }

    /** Some new records; {@code matched} beyond those shown were left out to keep up. */
    record TailBatch(List<RecordView> items, long scanned, long matched) {}

    SseEmitter start(
            Cluster cluster,
            List<TopicPartition> partitions,
            RecordFilter filter,
            int maxBytes,
            PayloadDecoder decoder) {
        if (!free.tryAcquire()) {
            throw new ApiException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "TOO_MANY_TAILS",
                    TAILS + " tails are open, which is the limit; close one");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread thread = Thread.ofVirtual()
                .name("tail-" + partitions.getFirst().topic())
                .unstarted(() -> run(emitter, cluster, partitions, filter, maxBytes, decoder));
        emitter.onCompletion(thread::interrupt);
        emitter.onTimeout(thread::interrupt);
        emitter.onError(ignored -> thread.interrupt());
        thread.start();
        return emitter;
    }

    private void run(
            SseEmitter emitter,
            Cluster cluster,
            List<TopicPartition> partitions,
            RecordFilter filter,
            int maxBytes,
            PayloadDecoder decoder) {
        try (Consumer<byte[], byte[]> consumer =
                cluster.newConsumer(Map.of("max.poll.records", 5_000, "auto.offset.reset", "latest"))) {
            RecordMask mask = masking.of(partitions.getFirst().topic());
            try {
                consumer.assign(partitions);
                consumer.seekToEnd(partitions);
                partitions.forEach(consumer::position);
                emitter.send(SseEmitter.event().name("ready").data("{}"));
                while (!Thread.currentThread().isInterrupted()) {
                    ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                    // A comment when nothing came: this is how a browser that went away is noticed.
                    if (polled.isEmpty()) emitter.send(SseEmitter.event().comment("waiting"));
                    else {
                        TailBatch batch = batch(polled, mask, filter, maxBytes, decoder);
                        emitter.send(SseEmitter.event().name("records").data(batch));
                    }
                }
            } finally {
                // An interrupt means that the browser went away; the consumer must still be able to say goodbye to the
                // broker.
                boolean _ = Thread.interrupted();
            }
            emitter.complete();
        } catch (IOException | IllegalStateException | org.apache.kafka.common.errors.InterruptException closed) {
            LOG.debug("a tail ended", closed);
        } catch (KafkaException failure) {
            emitter.completeWithError(KafkaProblems.of(failure));
        } finally {
            free.release();
        }
    }

    private static TailBatch batch(
            ConsumerRecords<byte[], byte[]> polled,
            RecordMask mask,
            RecordFilter filter,
            int maxBytes,
            PayloadDecoder decoder) {
        List<RecordView> shown = new ArrayList<>();
        long matched = 0;
        for (ConsumerRecord<byte[], byte[]> whole : polled) {
            ConsumerRecord<byte[], byte[]> record = mask.apply(whole);
            if (!filter.matches(record)) continue;
            matched++;
            if (shown.size() < PER_EVENT) shown.add(RecordView.of(record, maxBytes, decoder));
        }
        return new TailBatch(shown, polled.count(), matched);
    }
}

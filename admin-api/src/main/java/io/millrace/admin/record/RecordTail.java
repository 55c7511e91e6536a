package io.millrace.admin.record;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.mask.ShownRecord;
import io.millrace.admin.web.EventStreams;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
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
    private static final int TAILS = 32;
    private static final int PER_EVENT = 500;
    private static final Duration POLL = Duration.ofMillis(500);
    private final EventStreams streams = new EventStreams("tails", TAILS);

    /** Some new records; {@code matched} beyond those shown were left out to keep up. */
    record TailBatch(List<RecordView> items, long scanned, long matched) {}

    SseEmitter start(Cluster cluster, List<TopicPartition> partitions, RecordLook look) {
        return streams.open(emitter -> run(emitter, cluster, partitions, look));
    }

    private static void run(SseEmitter emitter, Cluster cluster, List<TopicPartition> partitions, RecordLook look)
            throws IOException {
        try (Consumer<byte[], byte[]> consumer =
                cluster.newConsumer(Map.of("max.poll.records", 5_000, "auto.offset.reset", "latest"))) {
            try {
                consumer.assign(partitions);
                consumer.seekToEnd(partitions);
                partitions.forEach(consumer::position);
                emitter.send(SseEmitter.event().name("ready").data("{}"));
                while (!Thread.currentThread().isInterrupted()) {
                    ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                    // A comment when nothing came: this is how a browser that went away is noticed.
                    if (polled.isEmpty()) emitter.send(SseEmitter.event().comment("waiting"));
                    else emitter.send(SseEmitter.event().name("records").data(batch(polled, look)));
                }
            } finally {
                // An interrupt means that the browser went away; the consumer must still be able to say goodbye to the
                // broker.
                boolean _ = Thread.interrupted();
            }
        }
    }

    private static TailBatch batch(ConsumerRecords<byte[], byte[]> polled, RecordLook look) {
        List<RecordView> shown = new ArrayList<>();
        long matched = 0;
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            ShownRecord match = look.match(record);
            if (match == null) continue;
            matched++;
            if (shown.size() < PER_EVENT) shown.add(look.view(match));
        }
        return new TailBatch(shown, polled.count(), matched);
    }
}

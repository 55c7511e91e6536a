package io.millrace.admin.record;

import io.millrace.admin.record.RecordScan.Found;
import io.millrace.admin.record.RecordScan.Range;
import io.millrace.admin.record.Records.Place;
import io.millrace.admin.record.Records.Query;
import io.millrace.admin.web.EventStreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Looks through a topic for as long as it takes and sends what it finds, and how far it is, as it goes. Whoever closes the
 * connection ends it: that is noticed by what is sent, every tenth of a second at least.
 */
@Component
class RecordSearch {
    private static final int SEARCHES = 16;
    private static final Duration STEP = Duration.ofMillis(200);
    private final EventStreams streams = new EventStreams("searches", SEARCHES);
    private final Records records;

    RecordSearch(Records records) {
        this.records = records;
    }

    SseEmitter start(String clusterId, String topic, Query query) {
        Place place = records.find(clusterId, topic, query);
        return streams.open(emitter -> run(emitter, place, query));
    }

    int open() {
        return streams.open();
    }

    private void run(SseEmitter emitter, Place place, Query query) throws IOException {
        try (Consumer<byte[], byte[]> consumer = records.consumer(place, query)) {
            try {
                RecordScan scan = records.scan(consumer, place, query, () -> beat(emitter));
                Map<Integer, Range> remaining = place.start().remaining();
                int wanted = query.limit();
                long unanswered = 0;
                while (true) {
                    Found found = scan.step(place.start().backwards(), remaining, wanted, STEP);
                    long failures = query.filter().failures();
                    emitter.send(
                            SseEmitter.event().name("page").data(records.page(place, found, failures - unanswered)));
                    unanswered = failures;
                    remaining = found.remaining();
                    wanted -= found.records().size();
                    if (wanted == 0 || found.done()) return;
                }
            } finally {
                // An interrupt means that nobody reads any more; the consumer must still be able to say goodbye.
                boolean _ = Thread.interrupted();
            }
        }
    }

    private static void beat(SseEmitter emitter) {
        try {
            emitter.send(SseEmitter.event().comment("looking"));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}

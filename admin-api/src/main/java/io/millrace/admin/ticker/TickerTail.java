package io.millrace.admin.ticker;

import io.millrace.admin.web.EventStreams;
import java.io.IOException;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Sends events to browsers as they come, at most {@value #TAILS} at once; a browser that comes back gets what it missed. */
@Component
final class TickerTail {
    private static final int TAILS = 64;
    /** How often a browser that went away is noticed, and interest renewed. */
    private static final long IDLE_MS = 5_000;

    private final EventStreams streams = new EventStreams("tickers", TAILS);

    record Events(List<ClusterEvent> items) {}

    SseEmitter start(ClusterTicker ticker, long afterSequence) {
        return streams.open(emitter -> run(emitter, ticker, afterSequence));
    }

    private static void run(SseEmitter emitter, ClusterTicker ticker, long afterSequence)
            throws IOException, InterruptedException {
        EventRing ring = ticker.ring();
        // A number that was not given out yet is one of an earlier process.
        long position = afterSequence < 0 || afterSequence > ring.last() ? ring.last() : afterSequence;
        emitter.send(
                SseEmitter.event().name("ready").id(String.valueOf(position)).data("{}"));
        while (true) {
            ticker.asked();
            List<ClusterEvent> found = ring.awaitAfter(position, IDLE_MS);
            if (found.isEmpty()) {
                emitter.send(SseEmitter.event().comment("waiting"));
                continue;
            }
            position = found.getLast().sequence();
            emitter.send(SseEmitter.event()
                    .name("events")
                    .id(String.valueOf(position))
                    .data(new Events(found)));
        }
    }
}

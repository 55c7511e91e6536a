package io.millrace.admin.ticker;

import io.millrace.admin.problem.ApiException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Sends events to browsers as they come, at most {@value #TAILS} at once; a browser that comes back gets what it missed. */
@Component
final class TickerTail {
    private static final Logger LOG = LoggerFactory.getLogger(TickerTail.class);
    private static final int TAILS = 64;
    /** How often a browser that went away is noticed, and interest renewed. */
    private static final long IDLE_MS = 5_000;

    private final Semaphore free = new Semaphore(TAILS);

    record Events(List<ClusterEvent> items) {}

    SseEmitter start(ClusterTicker ticker, long afterSequence) {
        if (!free.tryAcquire()) {
            throw new ApiException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "TOO_MANY_TAILS",
                    TAILS + " tickers are open, which is the limit; close one");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread thread = Thread.ofVirtual().name("ticker-tail").unstarted(() -> run(emitter, ticker, afterSequence));
        emitter.onCompletion(thread::interrupt);
        emitter.onTimeout(thread::interrupt);
        emitter.onError(ignored -> thread.interrupt());
        thread.start();
        return emitter;
    }

    private void run(SseEmitter emitter, ClusterTicker ticker, long afterSequence) {
        EventRing ring = ticker.ring();
        // A number that was not given out yet is one of an earlier process.
        long position = afterSequence < 0 || afterSequence > ring.last() ? ring.last() : afterSequence;
        try {
            emitter.send(SseEmitter.event()
                    .name("ready")
                    .id(String.valueOf(position))
                    .data("{}"));
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
        } catch (InterruptedException ended) {
            emitter.complete();
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("a ticker's browser went away", gone);
        } finally {
            free.release();
        }
    }
}

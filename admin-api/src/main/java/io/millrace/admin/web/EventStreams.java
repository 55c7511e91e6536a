package io.millrace.admin.web;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams of server-sent events of one kind, a bounded number at once.
 *
 * <p>Each has a virtual thread of its own, which is interrupted when its browser is known to have gone away; that is
 * noticed when something is sent, so that whoever has nothing to send sends a comment now and then.
 */
public final class EventStreams {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private final String kind;
    private final int limit;
    private final Semaphore free;

    /** What a stream sends; when it returns, the stream has come to its end. */
    @FunctionalInterface
    public interface Events {
        void send(SseEmitter to) throws IOException, InterruptedException;
    }

    /** {@code kind} in the plural, as it is told to who asks for one too many. */
    public EventStreams(String kind, int limit) {
        this.kind = kind;
        this.limit = limit;
        this.free = new Semaphore(limit);
    }

    /** How many are open: their events are being sent, and whatever they come from is held. */
    public int open() {
        return limit - free.availablePermits();
    }

    public SseEmitter open(Events events) {
        if (!free.tryAcquire()) {
            throw new ApiException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "TOO_MANY_TAILS",
                    limit + " " + kind + " are open, which is the limit; close one");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread thread = Thread.ofVirtual().name(kind).unstarted(() -> run(events, emitter));
        emitter.onCompletion(thread::interrupt);
        emitter.onTimeout(thread::interrupt);
        emitter.onError(ignored -> thread.interrupt());
        thread.start();
        return emitter;
    }

    private void run(Events events, SseEmitter emitter) {
        try {
            events.send(emitter);
            emitter.complete();
        } catch (InterruptedException | InterruptException ended) {
            emitter.complete();
        } catch (IOException | UncheckedIOException | IllegalStateException gone) {
            LOG.debug("whoever read one of the {} went away", kind, gone);
        } catch (KafkaException failure) {
            emitter.completeWithError(KafkaProblems.of(failure));
        } catch (ApiException failure) {
            emitter.completeWithError(failure);
        } finally {
            free.release();
        }
    }
}

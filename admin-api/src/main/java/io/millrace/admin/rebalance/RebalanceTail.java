package io.millrace.admin.rebalance;

import io.millrace.admin.problem.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends new events to browsers as they come. At most {@value #TAILS} tails at once; one whose browser does not take {@value #BEHIND}
 * batches is ended, and the browser begins anew.
 */
@Component
final class RebalanceTail {
    private static final Logger LOG = LoggerFactory.getLogger(RebalanceTail.class);
    private static final int TAILS = 64;
    private static final int BEHIND = 1_000;
    /** How often a browser that went away is noticed, and interest in a group renewed. */
    private static final long IDLE_MS = 5_000;

    private final Semaphore free = new Semaphore(TAILS);

    record Ready(GroupWatch.Source source) {}

    record Events(List<GroupEvent> items) {}

    /** Tails one group, or all if {@code groupId} is null. */
    SseEmitter start(GroupWatch watch, @Nullable String groupId) {
        if (!free.tryAcquire()) {
            throw new ApiException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "TOO_MANY_TAILS",
                    TAILS + " timelines are open, which is the limit; close one");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread thread = Thread.ofVirtual().name("rebalance-tail").unstarted(() -> run(emitter, watch, groupId));
        emitter.onCompletion(thread::interrupt);
        emitter.onTimeout(thread::interrupt);
        emitter.onError(ignored -> thread.interrupt());
        thread.start();
        return emitter;
    }

    private void run(SseEmitter emitter, GroupWatch watch, @Nullable String groupId) {
        LinkedBlockingQueue<List<GroupEvent>> queue = new LinkedBlockingQueue<>(BEHIND);
        Thread me = Thread.currentThread();
        Consumer<List<GroupEvent>> listener = events -> {
            List<GroupEvent> wanted = groupId == null
                    ? events
                    : events.stream()
                            .filter(event -> event.groupId().equals(groupId))
                            .toList();
            if (!wanted.isEmpty() && !queue.offer(wanted)) me.interrupt();
        };
        watch.store().listen(listener);
        try {
            emitter.send(SseEmitter.event().name("ready").data(new Ready(watch.source())));
            while (true) {
                if (groupId != null) watch.interestIn(groupId);
                List<GroupEvent> first = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
                if (first == null) {
                    emitter.send(SseEmitter.event().comment("waiting"));
                    continue;
                }
                List<GroupEvent> items = new ArrayList<>(first);
                for (List<GroupEvent> more = queue.poll(); more != null; more = queue.poll()) items.addAll(more);
                emitter.send(SseEmitter.event().name("events").data(new Events(items)));
            }
        } catch (InterruptedException ended) {
            emitter.complete();
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("a timeline's browser went away", gone);
        } finally {
            watch.store().forget(listener);
            free.release();
        }
    }
}

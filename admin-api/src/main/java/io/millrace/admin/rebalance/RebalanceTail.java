package io.millrace.admin.rebalance;

import io.millrace.admin.web.EventStreams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends new events to browsers as they come. At most {@value #TAILS} tails at once; one whose browser does not take {@value #BEHIND}
 * batches is ended, and the browser begins anew.
 */
@Component
final class RebalanceTail {
    private static final int TAILS = 64;
    private static final int BEHIND = 1_000;
    /** How often a browser that went away is noticed, and interest in a group renewed. */
    private static final long IDLE_MS = 5_000;

    private final EventStreams streams = new EventStreams("timelines", TAILS);

    record Ready(GroupWatch.Source source) {}

    record Events(List<GroupEvent> items) {}

    /** Tails one group, or all if {@code groupId} is null. */
    SseEmitter start(GroupWatch watch, @Nullable String groupId) {
        return streams.open(emitter -> run(emitter, watch, groupId));
    }

    private static void run(SseEmitter emitter, GroupWatch watch, @Nullable String groupId)
            throws IOException, InterruptedException {
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
        } finally {
            watch.store().forget(listener);
        }
    }
}

package io.millrace.broker.request;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When the waiting fetches of one event loop give up; on that loop. They do on a grid of time, so that consumers who wait equally long
 * for quiet partitions come to share their wake-ups: what a fetch asks for is the longest wait, and it ends up to an eighth of it earlier.
 */
final class FetchTimeouts {

    private static final int PARTS = 8;
    private static final long MAX_GRID_MS = 64;

    private final EventLoop loop;
    private final Clock clock;

    /** By the time when they end; bounded by the requests that connections may have in flight. */
    private final Map<Long, LinkedHashSet<Runnable>> byTimeMs = new HashMap<>();

    FetchTimeouts(EventLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
    }

    /** Runs a task within {@code delayMs}. */
    EventLoop.Timer schedule(Runnable task, long delayMs) {
        long nowMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(1) - 1);
        long gridMs = Math.clamp(delayMs / PARTS, 1, MAX_GRID_MS);
        long timeMs = Math.max(nowMs + 1, (nowMs + delayMs) / gridMs * gridMs);
        LinkedHashSet<Runnable> tasks = byTimeMs.get(timeMs);
        if (tasks == null) {
            tasks = new LinkedHashSet<>();
            byTimeMs.put(timeMs, tasks);
            EventLoop.Timer _ = loop.schedule(() -> run(timeMs), timeMs - nowMs);
        }
        tasks.add(task);
        LinkedHashSet<Runnable> among = tasks;
        return () -> among.remove(task);
    }

    private void run(long timeMs) {
        LinkedHashSet<Runnable> due = byTimeMs.remove(timeMs);
        if (due != null) {
            // One that ends may end others.
            while (!due.isEmpty()) {
                due.removeFirst().run();
            }
        }
    }
}

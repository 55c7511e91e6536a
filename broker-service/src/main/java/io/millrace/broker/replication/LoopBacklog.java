package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What changes of the metadata still have to do on one loop: done in order and in slices, with room for clients between them, as one
 * change may concern thousands of partitions. Owned by the loop.
 */
final class LoopBacklog {

    private static final Logger LOG = LoggerFactory.getLogger(LoopBacklog.class);

    private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long PAUSE_MS = 1;

    private final EventLoop loop;
    private final Clock clock;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean pausing;

    LoopBacklog(EventLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
    }

    /** Does the tasks after all that came before; on the loop. */
    void add(List<Runnable> tasks) {
        waiting.addAll(tasks);
        if (!pausing) {
            work();
        }
    }

    private void work() {
        pausing = false;
        long startNs = clock.monotonicNs();
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            run(task);
            if (!waiting.isEmpty() && clock.monotonicNs() - startNs >= SLICE_NS) {
                pausing = true;
                EventLoop.Timer _ = loop.schedule(this::work, PAUSE_MS);
                return;
            }
        }
    }

    /** What goes wrong with one partition must not keep the others from their roles. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("A partition could not follow a change of the metadata", e);
        }
    }
}

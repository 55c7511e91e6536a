package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of a log that is being copied: runs its tasks in order, one at a time, on I/O workers, where they may wait for the disk.
 * Once it is handed over to a real loop, everything runs there.
 */
final class WorkerLoop implements EventLoop {

    private final IoWorkers workers;
    private final EventLoop timers;

    /** Bounded by what one log has under way. Guarded by this. */
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    private boolean running;
    private volatile @Nullable Thread worker;
    private volatile @Nullable EventLoop successor;

    WorkerLoop(IoWorkers workers, EventLoop timers) {
        this.workers = workers;
        this.timers = timers;
    }

    @Override
    public int index() {
        EventLoop next = successor;
        return next == null ? timers.index() : next.index();
    }

    @Override
    public boolean inLoop() {
        EventLoop next = successor;
        return next == null ? Thread.currentThread().equals(worker) : next.inLoop();
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        return timers.schedule(() -> execute(task), delayMs);
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            EventLoop next = successor;
            if (next != null) {
                next.execute(task);
                return;
            }
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        workers.submit(this::work);
    }

    private void work() {
        for (Runnable task = next(); task != null; task = next()) {
            worker = Thread.currentThread();
            try {
                task.run();
            } catch (RuntimeException e) {
                LogEvents.LOG.error("A task of a log that is being copied failed", e);
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = successor == null ? tasks.poll() : null;
        if (task == null) {
            running = false;
            worker = null;
        }
        return task;
    }

    /** Ends the work on workers; called by the last task there. {@code first} and then whatever waits runs on {@code loop}. */
    synchronized void handOver(EventLoop loop, Runnable first) {
        successor = loop;
        loop.execute(first);
        tasks.forEach(loop::execute);
        tasks.clear();
    }
}

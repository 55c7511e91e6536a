package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/** Event loop, workers and clock of a test on one thread: everything runs at once, timers when the test moves the clock. */
final class InlineLoop implements EventLoop, IoWorkers, Clock {

    private record Timed(long atMs, long order, Runnable task) implements Comparable<Timed> {
        @Override
        public int compareTo(Timed other) {
            return atMs != other.atMs ? Long.compare(atMs, other.atMs) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Timed> timers = new PriorityQueue<>();
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private long order;
    private long nowMs;
    private boolean holdWork;

    InlineLoop(long nowMs) {
        this.nowMs = nowMs;
    }

    /** Keeps work of I/O workers back until {@link #runHeldWork}. */
    void holdWork() {
        holdWork = true;
    }

    void runHeldWork() {
        holdWork = false;
        for (Runnable work = held.poll(); work != null; work = held.poll()) {
            work.run();
        }
    }

    /** Runs all work that waits, what came last first, as several workers may. */
    void runHeldWorkNewestFirst() {
        holdWork = false;
        for (Runnable work = held.pollLast(); work != null; work = held.pollLast()) {
            work.run();
        }
    }

    /** Runs some of the work that waits, and goes on holding back. */
    void runHeldWork(int most) {
        for (int i = 0; i < most && !held.isEmpty(); i++) {
            held.remove().run();
        }
    }

    /** Work that waits is lost, timers too: the process died. */
    void dropHeldWork() {
        holdWork = false;
        held.clear();
        timers.clear();
    }

    void advance(long ms) {
        long until = nowMs + ms;
        while (!timers.isEmpty() && timers.peek().atMs <= until) {
            Timed next = timers.poll();
            nowMs = Math.max(nowMs, next.atMs);
            next.task.run();
        }
        nowMs = until;
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        Timed timed = new Timed(nowMs + delayMs, order++, task);
        timers.add(timed);
        return () -> timers.remove(timed);
    }

    @Override
    public <T> void submit(Callable<T> work, EventLoop loop, BiConsumer<T, Exception> done) {
        submit(() -> finish(work, done));
    }

    private static <T> void finish(Callable<T> work, BiConsumer<T, Exception> done) {
        T value;
        try {
            value = work.call();
        } catch (Exception e) {
            done.accept(null, e);
            return;
        }
        done.accept(value, null);
    }

    @Override
    public void submit(Runnable work) {
        if (holdWork) {
            held.add(work);
        } else {
            work.run();
        }
    }

    @Override
    public long wallClockMs() {
        return nowMs;
    }

    @Override
    public long monotonicNs() {
        return nowMs * 1_000_000;
    }
}

package io.millrace.broker.simulation;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.IoWorkers;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/** A broker's process: two event loops, I/O workers and other threads, and a clock that can be wrong. It can stand still and be killed. */
final class SimulatedProcess implements IoWorkers, Clock {

    private static final long START_WALL_MS = 1_700_000_000_000L;
    private static final long WORK_NS = 3 * Scheduler.MS;
    private static final long LONGEST_UPTIME_NS = 86_400_000 * Scheduler.MS;
    /** Clocks gain or lose up to so much of a second in each. */
    private static final double WORST_DRIFT = 0.1;

    private final Scheduler scheduler;
    private final EventLoops loops;
    private final long uptimeNs;
    private final double pace;
    private boolean alive = true;
    /** The loop whose task runs; null while another thread's does. */
    private EventLoop running;

    private boolean blocking;
    private long pausedUntilNs;
    private long skewMs;

    SimulatedProcess(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.uptimeNs = scheduler.upTo(LONGEST_UPTIME_NS);
        this.pace = 1 - WORST_DRIFT + 2 * WORST_DRIFT * scheduler.random.nextDouble();
        this.loops =
                new EventLoops(List.of(new SimulatedLoop(0, this, scheduler), new SimulatedLoop(1, this, scheduler)));
    }

    EventLoops loops() {
        return loops;
    }

    /** The loop for a new connection. */
    EventLoop anyLoop() {
        return loops.loops().get(scheduler.random.nextInt(loops.loops().size()));
    }

    boolean isAlive() {
        return alive;
    }

    long pausedUntilNs() {
        return pausedUntilNs;
    }

    void kill() {
        alive = false;
    }

    void pauseUntil(long ns) {
        pausedUntilNs = Math.max(pausedUntilNs, ns);
    }

    void setWallClock(long newSkewMs) {
        skewMs = newSkewMs;
    }

    boolean runs(EventLoop loop) {
        return running == loop;
    }

    void run(Runnable task, EventLoop asLoop) {
        running = asLoop;
        try {
            task.run();
        } finally {
            running = null;
        }
    }

    /** Runs something whose caller waits for what it gives to the workers. */
    void blocking(Runnable task) {
        blocking = true;
        try {
            task.run();
        } finally {
            blocking = false;
        }
    }

    /** On another thread than the loops'. */
    Scheduler.Event elsewhere(long delayNs, Runnable task) {
        return scheduler.after(delayNs, this, null, task);
    }

    @Override
    public <T> void submit(Callable<T> work, EventLoop loop, BiConsumer<T, Exception> done) {
        submit(() -> {
            T value;
            try {
                value = work.call();
            } catch (Exception e) {
                loop.execute(() -> done.accept(null, e));
                return;
            }
            loop.execute(() -> done.accept(value, null));
        });
    }

    @Override
    public void submit(Runnable work) {
        if (blocking) {
            work.run();
        } else {
            elsewhere(scheduler.upTo(WORK_NS), work);
        }
    }

    @Override
    public long wallClockMs() {
        return START_WALL_MS + (long) (scheduler.nowNs() * pace) / Scheduler.MS + skewMs;
    }

    @Override
    public long monotonicNs() {
        return uptimeNs + (long) (scheduler.nowNs() * pace);
    }

    /** How long it really takes until this process's clock has gone on by {@code ns}. */
    long untilPassed(long ns) {
        return (long) Math.ceil(ns / pace);
    }
}

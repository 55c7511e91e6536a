package io.millrace.broker.coordinator;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/** One thread, one event loop, simulated time and seeded randomness: everything a coordinator needs to be run by a test. */
public final class Simulation implements EventLoop, Clock, IoWorkers {
    private static final long START_WALL_MS = 1_700_000_000_000L;

    private record Timed(Runnable task, long dueMs, long sequence, boolean[] cancelled) {}

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timed> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timed::dueMs).thenComparingLong(Timed::sequence));
    private final SplittableRandom random;
    private long nowMs;
    private long sequence;

    public Simulation(long seed) {
        random = new SplittableRandom(seed);
    }

    public RandomSource random() {
        return random::nextLong;
    }

    /** Runs everything that is ready. */
    public void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Lets time pass, timers going off one after the other at their times. */
    public void advance(long ms) {
        settle();
        long untilMs = nowMs + ms;
        while (!timers.isEmpty() && timers.peek().dueMs <= untilMs) {
            Timed timer = timers.remove();
            nowMs = Math.max(nowMs, timer.dueMs);
            if (!timer.cancelled[0]) {
                timer.task.run();
                settle();
            }
        }
        nowMs = untilMs;
    }

    public long nowMs() {
        return nowMs;
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
        tasks.add(task);
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        var timed = new Timed(task, nowMs + delayMs, sequence++, new boolean[1]);
        timers.add(timed);
        return () -> timed.cancelled[0] = true;
    }

    @Override
    public long wallClockMs() {
        return START_WALL_MS + nowMs;
    }

    @Override
    public long monotonicNs() {
        return nowMs * 1_000_000;
    }

    @Override
    public <T> void submit(Callable<T> work, EventLoop loop, BiConsumer<T, Exception> done) {
        T value;
        try {
            value = work.call();
        } catch (Exception e) {
            loop.execute(() -> done.accept(null, e));
            return;
        }
        loop.execute(() -> done.accept(value, null));
    }

    @Override
    public void submit(Runnable work) {
        tasks.add(work);
    }
}

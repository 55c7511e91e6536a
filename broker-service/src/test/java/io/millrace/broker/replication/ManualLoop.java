package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** An event loop without a thread, and its clock: the test is the loop's thread, and time passes when the test says so. */
public final class ManualLoop implements EventLoop, Clock, IoWorkers {

    private record Scheduled(long atNs, int order, Runnable task, boolean[] cancelled) {}

    private final int index;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Scheduled> timers = new ArrayList<>();
    private long nowNs = 1;
    private int order;
    private int submitted;

    public ManualLoop(int index) {
        this.index = index;
    }

    @Override
    public int index() {
        return index;
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
        Scheduled timer = new Scheduled(nowNs + TimeUnit.MILLISECONDS.toNanos(delayMs), order++, task, new boolean[1]);
        timers.add(timer);
        return () -> timer.cancelled[0] = true;
    }

    /** Runs everything that was sent to the loop. */
    public void drain() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** Lets time pass, firing timers on the way. */
    public void pass(long ms) {
        long untilNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
        while (true) {
            drain();
            Scheduled next = timers.stream()
                    .filter(timer -> timer.atNs <= untilNs)
                    .min(Comparator.comparingLong(Scheduled::atNs).thenComparingInt(Scheduled::order))
                    .orElse(null);
            if (next == null) {
                nowNs = untilNs;
                return;
            }
            timers.remove(next);
            nowNs = Math.max(nowNs, next.atNs);
            if (!next.cancelled[0]) {
                next.task.run();
            }
        }
    }

    /** The running task takes this long. */
    public void elapse(long ms) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    /** Timers that will still fire. */
    public long pendingTimers() {
        return timers.stream().filter(timer -> !timer.cancelled[0]).count();
    }

    @Override
    public long wallClockMs() {
        return 1_700_000_000_000L + TimeUnit.NANOSECONDS.toMillis(nowNs);
    }

    @Override
    public long monotonicNs() {
        return nowNs;
    }

    @Override
    public <T> void submit(Callable<T> work, EventLoop loop, BiConsumer<T, Exception> done) {
        submitted++;
        loop.execute(() -> {
            try {
                done.accept(work.call(), null);
            } catch (Exception e) {
                done.accept(null, e);
            }
        });
    }

    /** How much work was given to I/O workers for an answer. */
    public int submitted() {
        return submitted;
    }

    @Override
    public void submit(Runnable work) {
        work.run();
    }
}

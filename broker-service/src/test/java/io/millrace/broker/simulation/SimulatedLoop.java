package io.millrace.broker.simulation;

import io.millrace.broker.runtime.EventLoop;

/** One event loop of a process; tasks run in the order in which they were sent. */
final class SimulatedLoop implements EventLoop {

    private static final long HAND_OVER_NS = 100_000;
    /** Now and then a task takes long, and others wait behind it. */
    private static final int SLOW_TASK_ONE_IN = 100;

    private static final long SLOW_TASK_NS = 30 * Scheduler.MS;

    private final int index;
    private final SimulatedProcess process;
    private final Scheduler scheduler;
    private long lastTaskNs;

    SimulatedLoop(int index, SimulatedProcess process, Scheduler scheduler) {
        this.index = index;
        this.process = process;
        this.scheduler = scheduler;
    }

    @Override
    public int index() {
        return index;
    }

    /** Not the object's identity, so that maps by loop have the same order in every run. */
    @Override
    public int hashCode() {
        return index;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public boolean inLoop() {
        return process.runs(this);
    }

    @Override
    public void execute(Runnable task) {
        boolean slow = scheduler.random.nextInt(SLOW_TASK_ONE_IN) == 0;
        lastTaskNs = Math.max(lastTaskNs, scheduler.nowNs() + scheduler.upTo(slow ? SLOW_TASK_NS : HAND_OVER_NS));
        scheduler.after(lastTaskNs - scheduler.nowNs(), process, this, task);
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        return scheduler.after(
                        process.untilPassed(delayMs * Scheduler.MS) + scheduler.upTo(Scheduler.MS), process, this, task)
                ::cancel;
    }
}

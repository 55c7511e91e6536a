package io.millrace.broker.simulation;

import io.millrace.broker.runtime.EventLoop;

/** One event loop of a process; tasks run in the order in which they were sent. */
final class SimulatedLoop implements EventLoop {

    private static final long HAND_OVER_NS = 100_000;

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

    @Override
    public boolean inLoop() {
        return process.runs(this);
    }

    @Override
    public void execute(Runnable task) {
        lastTaskNs = Math.max(lastTaskNs, scheduler.nowNs() + scheduler.upTo(HAND_OVER_NS));
        scheduler.after(lastTaskNs - scheduler.nowNs(), process, this, task);
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        return scheduler.after(delayMs * Scheduler.MS + scheduler.upTo(Scheduler.MS), process, this, task)::cancel;
    }
}

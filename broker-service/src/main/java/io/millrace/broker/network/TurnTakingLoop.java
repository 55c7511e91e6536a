package io.millrace.broker.network;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Netty event loop on which connections and tasks take turns: tasks run for as long as the connections just took, or for
 * {@link #MIN_TASKS_NS}.
 *
 * <p>Netty's own looks at the connections when there are no tasks left or after a second of them, and at the clock after each
 * 64th. But here tasks are the appends that other loops' connections ask for, and as long as those keep this loop busy its own
 * connections would neither be read nor answered.
 */
final class TurnTakingLoop extends SingleThreadIoEventLoop {

    /** A look at connections that want nothing takes 1 to 2 microseconds. */
    private static final long MIN_TASKS_NS = TimeUnit.MICROSECONDS.toNanos(200);

    /** How long the last look at the connections took; 0 if it may have been a wait for them. */
    private long connectionsNs;

    TurnTakingLoop(IoEventLoopGroup group, Executor executor, IoHandlerFactory io) {
        super(group, executor, io);
    }

    @Override
    protected int runIo() {
        boolean mayWait = !hasTasks();
        long startNs = ticker().nanoTime();
        int handled = super.runIo();
        connectionsNs = mayWait ? 0 : ticker().nanoTime() - startNs;
        return handled;
    }

    /** Runs the timers that are due and at least one task. Netty's own quantum is not used. */
    @Override
    protected boolean runAllTasks(long quantumNs) {
        long startNs = ticker().nanoTime();
        @Nullable Runnable due = pollScheduledTask(startNs);
        while (due != null) {
            safeExecute(due);
            due = pollScheduledTask(startNs);
        }
        long endNs = startNs + Math.max(connectionsNs, MIN_TASKS_NS);
        boolean ran = false;
        @Nullable Runnable task = pollTask();
        while (task != null) {
            safeExecute(task);
            ran = true;
            task = ticker().nanoTime() < endNs ? pollTask() : null;
        }
        updateLastExecutionTime();
        afterRunningAllTasks();
        return ran;
    }
}

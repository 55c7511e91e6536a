package io.millrace.broker.runtime;

import java.util.concurrent.Executor;

/**
 * One thread that owns connections, partitions and coordinator shards, and runs what is sent to it in order.
 *
 * <p>Tasks never block on a lock, a future or a peer. Tasks from one sender thread run in the order they were sent.
 */
public interface EventLoop extends Executor {

    /** Position of this loop among its {@link EventLoops}, from 0. */
    int index();

    /** Whether the calling thread is this loop's thread. */
    boolean inLoop();

    /** Runs {@code task} after at least {@code delayMs} milliseconds; any thread. */
    Timer schedule(Runnable task, long delayMs);

    /** Runs {@code task} now when called on this loop, else sends it there. */
    default void run(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** A task that waits for its time. */
    interface Timer {
        /** Keeps the task from running if it has not started; any thread, may be called again. */
        void cancel();
    }
}

package io.millrace.broker.runtime;

import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads for work that may stall: fsync, cold reads, recovery, retention deletes. A finished value goes back to an event loop.
 */
public interface IoWorkers {

    /**
     * Runs {@code work} on a worker, then {@code done} on {@code loop} with the value or, if it failed, the exception; any thread.
     * Exactly one of the two arguments of {@code done} is non-null unless {@code work} returned null.
     */
    <T extends @Nullable Object> void submit(
            Callable<T> work, EventLoop loop, BiConsumer<@Nullable T, @Nullable Exception> done);

    /** Runs {@code work} on a worker; a failure is logged. Any thread. */
    void submit(Runnable work);
}

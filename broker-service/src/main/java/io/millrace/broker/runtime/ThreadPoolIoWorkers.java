package io.millrace.broker.runtime;

import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed number of threads for work that may stall. They end when idle and start again when needed.
 *
 * <p>The queue has no bound of its own: each submitter has at most a fixed number of tasks under way per object it owns.
 */
public final class ThreadPoolIoWorkers implements IoWorkers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ThreadPoolIoWorkers.class);
    private static final long IDLE_S = 30;
    private static final long CLOSE_TIMEOUT_S = 30;

    private final ThreadPoolExecutor threads;

    public ThreadPoolIoWorkers(int threadCount) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                threadCount,
                threadCount,
                IDLE_S,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new Thread(task, "io-" + number.getAndIncrement()));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public <T extends @Nullable Object> void submit(
            Callable<T> work, EventLoop loop, BiConsumer<@Nullable T, @Nullable Exception> done) {
        threads.execute(() -> {
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
        threads.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                log.error("A background task failed", e);
            }
        });
    }

    /** Ends after the tasks that were submitted; waits for them, but not for ever. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                log.warn("{} background tasks did not end within {} s", threads.getActiveCount(), CLOSE_TIMEOUT_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.millrace.broker.cluster;

import io.millrace.broker.runtime.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.raft.ExpirationService;
import org.apache.kafka.server.util.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which this package's timed work runs: heartbeats, expiry of waiting quorum requests, deletion of old metadata
 * segments. Any thread may send it work; what it runs must not block.
 */
final class ClusterTimer implements Scheduler, ExpirationService, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterTimer.class);

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("cluster-timer").daemon(true).factory());

    private final Clock clock;

    ClusterTimer(Clock clock) {
        this.clock = clock;
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Monotonic time, in nanoseconds. */
    long nowNs() {
        return clock.monotonicNs();
    }

    /** Runs {@code task} after {@code delayMs}; dropped without a word once the timer is closed. */
    void after(long delayMs, Runnable task) {
        ScheduledFuture<?> _ = schedule("task", task, delayMs, -1);
    }

    @Override
    public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("timed task {} failed", name, e);
            }
        };
        return periodMs > 0
                ? executor.scheduleAtFixedRate(guarded, delayMs, periodMs, TimeUnit.MILLISECONDS)
                : executor.schedule(guarded, delayMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public <T> CompletableFuture<T> failAfter(long timeoutMs) {
        CompletableFuture<T> future = new CompletableFuture<>();
        ScheduledFuture<?> expiry = schedule(
                "expiry",
                () -> future.completeExceptionally(new TimeoutException("no answer within " + timeoutMs + " ms")),
                timeoutMs,
                -1);
        CompletableFuture<T> _ = future.whenComplete((_, _) -> expiry.cancel(false));
        return future;
    }

    @Override
    public void startup() {}

    @Override
    public void shutdown() {
        close();
    }

    @Override
    public void resizeThreadPool(int threads) {
        throw new UnsupportedOperationException("the cluster timer has one thread");
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("the cluster timer's last task has not ended after 10 s; it is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.millrace.admin.cluster;

import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * A value that one background thread keeps fresh, so that readers never wait for the cluster.
 *
 * <p>It reloads every 2 s while somebody reads it and every 10 s otherwise, and never spends more than a fifth of the
 * time loading: a large cluster is asked less often. Keeps the last good value when a load fails.
 */
public final class Watch<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long WATCHED_INTERVAL_MS = 2_000;
    private static final long IDLE_INTERVAL_MS = 10_000;
    private static final long INTEREST_MS = 30_000;
    private static final long FIRST_LOAD_MS = 15_000;

    private final Supplier<T> load;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable T value;
    private volatile long lastReadNanos = System.nanoTime();
    // Guarded by lock.
    private long requested;
    private long completed;
    private @Nullable RuntimeException failure;
    private boolean closed;

    public Watch(String name, Supplier<T> load) {
        this.load = load;
        this.thread = Thread.ofVirtual().name("watch-" + name).start(this::run);
    }

    /** The latest value; waits only for the very first one. */
    public T current() {
        lastReadNanos = System.nanoTime();
        T known = value;
        if (known != null) return known;
        return awaitLoad(1, FIRST_LOAD_MS);
    }

    /** The latest value, if there is one; unlike {@link #current} this does not count as somebody looking. */
    public @Nullable T peek() {
        return value;
    }

    /** Loads anew and waits until a load that began after this call is done, or 4 s have passed. */
    public void refresh() {
        long target;
        lock.lock();
        try {
            requested = Math.max(requested, completed + 2);
            target = requested;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (value != null) awaitLoad(target, 4_000);
    }

    private T awaitLoad(long target, long limitMs) {
        long remainingNanos = TimeUnit.MILLISECONDS.toNanos(limitMs);
        lock.lock();
        try {
            while (completed < target && remainingNanos > 0 && !closed) {
                if (value == null && failure != null) break;
                remainingNanos = changed.awaitNanos(remainingNanos);
            }
            T loaded = value;
            if (loaded != null) return loaded;
            if (failure != null) throw KafkaProblems.of(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        throw new ApiException(
                HttpStatus.SERVICE_UNAVAILABLE,
                "CLUSTER_UNREACHABLE",
                "The cluster has not answered yet; check that its brokers run and that the bootstrap servers are right.");
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            long start = System.nanoTime();
            try {
                T loaded = load.get();
                value = loaded;
                finish(null);
            } catch (RuntimeException problem) {
                LOG.debug("a background refresh failed", problem);
                finish(problem);
            }
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            if (!pause(tookMs)) return;
        }
    }

    private void finish(@Nullable RuntimeException problem) {
        lock.lock();
        try {
            completed++;
            failure = problem;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next turn or for a request; false when this watch is closed. */
    private boolean pause(long tookMs) {
        long interval = watched() ? WATCHED_INTERVAL_MS : IDLE_INTERVAL_MS;
        long remainingNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(interval, 4 * tookMs));
        lock.lock();
        try {
            while (!closed && requested <= completed && remainingNanos > 0) {
                remainingNanos = changed.awaitNanos(remainingNanos);
            }
            return !closed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean watched() {
        return System.nanoTime() - lastReadNanos < TimeUnit.MILLISECONDS.toNanos(INTEREST_MS);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }
}

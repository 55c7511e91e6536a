package io.millrace.admin.operation;

import io.millrace.admin.operation.Operation.Progress;
import io.millrace.admin.operation.Operation.State;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** An operation and the thread that works on it. Safe for any thread. */
final class Running implements Work.Report {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Operation now;
    // Guarded by lock.
    private boolean cancelled;
    private @Nullable Thread thread;

    Running(Operation first) {
        this.now = first;
    }

    Operation now() {
        return now;
    }

    void begin(Thread worker) {
        lock.lock();
        try {
            thread = worker;
        } finally {
            lock.unlock();
        }
        worker.start();
    }

    @Override
    public void progress(long done, long total, String unit) {
        change(now.state(), new Progress(done, total, unit), null, null);
    }

    void finish(State state, @Nullable Object result, @Nullable Map<String, Object> problem) {
        change(state, now.progress(), result, problem);
    }

    private void change(
            State state, Progress progress, @Nullable Object result, @Nullable Map<String, Object> problem) {
        lock.lock();
        try {
            boolean ends = state != State.RUNNING;
            now = new Operation(
                    now.id(),
                    now.version() + 1,
                    now.cluster(),
                    now.kind(),
                    now.resource(),
                    now.who(),
                    state,
                    progress,
                    !ends,
                    now.startedAt(),
                    ends ? Instant.now() : null,
                    result,
                    problem);
            if (ends) thread = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Asks the work to stop; false when it has ended already. */
    boolean cancel() {
        lock.lock();
        try {
            if (thread == null) return false;
            cancelled = true;
            thread.interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean cancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /** The operation when it has moved past {@code version}, or as it is after {@code limitMs}. */
    Operation after(long version, long limitMs) throws InterruptedException {
        long remainingNanos = TimeUnit.MILLISECONDS.toNanos(limitMs);
        lock.lock();
        try {
            while (now.version() <= version && remainingNanos > 0) remainingNanos = changed.awaitNanos(remainingNanos);
            return now;
        } finally {
            lock.unlock();
        }
    }
}

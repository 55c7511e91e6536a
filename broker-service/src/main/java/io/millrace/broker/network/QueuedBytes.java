package io.millrace.broker.network;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes of the unanswered requests of all connections, against {@code queued.max.request.bytes}. Any thread. */
final class QueuedBytes {

    private final long limit;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private volatile List<LoopConnections> waiters = List.of();

    /** @param limit below 0 for none */
    QueuedBytes(long limit) {
        this.limit = limit;
    }

    /** Names those who are told when there is room again. */
    void waiters(List<LoopConnections> loops) {
        waiters = List.copyOf(loops);
    }

    /** Whether no further request may be taken. */
    boolean full() {
        return limit >= 0 && bytes.get() >= limit;
    }

    void add(int sizeBytes) {
        if (limit >= 0) {
            bytes.addAndGet(sizeBytes);
        }
    }

    void remove(int sizeBytes) {
        if (limit >= 0 && bytes.addAndGet(-sizeBytes) < limit) {
            tell();
        }
    }

    /** Has every loop told once there is room; at once if there is. */
    void await() {
        awaited.set(true);
        if (!full()) {
            tell();
        }
    }

    private void tell() {
        if (awaited.compareAndSet(true, false)) {
            waiters.forEach(loop -> loop.loop().execute(loop::roomForRequests));
        }
    }
}

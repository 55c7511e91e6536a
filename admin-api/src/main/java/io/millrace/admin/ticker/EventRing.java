package io.millrace.admin.ticker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The last {@value #KEPT} events of a cluster. Any thread. */
final class EventRing {
    private static final int KEPT = 500;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    // Guarded by lock; in the order of their numbers.
    private final Deque<ClusterEvent> events = new ArrayDeque<>();
    private long last;

    void add(List<ClusterEvent> found) {
        if (found.isEmpty()) return;
        lock.lock();
        try {
            for (ClusterEvent event : found) events.addLast(event.numbered(++last));
            while (events.size() > KEPT) events.removeFirst();
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The newest first, by the time at which they happened. */
    List<ClusterEvent> newest(int limit) {
        return after(0).stream()
                .sorted(Comparator.comparing(ClusterEvent::at)
                        .thenComparingLong(ClusterEvent::sequence)
                        .reversed())
                .limit(limit)
                .toList();
    }

    long last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Events with higher numbers, which are waited for; none if the time is over. */
    List<ClusterEvent> awaitAfter(long sequence, long limitMs) throws InterruptedException {
        long leftNanos = TimeUnit.MILLISECONDS.toNanos(limitMs);
        lock.lock();
        try {
            while (last <= sequence && leftNanos > 0) leftNanos = more.awaitNanos(leftNanos);
            return after(sequence);
        } finally {
            lock.unlock();
        }
    }

    private List<ClusterEvent> after(long sequence) {
        lock.lock();
        try {
            List<ClusterEvent> found = new ArrayList<>();
            for (ClusterEvent event : events) if (event.sequence() > sequence) found.add(event);
            return found;
        } finally {
            lock.unlock();
        }
    }
}

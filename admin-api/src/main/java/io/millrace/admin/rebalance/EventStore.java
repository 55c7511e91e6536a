package io.millrace.admin.rebalance;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The newest events of one cluster's groups, at most {@value #MAX_EVENTS}; the oldest go first. Any thread. */
final class EventStore {
    private static final int MAX_EVENTS = 50_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<GroupEvent> events = new ArrayDeque<>();
    private final List<Consumer<List<GroupEvent>>> listeners = new CopyOnWriteArrayList<>();

    void add(List<GroupEvent> more) {
        if (more.isEmpty()) return;
        lock.lock();
        try {
            events.addAll(more);
            while (events.size() > MAX_EVENTS) events.removeFirst();
        } finally {
            lock.unlock();
        }
        listeners.forEach(listener -> listener.accept(more));
    }

    void clear() {
        lock.lock();
        try {
            events.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The events since a time, in the order in which they happened. */
    List<GroupEvent> since(Instant from) {
        lock.lock();
        try {
            return events.stream()
                    .filter(event -> !event.at().isBefore(from))
                    // Of one group they are in order already; a sort that is stable keeps that.
                    .sorted(Comparator.comparing(GroupEvent::at))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Told of new events on the thread that found them; must return quickly. */
    void listen(Consumer<List<GroupEvent>> listener) {
        listeners.add(listener);
    }

    void forget(Consumer<List<GroupEvent>> listener) {
        listeners.remove(listener);
    }
}

package io.millrace.broker.simulation;

import io.millrace.broker.runtime.EventLoop;
import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time: everything that happens is an event in one queue, and time is that of the event that runs. */
final class Scheduler {

    static final long MS = 1_000_000;

    /** Something that will happen, unless it is cancelled or its process ends before. */
    static final class Event implements Comparable<Event> {
        private long atNs;
        private final long order;
        private final SimulatedProcess process;
        private final EventLoop loop;
        private final Runnable task;
        private boolean cancelled;

        private Event(long atNs, long order, SimulatedProcess process, EventLoop loop, Runnable task) {
            this.atNs = atNs;
            this.order = order;
            this.process = process;
            this.loop = loop;
            this.task = task;
        }

        void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Event other) {
            return atNs != other.atNs ? Long.compare(atNs, other.atNs) : Long.compare(order, other.order);
        }
    }

    final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNs = MS;
    private long order;
    private long count;

    Scheduler(Random random) {
        this.random = random;
    }

    long nowNs() {
        return nowNs;
    }

    /** Events so far. */
    long count() {
        return count;
    }

    Event after(long delayNs, Runnable task) {
        return after(delayNs, null, null, task);
    }

    /** An event of {@code process}, on one of its loops or, for null, elsewhere: it waits while that is paused, and never happens when that has ended. */
    Event after(long delayNs, SimulatedProcess process, EventLoop loop, Runnable task) {
        Event event = new Event(nowNs + Math.max(0, delayNs), order++, process, loop, task);
        events.add(event);
        return event;
    }

    /** Up to {@code maxNs}, evenly. */
    long upTo(long maxNs) {
        return random.nextLong(maxNs + 1);
    }

    /** Lets things happen until a point in time. */
    void runUntil(long untilNs) {
        while (!events.isEmpty() && events.peek().atNs <= untilNs) {
            Event event = events.remove();
            nowNs = Math.max(nowNs, event.atNs);
            SimulatedProcess process = event.process;
            if (event.cancelled || (process != null && !process.isAlive())) {
                continue;
            }
            if (process != null && process.pausedUntilNs() > nowNs) {
                event.atNs = process.pausedUntilNs();
                events.add(event);
                continue;
            }
            count++;
            if (process == null) {
                event.task.run();
            } else {
                process.run(event.task, event.loop);
            }
        }
        nowNs = Math.max(nowNs, untilNs);
    }
}

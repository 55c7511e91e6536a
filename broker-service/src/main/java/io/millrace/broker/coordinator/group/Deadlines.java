package io.millrace.broker.coordinator.group;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The moments at which a shard wants to be woken, by monotonic time; deadlines of the same millisecond expire in the order they were set.
 *
 * <p>Moving a deadline further away (every heartbeat does) costs nothing: its entry is put right when it comes up. Entries of cancelled
 * deadlines go when they come up, or all together when they are the greater part.
 */
public final class Deadlines {
    private static final int MIN_CANCELLED_TO_SWEEP = 1_000;

    /** What happens when a deadline has passed; an input of the shard like a request. */
    public interface Expiry {
        void run(Moment now, Decision decision);
    }

    /** One deadline; it passes at most once. */
    public final class Deadline {
        private final Expiry expiry;
        private long dueMs;
        private Entry entry;
        private boolean over;

        private Deadline(Expiry expiry, long dueMs) {
            this.expiry = expiry;
            this.dueMs = dueMs;
            this.entry = enqueue(this, dueMs);
        }

        /** When it passes, by monotonic time. */
        public long dueMs() {
            return dueMs;
        }

        /** Whether it has passed or was cancelled. */
        public boolean isOver() {
            return over;
        }

        /** Sets another time; no effect once it has passed or was cancelled. */
        public void moveTo(long newDueMs) {
            if (over) {
                return;
            }
            dueMs = newDueMs;
            if (newDueMs < entry.queuedMs) {
                entry.replaced = true;
                staleEntries++;
                entry = enqueue(this, newDueMs);
            }
        }

        public void cancel() {
            if (!over) {
                over = true;
                staleEntries++;
                sweep();
            }
        }
    }

    private static final class Entry {
        private final Deadline deadline;
        private final long queuedMs;
        private final long sequence;
        private boolean replaced;

        Entry(Deadline deadline, long queuedMs, long sequence) {
            this.deadline = deadline;
            this.queuedMs = queuedMs;
            this.sequence = sequence;
        }

        long queuedMs() {
            return queuedMs;
        }

        long sequence() {
            return sequence;
        }

        boolean stale() {
            return replaced || deadline.over;
        }
    }

    private final PriorityQueue<Entry> queue =
            new PriorityQueue<>(Comparator.comparingLong(Entry::queuedMs).thenComparingLong(Entry::sequence));
    private long nextSequence;
    private int staleEntries;

    public Deadline at(long dueMs, Expiry expiry) {
        return new Deadline(expiry, dueMs);
    }

    /** The earliest deadline; {@link Long#MAX_VALUE} if there is none. */
    public long earliestMs() {
        Entry head = head();
        return head == null ? Long.MAX_VALUE : head.queuedMs;
    }

    /** Runs the earliest deadline if it is due; null if none is. */
    public @Nullable Decision expireNext(Moment now) {
        Entry head = head();
        if (head == null || head.queuedMs > now.monotonicMs()) {
            return null;
        }
        queue.remove();
        head.deadline.over = true;
        var decision = new Decision();
        head.deadline.expiry.run(now, decision);
        return decision;
    }

    private @Nullable Entry head() {
        for (Entry head = queue.peek(); head != null; head = queue.peek()) {
            if (head.stale()) {
                queue.remove();
                staleEntries--;
            } else if (head.deadline.dueMs > head.queuedMs) {
                queue.remove();
                head.deadline.entry = enqueue(head.deadline, head.deadline.dueMs);
            } else {
                return head;
            }
        }
        return null;
    }

    private Entry enqueue(Deadline deadline, long dueMs) {
        var entry = new Entry(deadline, dueMs, nextSequence++);
        queue.add(entry);
        return entry;
    }

    private void sweep() {
        if (staleEntries > MIN_CANCELLED_TO_SWEEP && staleEntries > queue.size() / 2) {
            queue.removeIf(Entry::stale);
            staleEntries = 0;
        }
    }
}

package io.millrace.broker.coordinator.group.journal;

import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.runtime.Clock;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes group events from the loops and hands them, in order, to a sink on a thread of its own. Events that come while {@value #CAPACITY}
 * wait are lost, counted and said: a rebalance never waits for its own story, and never fails because of it. {@link #accept} from any thread.
 */
public final class GroupJournal implements Consumer<CoordinatorEvent>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupJournal.class);
    /** Bound on the events that wait; some tens of megabytes if each assigns a thousand partitions. */
    static final int CAPACITY = 10_000;

    private static final long WARN_INTERVAL_MS = 60_000;
    private static final long CLOSE_TIMEOUT_MS = 2_000;

    /** Where events go; on the journal's thread. */
    public interface Sink extends AutoCloseable {

        /** Takes one event; may wait. What becomes of it is told to {@code outcome}, now or later, once. */
        void write(GroupEvent event, Outcome outcome) throws InterruptedException;

        @Override
        void close();
    }

    /** What became of an event; any thread. */
    public interface Outcome {
        void written();

        /** The event is gone; {@code why} is for the log. */
        void lost(String why);
    }

    private final Sink sink;
    private final Clock clock;
    private final ArrayBlockingQueue<GroupEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong nextWarningMs = new AtomicLong(Long.MIN_VALUE);
    private final Thread thread =
            Thread.ofPlatform().name("group-journal").daemon().unstarted(this::run);

    public GroupJournal(Sink sink, Clock clock) {
        this.sink = sink;
        this.clock = clock;
        thread.start();
    }

    @Override
    public void accept(CoordinatorEvent event) {
        if (event instanceof GroupEvent groupEvent && !queue.offer(groupEvent)) {
            countLost("the journal's topic does not keep up");
        }
    }

    /** Events that reached the sink's log. */
    public long writtenCount() {
        return written.get();
    }

    /** Events that found the queue full, or could not be written. */
    public long lostCount() {
        return lost.get();
    }

    private void run() {
        var outcome = new Outcome() {
            @Override
            public void written() {
                written.incrementAndGet();
            }

            @Override
            public void lost(String why) {
                countLost(why);
            }
        };
        try {
            while (true) {
                GroupEvent event = queue.take();
                try {
                    sink.write(event, outcome);
                } catch (RuntimeException e) {
                    LOG.debug(
                            "an event of group '{}' could not be written",
                            event.header().groupId(),
                            e);
                    countLost(e.toString());
                }
            }
        } catch (InterruptedException e) {
            // Closed: what still waits is lost with the process.
        }
    }

    private void countLost(String why) {
        long total = lost.incrementAndGet();
        long nowMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs());
        long dueMs = nextWarningMs.get();
        if (nowMs >= dueMs && nextWarningMs.compareAndSet(dueMs, nowMs + WARN_INTERVAL_MS)) {
            LOG.warn("Group journal: {} events are lost since the start of this broker, now because {}", total, why);
        }
    }

    /** Ends the thread, then the sink; does not wait for what is queued. */
    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join(CLOSE_TIMEOUT_MS);
        sink.close();
    }
}

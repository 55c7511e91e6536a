package io.millrace.broker.coordinator.group.journal;

import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes group events from the loops and has them written by I/O workers, in order, in batches. When the sink cannot keep up events are
 * dropped and counted, oldest kept: a rebalance never waits for its own story. Any thread.
 */
public final class GroupJournal implements Consumer<CoordinatorEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(GroupJournal.class);
    private static final int CAPACITY = 10_000;
    private static final int MAX_BATCH = 500;

    /** Where events go; called by one worker at a time. May throw: then the batch is lost, and the loss is logged. */
    public interface Sink {
        void write(List<GroupEvent> events);
    }

    private final IoWorkers workers;
    private final Sink sink;
    private final ArrayBlockingQueue<GroupEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicLong dropped = new AtomicLong();

    public GroupJournal(IoWorkers workers, Sink sink) {
        this.workers = workers;
        this.sink = sink;
    }

    @Override
    public void accept(CoordinatorEvent event) {
        if (!(event instanceof GroupEvent groupEvent)) {
            return;
        }
        if (!queue.offer(groupEvent)) {
            dropped.incrementAndGet();
            return;
        }
        wake();
    }

    /** Events that found the queue full, or were in a batch that could not be written. */
    public long droppedCount() {
        return dropped.get();
    }

    private void wake() {
        if (draining.compareAndSet(false, true)) {
            workers.submit(this::drain);
        }
    }

    private void drain() {
        var batch = new ArrayList<GroupEvent>();
        queue.drainTo(batch, MAX_BATCH);
        try {
            if (!batch.isEmpty()) {
                sink.write(batch);
            }
        } catch (RuntimeException e) {
            dropped.addAndGet(batch.size());
            LOG.warn("{} events of the group journal could not be written and are lost", batch.size(), e);
        } finally {
            draining.set(false);
        }
        if (!queue.isEmpty()) {
            wake();
        }
    }
}

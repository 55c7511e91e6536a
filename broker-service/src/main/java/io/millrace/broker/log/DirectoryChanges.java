package io.millrace.broker.log;

import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The making and removing of logs' directories: on I/O workers, but one step at a time for each partition's name, and removals before
 * makings, so that a topic that is deleted and created again finds its directory free. The steps of one name are asked for, and answered,
 * on the one loop that owns the partitions of that name.
 */
final class DirectoryChanges {

    private static final class Steps {
        final ArrayDeque<Runnable> removals = new ArrayDeque<>();
        final ArrayDeque<Runnable> makings = new ArrayDeque<>();
        boolean running;
    }

    private final IoWorkers workers;
    private final Map<TopicPartition, Steps> byName = new ConcurrentHashMap<>();

    DirectoryChanges(IoWorkers workers) {
        this.workers = workers;
    }

    /** Runs {@code making} when the name is free, then {@code done} on {@code loop}; as {@link IoWorkers#submit}. */
    <T> void make(
            TopicPartition name,
            EventLoop loop,
            Callable<T> making,
            BiConsumer<@Nullable T, @Nullable Exception> done) {
        Steps steps = stepsOf(name);
        steps.makings.add(() -> start(name, steps, loop, making, done));
        next(name, steps);
    }

    /** Runs {@code removal} before whatever waits to be made under the name, then {@code done} on {@code loop}. */
    <T> void remove(
            TopicPartition name,
            EventLoop loop,
            Callable<T> removal,
            BiConsumer<@Nullable T, @Nullable Exception> done) {
        Steps steps = stepsOf(name);
        steps.removals.add(() -> start(name, steps, loop, removal, done));
        next(name, steps);
    }

    private Steps stepsOf(TopicPartition name) {
        return byName.computeIfAbsent(name, n -> new Steps());
    }

    private <T> void start(
            TopicPartition name,
            Steps steps,
            EventLoop loop,
            Callable<T> work,
            BiConsumer<@Nullable T, @Nullable Exception> done) {
        workers.submit(work, loop, (value, problem) -> {
            try {
                done.accept(value, problem);
            } finally {
                steps.running = false;
                next(name, steps);
            }
        });
    }

    private void next(TopicPartition name, Steps steps) {
        if (steps.running) {
            return;
        }
        Runnable step = steps.removals.isEmpty() ? steps.makings.poll() : steps.removals.poll();
        if (step == null) {
            byName.remove(name, steps);
        } else {
            steps.running = true;
            step.run();
        }
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compacts the logs of topics with {@code cleanup.policy=compact} in the background: always the one with the greatest part of dirty bytes,
 * {@code log.cleaner.threads} at a time, each with one I/O worker at a time. Any thread; never waits on a loop.
 */
final class LogCleaner implements CleanerRun.Owner {

    private final Supplier<Collection<PartitionLog>> logs;
    private final Clock clock;
    private final IoWorkers workers;
    private final EventLoop timers;
    private final RandomSource random;
    private final CleanerThrottle throttle;
    private volatile CleanerSettings settings;
    private volatile boolean stopped;

    /** Logs that are being compacted. Guarded by this. */
    private final Set<PartitionLog> running = new HashSet<>();

    LogCleaner(
            Supplier<Collection<PartitionLog>> logs,
            CleanerSettings settings,
            Clock clock,
            IoWorkers workers,
            EventLoop timers,
            RandomSource random) {
        this.logs = logs;
        this.settings = settings;
        this.clock = clock;
        this.workers = workers;
        this.timers = timers;
        this.random = random;
        this.throttle = new CleanerThrottle(clock);
    }

    void start() {
        if (settings.enabled()) {
            timers.schedule(this::tick, settings.backoffMs());
        } else {
            LogEvents.LOG.warn(
                    "log.cleaner.enable=false: compacted topics, the groups' offsets among them, keep all their records");
        }
    }

    /** Compactions under way end at their next step. */
    void stop() {
        stopped = true;
    }

    void configure(CleanerSettings newSettings) {
        settings = newSettings;
    }

    private void tick() {
        if (!stopped) {
            workers.submit(() -> {
                try {
                    startSome();
                } finally {
                    timers.schedule(this::tick, settings.backoffMs());
                }
            });
        }
    }

    private synchronized void startSome() {
        for (int free = settings.threads() - running.size(); free > 0 && !stopped; free--) {
            CleanerRun next = dirtiest();
            if (next == null) {
                return;
            }
            running.add(next.log());
            next.start();
        }
    }

    private @Nullable CleanerRun dirtiest() {
        PartitionLog dirtiest = null;
        LogView view = null;
        CleanerRange range = null;
        for (PartitionLog log : logs.get()) {
            if (!mayBeCompacted(log)) {
                continue;
            }
            LogView current = log.view();
            CleanerRange candidate = judge(log, current);
            if (candidate != null
                    && candidate.isDue(log.config())
                    && (range == null || candidate.dirtyRatio() > range.dirtyRatio())) {
                dirtiest = log;
                view = current;
                range = candidate;
            }
        }
        return dirtiest == null || view == null || range == null ? null : new CleanerRun(dirtiest, view, range, this);
    }

    private boolean mayBeCompacted(PartitionLog log) {
        return log.config().compact()
                && !log.compaction().isUncleanable()
                && !log.isClosed()
                && log.offlineReason() == null
                && !running.contains(log);
    }

    private @Nullable CleanerRange judge(PartitionLog log, LogView view) {
        try {
            return CleanerRange.judge(
                    view,
                    log.config(),
                    log.compaction().cleanedOffset(),
                    log.flush().compactableEnd(view),
                    clock.wallClockMs());
        } catch (IOException e) {
            LogEvents.LOG.warn("{}: cannot tell whether to compact it; it is tried again", log.topicPartition(), e);
            return null;
        }
    }

    @Override
    public CleanerSettings settings() {
        return settings;
    }

    @Override
    public boolean isStopped() {
        return stopped;
    }

    @Override
    public CleanerKeyHash newHash() {
        return new CleanerKeyHash(random.nextLong(), random.nextLong());
    }

    @Override
    public void goOn(Runnable work, long delayMs) {
        if (delayMs > 0) {
            timers.schedule(() -> workers.submit(work), delayMs);
        } else {
            workers.submit(work);
        }
    }

    @Override
    public long delayMs(long ioBytes) {
        return throttle.delayMs(ioBytes, settings.maxBytesPerSecond());
    }

    /** A worker looks for the next log at once; one whose compaction was stopped waits for the next tick. */
    @Override
    public void ended(CleanerRun run, boolean cleaned) {
        workers.submit(() -> {
            synchronized (this) {
                running.remove(run.log());
            }
            if (cleaned) {
                startSome();
            }
        });
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.IoWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The periodic work on all logs: retention, checkpoints, free space, forgetting silent producers, removing files. Its
 * timers run on one loop and only start work on I/O workers; changes of a log are sent to the log's loop.
 */
final class Housekeeping implements Volume.Owner {

    private static final long TICK_MS = 1_000;
    private static final long CHECKPOINT_DELAY_MS = 2_000;
    private static final long RELEASE_INTERVAL_MS = 60_000;
    /** After the start, which has better things to do. */
    private static final long FIRST_FREE_SPACE_MAPS_MS = 5_000;
    /** What is looked at so often does not leave the page cache for what is written to the logs. */
    private static final long FREE_SPACE_MAPS_INTERVAL_MS = 600_000;

    private static final long HIGH_WATERMARK_CHECKPOINT_MS = 5_000;

    /** Kept free for commits, metadata and the checkpoints themselves. */
    static final long RESERVED_BYTES = 64L << 20;

    private final LocalLogDirectories directories;
    private final BrokerLogSettings settings;
    private final Clock clock;
    private final IoWorkers workers;
    private final EventLoop timers;
    private final Set<Volume> checkpointScheduled = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    Housekeeping(
            LocalLogDirectories directories,
            BrokerLogSettings settings,
            Clock clock,
            IoWorkers workers,
            EventLoop timers) {
        this.directories = directories;
        this.settings = settings;
        this.clock = clock;
        this.workers = workers;
        this.timers = timers;
    }

    void start() {
        every(TICK_MS, TICK_MS, this::watchSpace);
        every(HIGH_WATERMARK_CHECKPOINT_MS, HIGH_WATERMARK_CHECKPOINT_MS, this::checkpointHighWatermarks);
        every(settings.recoveryCheckpointIntervalMs(), settings.recoveryCheckpointIntervalMs(), this::checkpointAll);
        every(settings.initialTaskDelayMs(), settings.retentionCheckIntervalMs(), this::applyRetention);
        every(RELEASE_INTERVAL_MS, RELEASE_INTERVAL_MS, this::releaseIdleSpace);
        every(FIRST_FREE_SPACE_MAPS_MS, FREE_SPACE_MAPS_INTERVAL_MS, this::bringInFreeSpaceMaps);
        int expiry = settings.producerExpirationCheckIntervalMs();
        every(expiry, expiry, this::expireProducers);
    }

    void stop() {
        stopped = true;
    }

    private void every(long delayMs, long intervalMs, Runnable work) {
        timers.schedule(
                () -> {
                    if (!stopped) {
                        workers.submit(() -> {
                            try {
                                work.run();
                            } finally {
                                // Only now, so that slow work does not pile up.
                                every(intervalMs, intervalMs, work);
                            }
                        });
                    }
                },
                delayMs);
    }

    private void watchSpace() {
        for (Volume volume : directories.volumes()) {
            if (volume.isOnline()) {
                try {
                    volume.setFull(volume.store().usableBytes(volume.path()) < RESERVED_BYTES);
                } catch (IOException e) {
                    volume.fail("asking for free space", e);
                }
            }
        }
    }

    /** Looks for segments that retention lets go, and sends the verdict to the log's loop. */
    void applyRetention() {
        for (PartitionLog log : directories.logs()) {
            if (stopped || log.offlineReason() != null) {
                continue;
            }
            try {
                Retention.Verdict verdict = Retention.judge(log.view(), log.config(), clock.wallClockMs());
                if (verdict.keepFrom() > log.view().segments()[0].baseOffset()) {
                    log.loop().run(() -> log.dropSegmentsBelow(verdict.keepFrom(), verdict.reason()));
                }
            } catch (IOException e) {
                LogEvents.LOG.warn("{}: retention could not be applied; it is tried again", log.topicPartition(), e);
            }
        }
    }

    private void releaseIdleSpace() {
        for (PartitionLog log : directories.logs()) {
            SpaceAhead space = log.flush().spaceAhead();
            if (space.isHeld()) {
                log.loop().run(space::releaseIdle);
            }
        }
    }

    private void bringInFreeSpaceMaps() {
        for (Volume volume : directories.volumes()) {
            if (volume.isOnline()) {
                try {
                    long bytes =
                            volume.store().bringInFreeSpaceMaps(volume.path(), () -> !stopped && volume.isOnline());
                    LogEvents.LOG.debug("{}: maps of free space of {} bytes are in memory", volume.path(), bytes);
                } catch (IOException e) {
                    volume.fail("asking for the kind of file system", e);
                }
            }
        }
    }

    private void expireProducers() {
        for (PartitionLog log : directories.logs()) {
            log.loop().run(() -> log.producerStates().expire(clock.wallClockMs(), settings.producerExpirationMs()));
        }
    }

    private void checkpointHighWatermarks() {
        for (Volume volume : directories.volumes()) {
            if (volume.isOnline()) {
                try {
                    writeHighWatermarks(volume);
                } catch (IOException e) {
                    volume.fail("writing the checkpoint of high watermarks", e);
                }
            }
        }
    }

    private void writeHighWatermarks(Volume volume) throws IOException {
        directories
                .files(volume)
                .writeOffsets(
                        CheckpointFile.HIGH_WATERMARKS,
                        directories.logsOf(volume),
                        log -> log.snapshot().highWatermark());
    }

    private void checkpointAll() {
        directories.volumes().forEach(this::checkpointSoon);
    }

    @Override
    public void checkpointSoon(Volume volume) {
        if (!stopped && checkpointScheduled.add(volume)) {
            timers.schedule(
                    () -> workers.submit(() -> {
                        checkpointScheduled.remove(volume);
                        if (!stopped && volume.isOnline()) {
                            try {
                                checkpoint(volume);
                            } catch (IOException e) {
                                volume.fail("writing the checkpoints", e);
                            }
                        }
                    }),
                    CHECKPOINT_DELAY_MS);
        }
    }

    @Override
    public void checkpointNow(Volume volume) throws IOException {
        directories
                .files(volume)
                .writeOffsets(
                        CheckpointFile.RECOVERY_POINTS,
                        directories.logsOf(volume),
                        log -> log.flush().recoveryPoint(),
                        (log, offset) -> log.flush().recoveryPointWritten(offset));
        directories
                .files(volume)
                .writeOffsets(
                        CheckpointFile.CLEANED,
                        directories.logsOf(volume),
                        log -> log.compaction().cleanedOffset());
    }

    /** Writes all files. */
    void checkpoint(Volume volume) throws IOException {
        checkpointNow(volume);
        // As Apache does: a start that is just that of the first segment is not written.
        directories.files(volume).writeOffsets(CheckpointFile.LOG_STARTS, directories.logsOf(volume), log -> {
            LogView view = log.view();
            long start = view.snapshot().logStartOffset();
            return start > view.segments()[0].baseOffset() ? start : -1;
        });
        writeHighWatermarks(volume);
    }

    @Override
    public void wentOffline(Volume volume, String reason) {
        directories.logsOf(volume).forEach(PartitionLog::flushFailed);
        directories.tellOffline(volume);
    }

    @Override
    public void removeLater(Volume volume, List<Segment> segments, long delayMs) {
        if (segments.isEmpty()) {
            return;
        }
        timers.schedule(
                () -> workers.submit(() -> {
                    try {
                        for (Segment segment : segments) {
                            segment.remove();
                        }
                    } catch (IOException e) {
                        volume.fail("removing old segments", e);
                    }
                }),
                delayMs);
    }

    /** Removes a log whose directory was renamed, after the delay its topic grants. */
    void removeLogLater(Volume volume, PartitionLog log, Path directory) {
        timers.schedule(
                () -> workers.submit(() -> {
                    for (Segment segment : log.view().segments()) {
                        segment.close();
                    }
                    removeDirectory(volume.store(), directory);
                }),
                log.config().fileDeleteDelayMs());
    }

    /** Removes what earlier runs had begun to delete. */
    void removeDirectories(List<Path> deleted) {
        for (Path directory : deleted) {
            for (Volume volume : directories.volumes()) {
                if (directory.startsWith(volume.path())) {
                    workers.submit(() -> removeDirectory(volume.store(), directory));
                }
            }
        }
    }

    private static void removeDirectory(FileStore store, Path directory) {
        try {
            for (Path file : store.list(directory)) {
                store.delete(file);
            }
            store.delete(directory);
            store.syncParent(directory);
        } catch (IOException e) {
            LogEvents.LOG.warn("{} could not be removed; it is tried again at the next start", directory, e);
        }
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.IoWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One directory of {@code log.dirs} as the logs in it see it: whether it works, whether it has room, and its background work. Any
 * thread.
 *
 * <p>It goes offline at the first I/O error and stays so until the broker starts again: after a failed fsync nobody knows what the disk
 * holds (and the kernel reports the failure only once), so nothing is tried again.
 */
final class Volume {

    /** What a volume needs of the log directories it is one of. */
    interface Owner {
        void wentOffline(Volume volume, String reason);

        /** Removes files that were renamed away, after the delay that Kafka grants their last readers. */
        void removeLater(Volume volume, List<Segment> segments, long delayMs);

        /** A recovery point or log start moved: the checkpoint files are to be written soon. */
        void checkpointSoon(Volume volume);

        /** Writes the recovery points, durably, before returning. */
        void checkpointNow(Volume volume) throws IOException;
    }

    private final FileStore store;
    private final OpenFiles openFiles;
    private final Clock clock;
    private final IoWorkers workers;
    private final Path path;
    private final Uuid id;
    private final Owner owner;
    private final Flusher flusher;
    private final AtomicReference<@Nullable String> offlineReason = new AtomicReference<>();
    private final AtomicInteger logs = new AtomicInteger();
    private volatile boolean full;

    Volume(FileStore store, OpenFiles openFiles, Clock clock, IoWorkers workers, Path path, Uuid id, Owner owner) {
        this.store = store;
        this.openFiles = openFiles;
        this.clock = clock;
        this.workers = workers;
        this.path = path;
        this.id = id;
        this.owner = owner;
        this.flusher = new Flusher(this);
    }

    FileStore store() {
        return store;
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    Clock clock() {
        return clock;
    }

    Path path() {
        return path;
    }

    Uuid id() {
        return id;
    }

    Flusher flusher() {
        return flusher;
    }

    /** Logs that lie in it or are being made there. */
    int logs() {
        return logs.get();
    }

    void logAdded() {
        logs.incrementAndGet();
    }

    void logRemoved() {
        logs.decrementAndGet();
    }

    boolean isOnline() {
        return offlineReason.get() == null;
    }

    /** Why it is offline; null while it is online. */
    @Nullable
    String offlineReason() {
        return offlineReason.get();
    }

    /** Takes the directory offline. Only the first failure counts. */
    void fail(String doing, IOException cause) {
        String reason = doing + " failed: " + cause;
        if (offlineReason.compareAndSet(null, reason)) {
            LogEvents.LOG.error(
                    "Log directory {} is offline: {}. Its partitions are unavailable until the disk is repaired and the broker restarted.",
                    path,
                    reason,
                    cause);
            owner.wentOffline(this, reason);
        }
    }

    /** Whether the space kept free for commits and metadata has been reached, so that producers are refused. */
    boolean isFull() {
        return full;
    }

    void setFull(boolean nowFull) {
        if (full != nowFull) {
            full = nowFull;
            if (nowFull) {
                LogEvents.LOG.error(
                        "Log directory {} is full: records from producers are refused until space is freed. Reads go on.",
                        path);
            } else {
                LogEvents.LOG.info("Log directory {} has room again: records from producers are accepted.", path);
            }
        }
    }

    /** Whether a failed write only means that there is no space. */
    static boolean isNoSpace(IOException e) {
        String message = e.getMessage();
        return message != null && (message.contains("No space left") || message.contains("Disk quota exceeded"));
    }

    void submit(Runnable work) {
        workers.submit(work);
    }

    void removeLater(List<Segment> segments, long delayMs) {
        owner.removeLater(this, segments, delayMs);
    }

    void checkpointSoon() {
        owner.checkpointSoon(this);
    }

    void checkpointNow() throws IOException {
        owner.checkpointNow(this);
    }
}

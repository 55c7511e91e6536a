package io.millrace.broker.log;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The log directories on this machine's file systems. Any thread, where {@link LogDirectories} does not name one. */
public final class LocalLogDirectories implements LogDirectories {

    /** What the name of a copy's directory has more than that of its original. */
    private static final int FUTURE_CHARS =
            LogFileNames.futureName(new TopicPartition("", 0), Uuid.ZERO_UUID).length()
                    - LogFileNames.directoryName(new TopicPartition("", 0)).length();

    private static final String MOVES_BYTES_PER_SECOND = "replica.alter.log.dirs.io.max.bytes.per.second";

    /** Directories that are remembered for partitions which are not here. */
    private static final int MOST_PREFERRED = 100_000;

    /** Found logs lose nothing to retention or compaction before it is known how their topics want it. */
    private static final Map<String, String> TOPIC_NOT_KNOWN =
            Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");

    private final FileStore store;
    private final Clock clock;
    private final RandomSource random;
    private final IoWorkers workers;
    private final BrokerLogSettings settings;
    private final Map<Volume, VolumeFiles> volumes = new LinkedHashMap<>();
    private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final Map<PartitionLog, Map<String, String>> overrides = new ConcurrentHashMap<>();
    private final List<Consumer<LogDirectory>> offlineListeners = new CopyOnWriteArrayList<>();
    private final List<MoveListener> moveListeners = new CopyOnWriteArrayList<>();
    private final Map<TopicPartition, Volume> preferred = new ConcurrentHashMap<>();
    private final ReplicaMoves moves;
    private final Housekeeping housekeeping;
    private final LogCleaner cleaner;
    private final DirectoryChanges changes;
    private final OpenFiles openFiles;
    private volatile Map<String, String> brokerSettings;
    private volatile Map<Map<String, String>, LogConfig> configs = new ConcurrentHashMap<>();
    private final OptionalLong previousBrokerEpoch;
    private volatile boolean recovered;

    /**
     * Takes hold of the directories of {@code log.dirs}, which the process has locked.
     *
     * @param timers the loop whose timer starts the background work; the work itself runs on {@code workers}
     * @param maxOpenFiles segment files that may be open at a time beyond those in use
     * @param maxIndexBytes heap that the entries of indexes may take which are in the indexes' files too
     * @throws UncheckedIOException a directory cannot be made
     */
    public LocalLogDirectories(
            Map<String, String> brokerSettings,
            FileStore store,
            Clock clock,
            RandomSource random,
            IoWorkers workers,
            EventLoop timers,
            int maxOpenFiles,
            long maxIndexBytes) {
        this.brokerSettings = Map.copyOf(brokerSettings);
        this.settings = BrokerLogSettings.of(brokerSettings);
        this.store = store;
        this.clock = clock;
        this.random = random;
        this.workers = workers;
        this.moves = new ReplicaMoves(new Moving(), workers, timers, random);
        this.changes = new DirectoryChanges(workers);
        this.housekeeping = new Housekeeping(this, settings, clock, workers, timers);
        this.openFiles = new OpenFiles(maxOpenFiles, new IndexMemory(maxIndexBytes));
        this.cleaner = new LogCleaner(this::logs, CleanerSettings.of(brokerSettings), clock, workers, timers, random);
        try {
            for (Path path : settings.directories()) {
                VolumeFiles files = new VolumeFiles(store, path);
                files.create();
                Uuid id = files.directoryId(random);
                volumes.put(new Volume(store, openFiles, clock, workers, path, id, housekeeping), files);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        this.previousBrokerEpoch = readPreviousBrokerEpoch();
    }

    @Override
    public List<FoundLog> recover(OwnerOfLog owners) {
        Map<DirectoryRecovery, CountDownLatch> running = new LinkedHashMap<>();
        List<FoundLog> found = new ArrayList<>();
        long startNs = clock.monotonicNs();
        volumes.forEach((volume, files) -> {
            DirectoryRecovery recovery = new DirectoryRecovery(volume, files, owners, configFor(TOPIC_NOT_KNOWN));
            try {
                running.put(recovery, recovery.start(workers, settings.recoveryThreads()));
            } catch (IOException e) {
                volume.fail("listing the log directory", e);
            }
        });
        running.forEach((recovery, latch) -> {
            try {
                for (PartitionLog log : recovery.finish(latch, startNs)) {
                    take(log, found);
                }
                housekeeping.removeDirectories(recovery.deleted());
                if (recovery.checkpointsAhead() && recovery.volume().isOnline()) {
                    housekeeping.checkpointNow(recovery.volume());
                }
                // Their copying begins again when their partitions are opened.
                recovery.interruptedMoves().forEach(partition -> preferred.put(partition, recovery.volume()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while logs were being opened", e);
            }
        });
        recovered = true;
        housekeeping.start();
        cleaner.start();
        return found;
    }

    private void take(PartitionLog log, List<FoundLog> found) {
        PartitionLog other = logs.putIfAbsent(log.topicPartition(), log);
        if (other == null) {
            log.volume().logAdded();
            found.add(new FoundLog(log.topicPartition(), log.topicId(), log));
        } else {
            keepTheLonger(other, log, found);
        }
    }

    /**
     * Two directories of one partition are left when the broker dies after a replica was copied and before its old files were removed:
     * the copy is used only when it has everything, so the one that reaches further is right. The other is put aside.
     */
    private void keepTheLonger(PartitionLog one, PartitionLog other, List<FoundLog> found) {
        boolean keepOne = one.offlineReason() == null
                && (other.offlineReason() != null
                        || one.snapshot().logEndOffset() > other.snapshot().logEndOffset());
        PartitionLog kept = keepOne ? one : other;
        PartitionLog spare = keepOne ? other : one;
        Path aside = spare.directory()
                .resolveSibling(LogFileNames.uniqueName(
                        spare.topicPartition(), random.nextUuid(), LogFileNames.STRAY_DIRECTORY));
        LogEvents.LOG.warn(
                "{} lies in two log directories: {}, up to offset {}, is kept; {}, up to offset {}, is put aside as {} and can be removed",
                kept.topicPartition(),
                kept.directory(),
                kept.snapshot().logEndOffset(),
                spare.directory(),
                spare.snapshot().logEndOffset(),
                aside);
        try {
            spare.closeAndRename(aside);
        } catch (IOException e) {
            spare.volume().fail("putting aside " + spare.directory(), e);
        }
        if (!keepOne) {
            logs.put(kept.topicPartition(), kept);
            one.volume().logRemoved();
            other.volume().logAdded();
            found.removeIf(log -> log.log() == one);
            found.add(new FoundLog(kept.topicPartition(), kept.topicId(), kept));
        }
    }

    private OptionalLong readPreviousBrokerEpoch() {
        OptionalLong epoch = OptionalLong.empty();
        for (Map.Entry<Volume, VolumeFiles> entry : volumes.entrySet()) {
            try {
                OptionalLong here = entry.getValue().lastRun().brokerEpoch();
                if (here.isEmpty() || (epoch.isPresent() && epoch.getAsLong() != here.getAsLong())) {
                    return OptionalLong.empty();
                }
                epoch = here;
            } catch (IOException e) {
                entry.getKey().fail("reading the clean-shutdown marker", e);
                return OptionalLong.empty();
            }
        }
        return epoch;
    }

    @Override
    public OptionalLong previousBrokerEpoch() {
        return previousBrokerEpoch;
    }

    @Override
    public void open(
            TopicPartition topicPartition,
            Uuid topicId,
            EventLoop owner,
            Map<String, String> topicOverrides,
            @Nullable Uuid directoryId,
            OpenListener listener) {
        PartitionLog existing = logs.get(topicPartition);
        if (existing != null) {
            if (existing.topicId().equals(topicId) || existing.topicId().equals(Uuid.ZERO_UUID)) {
                configure(existing, topicOverrides);
                Volume wanted = preferred.remove(topicPartition);
                if (wanted != null) {
                    moves.move(existing, wanted);
                }
                listener.opened(existing, null);
                return;
            }
            LogEvents.LOG.warn(
                    "{}: the log in {} was written for topic id {}, not {}; it is deleted",
                    topicPartition,
                    existing.directory(),
                    existing.topicId(),
                    topicId);
            delete(existing);
        }
        Volume volume;
        try {
            Volume wanted = preferred.remove(topicPartition);
            volume = wanted != null && wanted.isOnline() ? wanted : choose(directoryId);
        } catch (KafkaStorageException e) {
            listener.opened(null, e);
            return;
        }
        volume.logAdded();
        Path directory = volume.path().resolve(LogFileNames.directoryName(topicPartition));
        LogConfig config = configFor(topicOverrides);
        changes.make(
                topicPartition,
                owner,
                () -> LogLoader.create(volume, directory, topicPartition, topicId, owner, config),
                (log, problem) -> {
                    if (log != null) {
                        logs.put(topicPartition, log);
                        configure(log, topicOverrides); // The broker's settings may have changed meanwhile.
                        listener.opened(log, null);
                    } else {
                        volume.logRemoved();
                        listener.opened(null, notCreated(volume, directory, problem));
                    }
                });
    }

    private static KafkaStorageException notCreated(Volume volume, Path directory, @Nullable Exception problem) {
        if (problem instanceof IOException e) {
            if (Volume.isNoSpace(e)) {
                volume.setFull(true);
            } else {
                volume.fail("creating the log " + directory, e);
            }
        }
        return new KafkaStorageException("the log " + directory + " cannot be created: " + problem, problem);
    }

    private Volume choose(@Nullable Uuid directoryId) {
        if (directoryId != null) {
            for (Volume volume : volumes.keySet()) {
                if (volume.id().equals(directoryId)) {
                    return online(volume);
                }
            }
        }
        return volumes.keySet().stream()
                .filter(Volume::isOnline)
                .min(Comparator.comparingInt(Volume::logs))
                .orElseThrow(() -> new KafkaStorageException("all log directories are offline"));
    }

    private static Volume online(Volume volume) {
        if (!volume.isOnline()) {
            throw new KafkaStorageException(
                    "log directory " + volume.path() + " is offline: " + volume.offlineReason());
        }
        return volume;
    }

    @Override
    public void delete(PartitionLog log) {
        moves.cancel(log.topicPartition());
        logs.remove(log.topicPartition(), log);
        overrides.remove(log);
        log.volume().logRemoved();
        removeFiles(log);
    }

    /** Closes a log at once; its directory is renamed in its turn and removed later. On the loop of its partition. */
    private void removeFiles(PartitionLog log) {
        log.close();
        Volume volume = log.volume();
        Path renamed = log.directory()
                .resolveSibling(LogFileNames.uniqueName(
                        log.topicPartition(), random.nextUuid(), LogFileNames.DELETED_DIRECTORY));
        changes.remove(
                log.topicPartition(),
                log.loop(),
                () -> {
                    log.closeAndRename(renamed);
                    return renamed;
                },
                (done, problem) -> {
                    if (done != null) {
                        housekeeping.removeLogLater(volume, log, renamed);
                    } else if (problem instanceof IOException e) {
                        volume.fail("deleting the log " + log.directory(), e);
                    }
                });
    }

    @Override
    public Errors alterDirectory(TopicPartition partition, @Nullable PartitionLog log, Path destination) {
        if (LogFileNames.directoryName(partition).length() > LogFileNames.MAX_DIRECTORY_NAME - FUTURE_CHARS) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
        for (Volume volume : volumes.keySet()) {
            if (volume.path().equals(destination)) {
                if (!volume.isOnline() || (log != null && log.offlineReason() != null)) {
                    return Errors.KAFKA_STORAGE_ERROR;
                }
                if (log == null) {
                    if (preferred.size() < MOST_PREFERRED) {
                        preferred.put(partition, volume);
                    }
                    return Errors.REPLICA_NOT_AVAILABLE;
                }
                moves.move(log, volume);
                return Errors.NONE;
            }
        }
        return Errors.LOG_DIR_NOT_FOUND;
    }

    @Override
    public List<FutureLog> futureLogs() {
        List<FutureLog> futures = new ArrayList<>();
        for (ReplicaMove move : moves.running()) {
            PartitionLog copy = move.copy();
            long copied = copy == null ? 0 : copy.snapshot().logEndOffset();
            futures.add(new FutureLog(
                    move.original().topicPartition(),
                    move.destination().id(),
                    copy == null ? 0 : copy.sizeBytes(),
                    Math.max(0, move.original().snapshot().logEndOffset() - copied)));
        }
        return futures;
    }

    @Override
    public void onMoved(MoveListener listener) {
        moveListeners.add(listener);
    }

    /** What the moves change here. */
    private final class Moving implements ReplicaMoves.Directories {
        @Override
        public double bytesPerSecond() {
            String limit = brokerSettings.get(MOVES_BYTES_PER_SECOND);
            return limit == null ? Double.MAX_VALUE : Double.parseDouble(limit.strip());
        }

        @Override
        public void replace(PartitionLog original, PartitionLog copy) {
            original.volume().logRemoved();
            copy.volume().logAdded();
            logs.put(copy.topicPartition(), copy);
            configure(copy, overrides.getOrDefault(original, Map.of()));
            overrides.remove(original);
            moveListeners.forEach(listener -> listener.moved(original, copy));
            // Not before: where both directories are found, the one that reaches further must have all that was on
            // disk.
            copy.awaitFlush(copy.snapshot().logEndOffset(), error -> {
                if (error == Errors.NONE) {
                    removeFiles(original);
                }
            });
        }

        @Override
        public void discard(PartitionLog copy) {
            EventLoop loop = copy.loop();
            loop.run(() -> removeFiles(copy));
        }
    }

    @Override
    public void configure(PartitionLog log, Map<String, String> topicOverrides) {
        overrides.put(log, Map.copyOf(topicOverrides));
        log.reconfigure(configFor(topicOverrides));
    }

    @Override
    public void configureBroker(Map<String, String> newSettings) {
        brokerSettings = Map.copyOf(newSettings);
        configs = new ConcurrentHashMap<>();
        cleaner.configure(CleanerSettings.of(newSettings));
        for (PartitionLog log : logs.values()) {
            log.loop().run(() -> log.reconfigure(configFor(overrides.getOrDefault(log, TOPIC_NOT_KNOWN))));
        }
    }

    /** Logs with the same settings share one object: there may be tens of thousands. */
    private LogConfig configFor(Map<String, String> topicOverrides) {
        return configs.computeIfAbsent(Map.copyOf(topicOverrides), own -> LogConfig.of(brokerSettings, own));
    }

    @Override
    public List<LogDirectory> directories() {
        return volumes.keySet().stream().map(this::describe).toList();
    }

    @Override
    public LogDirectory directoryOf(PartitionLog log) {
        return describe(log.volume());
    }

    private LogDirectory describe(Volume volume) {
        long total = -1;
        long usable = -1;
        if (volume.isOnline()) {
            try {
                total = store.totalBytes(volume.path());
                usable = store.usableBytes(volume.path());
            } catch (IOException e) {
                LogEvents.LOG.warn("cannot tell the size of {}", volume.path(), e);
            }
        }
        return new LogDirectory(volume.path(), volume.id(), volume.isOnline(), total, usable);
    }

    @Override
    public void onOffline(Consumer<LogDirectory> listener) {
        offlineListeners.add(listener);
    }

    void tellOffline(Volume volume) {
        LogDirectory directory = describe(volume);
        offlineListeners.forEach(listener -> listener.accept(directory));
    }

    /** Segment files that are open now. */
    int openFiles() {
        return openFiles.count();
    }

    /** Heap that the entries of indexes take now. */
    long indexBytes() {
        return openFiles.indexMemory().usedBytes();
    }

    Collection<Volume> volumes() {
        return volumes.keySet();
    }

    Collection<PartitionLog> logs() {
        return logs.values();
    }

    List<PartitionLog> logsOf(Volume volume) {
        return logs.values().stream().filter(l -> l.volume() == volume).toList();
    }

    VolumeFiles files(Volume volume) {
        VolumeFiles files = volumes.get(volume);
        if (files == null) {
            throw new IllegalArgumentException(volume.path() + " is none of these log directories");
        }
        return files;
    }

    @Override
    public void close(long brokerEpoch) {
        cleaner.stop();
        housekeeping.stop();
        if (!recovered) {
            return; // The broker stops before it has started: the files are as the last run left them, and its markers
            // still say how.
        }
        logs.values().forEach(PartitionLog::close);
        volumes.forEach((volume, files) -> {
            if (volume.isOnline()) {
                closeLogs(volume);
            }
            if (volume.isOnline()) {
                try {
                    housekeeping.checkpoint(volume);
                    files.markClean(brokerEpoch);
                } catch (IOException e) {
                    volume.fail("writing the checkpoints", e);
                }
            }
        });
    }

    private void closeLogs(Volume volume) {
        ConcurrentLinkedQueue<PartitionLog> waiting = new ConcurrentLinkedQueue<>(logsOf(volume));
        int threads = Math.max(1, settings.recoveryThreads());
        CountDownLatch latch = new CountDownLatch(threads);
        AtomicInteger failures = new AtomicInteger();
        for (int i = 0; i < threads; i++) {
            workers.submit(() -> {
                try {
                    for (PartitionLog log = waiting.poll(); log != null && failures.get() == 0; log = waiting.poll()) {
                        if (log.offlineReason() == null) {
                            log.flush().close();
                        }
                    }
                } catch (IOException e) {
                    failures.incrementAndGet();
                    volume.fail("closing the logs", e);
                } finally {
                    latch.countDown();
                }
            });
        }
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            volume.fail("closing the logs", new IOException("interrupted", e));
        }
    }
}

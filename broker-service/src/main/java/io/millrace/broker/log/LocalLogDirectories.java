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
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The log directories on this machine's file systems: which log has which partition's name, and what becomes of it. Any thread, where
 * {@link LogDirectories} does not name one.
 *
 * <p>{@link Volumes} are the directories themselves, {@link LogConfigs} what their logs are set to; {@link BrokerRecovery} opens the logs
 * at start and {@link CleanShutdown} closes them; {@link ReplicaMoves} copies them between directories, {@link Housekeeping} and
 * {@link LogCleaner} work on them in the background.
 */
public final class LocalLogDirectories implements LogDirectories {

    /** What the name of a copy's directory has more than that of its original. */
    private static final int FUTURE_CHARS =
            LogFileNames.futureName(new TopicPartition("", 0), Uuid.ZERO_UUID).length()
                    - LogFileNames.directoryName(new TopicPartition("", 0)).length();

    /** Directories that are remembered for partitions which are not here. */
    private static final int MOST_PREFERRED = 100_000;

    private final Clock clock;
    private final RandomSource random;
    private final IoWorkers workers;
    private final BrokerLogSettings settings;
    private final Volumes volumes;
    private final LogConfigs configs;
    private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final List<Consumer<LogDirectory>> offlineListeners = new CopyOnWriteArrayList<>();
    private final List<MoveListener> moveListeners = new CopyOnWriteArrayList<>();
    private final Map<TopicPartition, Volume> preferred = new ConcurrentHashMap<>();
    private final ReplicaMoves moves;
    private final Housekeeping housekeeping;
    private final LogCleaner cleaner;
    private final DirectoryChanges changes;
    private final OpenFiles openFiles;
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
        this.settings = BrokerLogSettings.of(brokerSettings);
        this.configs = new LogConfigs(brokerSettings);
        this.clock = clock;
        this.random = random;
        this.workers = workers;
        this.moves = new ReplicaMoves(new Moving(), workers, timers, random);
        this.changes = new DirectoryChanges(workers);
        this.housekeeping = new Housekeeping(this, settings, clock, workers, timers);
        this.openFiles = new OpenFiles(maxOpenFiles, new IndexMemory(maxIndexBytes));
        this.cleaner = new LogCleaner(this::logs, CleanerSettings.of(brokerSettings), clock, workers, timers, random);
        this.volumes = new Volumes(
                store,
                settings.directories(),
                random,
                (path, id) -> new Volume(store, openFiles, clock, workers, path, id, housekeeping));
        this.previousBrokerEpoch = volumes.markedBrokerEpoch();
    }

    @Override
    public List<FoundLog> recover(OwnerOfLog owners) {
        // A copying that was interrupted begins again when its partition is opened.
        new BrokerRecovery(volumes, housekeeping, random, logs)
                .run(
                        owners,
                        configs.of(LogConfigs.TOPIC_NOT_KNOWN),
                        workers,
                        settings.recoveryThreads(),
                        clock,
                        preferred::put);
        List<FoundLog> found = logs.values().stream()
                .map(log -> new FoundLog(log.topicPartition(), log.topicId(), log))
                .toList();
        recovered = true;
        housekeeping.start();
        cleaner.start();
        return found;
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
            setAside(existing, "was written for topic id " + existing.topicId() + ", not " + topicId);
        }
        make(topicPartition, topicId, owner, topicOverrides, directoryId, listener);
    }

    private void make(
            TopicPartition topicPartition,
            Uuid topicId,
            EventLoop owner,
            Map<String, String> topicOverrides,
            @Nullable Uuid directoryId,
            OpenListener listener) {
        Volume volume;
        try {
            Volume wanted = preferred.remove(topicPartition);
            volume = wanted != null && wanted.isOnline() ? wanted : volumes.choose(directoryId);
        } catch (KafkaStorageException e) {
            listener.opened(null, e);
            return;
        }
        volume.logAdded();
        Path directory = volume.path().resolve(LogFileNames.directoryName(topicPartition));
        LogConfig config = configs.of(topicOverrides);
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

    @Override
    public void delete(PartitionLog log) {
        forget(log);
        removeFiles(log);
    }

    @Override
    public void setAside(PartitionLog log, String why) {
        if (logs.get(log.topicPartition()) != log) {
            return;
        }
        forget(log);
        Path aside = LogFileNames.uniqueSibling(log, random, LogFileNames.STRAY_DIRECTORY);
        LogEvents.LOG.warn(
                "{}: the log in {} {}. It is set aside as {}; nothing reads or removes it there, so remove it when its records are not needed.",
                log.topicPartition(),
                log.directory(),
                why,
                aside);
        renameAway(log, aside, () -> {
            for (Segment segment : log.view().segments()) {
                segment.close();
            }
        });
    }

    private void forget(PartitionLog log) {
        moves.cancel(log.topicPartition());
        logs.remove(log.topicPartition(), log);
        configs.forget(log);
        log.volume().logRemoved();
    }

    private void removeFiles(PartitionLog log) {
        Path renamed = LogFileNames.uniqueSibling(log, random, LogFileNames.DELETED_DIRECTORY);
        renameAway(log, renamed, () -> housekeeping.removeLogLater(log.volume(), log, renamed));
    }

    /** Closes a log at once; its directory is renamed in its turn. On the loop of its partition. */
    private void renameAway(PartitionLog log, Path renamed, Runnable then) {
        log.close();
        changes.remove(
                log.topicPartition(),
                log.loop(),
                () -> {
                    log.closeAndRename(renamed);
                    return renamed;
                },
                (done, problem) -> {
                    if (done != null) {
                        then.run();
                    } else if (problem instanceof IOException e) {
                        log.volume().fail("renaming the log " + log.directory() + " to " + renamed, e);
                    }
                });
    }

    @Override
    public Errors alterDirectory(TopicPartition partition, @Nullable PartitionLog log, Path destination) {
        if (LogFileNames.directoryName(partition).length() > LogFileNames.MAX_DIRECTORY_NAME - FUTURE_CHARS) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
        Volume volume = volumes.at(destination);
        if (volume == null) {
            return Errors.LOG_DIR_NOT_FOUND;
        }
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
            return configs.movesBytesPerSecond();
        }

        @Override
        public void replace(PartitionLog original, PartitionLog copy) {
            original.volume().logRemoved();
            copy.volume().logAdded();
            logs.put(copy.topicPartition(), copy);
            configs.replace(original, copy);
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
        configs.configure(log, topicOverrides);
    }

    @Override
    public void configureBroker(Map<String, String> newSettings) {
        cleaner.configure(CleanerSettings.of(newSettings));
        configs.configureBroker(newSettings, logs.values());
    }

    @Override
    public List<LogDirectory> directories() {
        return volumes.describe();
    }

    @Override
    public Uuid directoryIdOf(PartitionLog log) {
        return log.volume().id();
    }

    @Override
    public void onOffline(Consumer<LogDirectory> listener) {
        offlineListeners.add(listener);
    }

    void tellOffline(Volume volume) {
        LogDirectory directory = volumes.describe(volume);
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
        return volumes.all();
    }

    Collection<PartitionLog> logs() {
        return logs.values();
    }

    List<PartitionLog> logsOf(Volume volume) {
        return logs.values().stream().filter(l -> l.volume() == volume).toList();
    }

    VolumeFiles files(Volume volume) {
        return volumes.filesOf(volume);
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
        for (Volume volume : volumes.all()) {
            if (volume.isOnline()) {
                new CleanShutdown(volume, logsOf(volume)).run(workers, Math.max(1, settings.recoveryThreads()));
            }
            if (volume.isOnline()) {
                try {
                    housekeeping.checkpoint(volume);
                    files(volume).markClean(brokerEpoch);
                } catch (IOException e) {
                    volume.fail("writing the checkpoints", e);
                }
            }
        }
    }
}

package io.millrace.broker.log;

import io.millrace.broker.log.LogDirectories.LogDirectory;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;

/** All volumes of {@code log.dirs}, in their order, with their own files; says which one a new log goes to. Any thread. */
final class Volumes {

    private final FileStore store;
    private final Map<Volume, VolumeFiles> files = new LinkedHashMap<>();

    /**
     * Makes directories that are missing, and gives each its id.
     *
     * @param volumeOf makes the volume of a path and an id
     * @throws UncheckedIOException a directory cannot be made
     */
    Volumes(FileStore store, List<Path> paths, RandomSource random, BiFunction<Path, Uuid, Volume> volumeOf) {
        this.store = store;
        try {
            for (Path path : paths) {
                VolumeFiles own = new VolumeFiles(store, path);
                own.create();
                files.put(volumeOf.apply(path, own.directoryId(random)), own);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** The broker epoch that all clean-shutdown markers name; to be read before the logs are opened. */
    OptionalLong markedBrokerEpoch() {
        OptionalLong epoch = OptionalLong.empty();
        for (Map.Entry<Volume, VolumeFiles> entry : files.entrySet()) {
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

    Collection<Volume> all() {
        return files.keySet();
    }

    VolumeFiles filesOf(Volume volume) {
        VolumeFiles own = files.get(volume);
        if (own == null) {
            throw new IllegalArgumentException(volume.path() + " is none of these log directories");
        }
        return own;
    }

    /** The volume of that path, if it is one of these. */
    @Nullable
    Volume at(Path path) {
        for (Volume volume : files.keySet()) {
            if (volume.path().equals(path)) {
                return volume;
            }
        }
        return null;
    }

    /**
     * The volume with that id, or the one that holds the fewest logs.
     *
     * @throws KafkaStorageException it is offline, or all are
     */
    Volume choose(@Nullable Uuid directoryId) {
        if (directoryId != null) {
            for (Volume volume : files.keySet()) {
                if (volume.id().equals(directoryId)) {
                    return online(volume);
                }
            }
        }
        return files.keySet().stream()
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

    List<LogDirectory> describe() {
        return files.keySet().stream().map(this::describe).toList();
    }

    LogDirectory describe(Volume volume) {
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
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The files of one log directory itself: clean-shutdown marker, checkpoints, directory id. */
final class VolumeFiles {

    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";
    private static final String META_PROPERTIES = "meta.properties";
    private static final String DIRECTORY_ID = "directory.id";

    /** Names the life of the page cache that the directory was last written through; a file of ours, unknown to Apache. */
    private static final String PAGE_CACHE = ".millrace-boot-id";

    private static final Pattern BROKER_EPOCH = Pattern.compile("\"brokerEpoch\"\\s*:\\s*(-?\\d+)");

    private final FileStore store;
    private final Path directory;

    VolumeFiles(FileStore store, Path directory) {
        this.store = store;
        this.directory = directory;
    }

    /** Makes the directory if need be. */
    void create() throws IOException {
        store.createDirectories(directory);
    }

    /** The id that formatting gave the directory; one for this run only where it was not formatted. */
    Uuid directoryId(RandomSource random) throws IOException {
        Path file = directory.resolve(META_PROPERTIES);
        if (store.exists(file)) {
            Properties properties = new Properties();
            properties.load(new StringReader(new String(store.readAll(file), StandardCharsets.UTF_8)));
            String id = properties.getProperty(DIRECTORY_ID);
            if (id != null) {
                return Uuid.fromString(id);
            }
        }
        return random.nextUuid();
    }

    /**
     * How the last broker on this directory ended.
     *
     * @param samePageCache what it wrote is there, whether it had been synced or not
     * @param machineRestarted what it had not synced may be missing; neither holds where another broker's software was the last
     */
    record LastRun(boolean clean, OptionalLong brokerEpoch, boolean samePageCache, boolean machineRestarted) {}

    /** Reads the markers of the last run. */
    LastRun lastRun() throws IOException {
        Path marker = directory.resolve(CLEAN_SHUTDOWN);
        boolean clean = store.exists(marker);
        OptionalLong epoch = OptionalLong.empty();
        if (clean) {
            Matcher matcher = BROKER_EPOCH.matcher(new String(store.readAll(marker), StandardCharsets.UTF_8));
            epoch = matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
        }
        String bootId = store.bootId();
        Path file = directory.resolve(PAGE_CACHE);
        boolean known = !bootId.isEmpty() && store.exists(file);
        boolean same = known && new String(store.readAll(file), StandardCharsets.UTF_8).equals(bootId);
        return new LastRun(clean, epoch, same, known && !same);
    }

    /** From now on the directory is in use: after a crash there is no marker, and it is known which page cache was written. */
    void beginRun() throws IOException {
        store.delete(directory.resolve(CLEAN_SHUTDOWN));
        store.replace(directory.resolve(PAGE_CACHE), store.bootId().getBytes(StandardCharsets.UTF_8), true);
        store.syncDirectory(directory);
    }

    void markClean(long brokerEpoch) throws IOException {
        String content = "{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}";
        store.replace(directory.resolve(CLEAN_SHUTDOWN), content.getBytes(StandardCharsets.UTF_8), true);
    }

    /** Whether one of the files is there and whole. */
    boolean hasOffsets(String name) throws IOException {
        return CheckpointFile.isWhole(store, directory.resolve(name));
    }

    Map<TopicPartition, Long> readOffsets(String name) throws IOException {
        return CheckpointFile.read(store, directory.resolve(name));
    }

    /** Offsets as they were written last, so that an unchanged file is left alone. */
    private final Map<String, Map<TopicPartition, Long>> written = new java.util.concurrent.ConcurrentHashMap<>();

    /** Writes one of the files for all logs of this directory, durably, unless it says the same already. */
    void writeOffsets(String name, Collection<PartitionLog> logs, ToLongFunction<PartitionLog> offset)
            throws IOException {
        writeOffsets(name, logs, offset, (_, _) -> {});
    }

    /** As above; each log is told what the file says of it, before another thread writes the file. */
    synchronized void writeOffsets(
            String name,
            Collection<PartitionLog> logs,
            ToLongFunction<PartitionLog> offset,
            ObjLongConsumer<PartitionLog> told)
            throws IOException {
        IdentityHashMap<PartitionLog, Long> values = new IdentityHashMap<>();
        Map<TopicPartition, Long> offsets = new TreeMap<>(CheckpointOrder.INSTANCE);
        for (PartitionLog log : logs) {
            long value = offset.applyAsLong(log);
            if (value >= 0) {
                offsets.put(log.topicPartition(), value);
                values.put(log, value);
            }
        }
        if (!offsets.equals(written.get(name))) {
            CheckpointFile.write(store, directory.resolve(name), offsets);
            written.put(name, offsets);
        }
        values.forEach(told::accept);
    }

    private enum CheckpointOrder implements java.util.Comparator<TopicPartition> {
        INSTANCE;

        @Override
        public int compare(TopicPartition a, TopicPartition b) {
            int byTopic = a.topic().compareTo(b.topic());
            return byTopic != 0 ? byTopic : Integer.compare(a.partition(), b.partition());
        }
    }
}

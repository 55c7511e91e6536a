package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The {@code partition.metadata} file, which says to which topic id a log's directory belongs. */
final class PartitionMetadataFile {

    private static final String VERSION = "version: 0";
    private static final String TOPIC_ID = "topic_id: ";

    private PartitionMetadataFile() {}

    static void write(FileStore store, Path directory, Uuid topicId) throws IOException {
        String text = VERSION + "\n" + TOPIC_ID + topicId + "\n";
        store.replace(directory.resolve(LogFileNames.PARTITION_METADATA), text.getBytes(StandardCharsets.UTF_8), false);
    }

    /** The topic id; null when there is no such file or it cannot be read. */
    static @Nullable Uuid read(FileStore store, Path directory) throws IOException {
        Path file = directory.resolve(LogFileNames.PARTITION_METADATA);
        if (!store.exists(file)) {
            return null;
        }
        for (String line :
                new String(store.readAll(file), StandardCharsets.UTF_8).lines().toList()) {
            if (line.startsWith(TOPIC_ID)) {
                try {
                    return Uuid.fromString(line.substring(TOPIC_ID.length()).strip());
                } catch (IllegalArgumentException e) {
                    LogEvents.LOG.warn("{} does not hold a topic id: {}", file, line);
                }
            }
        }
        return null;
    }
}

package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** One of Kafka's text files with an offset for each partition of a log directory: version, number of lines, lines. */
final class CheckpointFile {

    static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    static final String LOG_STARTS = "log-start-offset-checkpoint";
    static final String CLEANED = "cleaner-offset-checkpoint";
    static final String HIGH_WATERMARKS = "replication-offset-checkpoint";

    private CheckpointFile() {}

    static void write(FileStore store, Path file, Map<TopicPartition, Long> offsets) throws IOException {
        StringBuilder text = new StringBuilder(offsets.size() * 40);
        text.append("0\n").append(offsets.size()).append('\n');
        offsets.forEach((partition, offset) -> text.append(partition.topic())
                .append(' ')
                .append(partition.partition())
                .append(' ')
                .append(offset)
                .append('\n'));
        store.replace(file, text.toString().getBytes(StandardCharsets.UTF_8), true);
    }

    /**
     * Reads a file. A missing or damaged one counts as empty: more is recovered than needed, nothing is lost. Apache Kafka leaves files
     * without a byte in them where it has had nothing to write yet.
     */
    static Map<TopicPartition, Long> read(FileStore store, Path file) throws IOException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        if (!store.exists(file)) {
            return offsets;
        }
        byte[] content = store.readAll(file);
        if (content.length == 0) {
            return offsets;
        }
        List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
        try {
            int count = Integer.parseInt(lines.get(1).strip());
            for (int i = 0; i < count; i++) {
                String[] words = lines.get(2 + i).strip().split(" ", -1);
                offsets.put(new TopicPartition(words[0], Integer.parseInt(words[1])), Long.parseLong(words[2]));
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            LogEvents.LOG.warn("{} is damaged; its logs are recovered without it", file);
            return new HashMap<>();
        }
        return offsets;
    }
}

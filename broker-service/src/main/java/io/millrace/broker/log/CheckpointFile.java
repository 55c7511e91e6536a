package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
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
     * Reads a file. A missing or damaged one counts as empty: more is recovered than needed, nothing is lost, and the next checkpoint
     * writes it anew. Apache Kafka leaves files without a byte in them where it has had nothing to write yet.
     */
    static Map<TopicPartition, Long> read(FileStore store, Path file) throws IOException {
        byte[] content = store.exists(file) ? store.readAll(file) : new byte[0];
        if (content.length == 0) {
            return new HashMap<>();
        }
        try {
            return parse(new String(content, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LogEvents.LOG.warn(
                    "{} is damaged ({}) and counts as empty: {}. It is written anew.",
                    file,
                    e.getMessage(),
                    consequence(file.getFileName().toString()));
            return new HashMap<>();
        }
    }

    /** Whether a file is there and can be read. */
    static boolean isWhole(FileStore store, Path file) throws IOException {
        if (!store.exists(file)) {
            return false;
        }
        try {
            Map<TopicPartition, Long> _ = parse(new String(store.readAll(file), StandardCharsets.UTF_8));
            return true;
        } catch (IllegalArgumentException | IndexOutOfBoundsException | NoSuchElementException e) {
            return false;
        }
    }

    private static Map<TopicPartition, Long> parse(String text) {
        List<String> lines = text.lines().toList();
        if (!lines.getFirst().strip().equals("0")) {
            throw new IllegalArgumentException("version \"" + lines.getFirst() + "\" instead of 0");
        }
        int count = Integer.parseInt(lines.get(1).strip());
        if (lines.size() != count + 2 || !text.endsWith("\n")) {
            throw new IllegalArgumentException(
                    (lines.size() - 2) + " lines, the last maybe cut off, instead of " + count);
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (String line : lines.subList(2, lines.size())) {
            String[] words = line.strip().split(" ", -1);
            offsets.put(new TopicPartition(words[0], Integer.parseInt(words[1])), Long.parseLong(words[2]));
        }
        return offsets;
    }

    private static String consequence(String name) {
        return switch (name) {
            case RECOVERY_POINTS -> "after a crash the logs of this directory are checked from their beginning";
            case LOG_STARTS -> "records that were deleted, but are in segments with others, can be read again";
            case HIGH_WATERMARKS -> "consumers see records again once the replicas in sync are known to have them";
            case CLEANED -> "compacted logs are compacted from their beginning";
            default -> "what it said is forgotten";
        };
    }
}

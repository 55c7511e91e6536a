package io.millrace.broker.log;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where each leader epoch begins in a log (KIP-101). Changed by the log's loop, looked up by any thread; the {@code
 * leader-epoch-checkpoint} file is written when the log is flushed, because what is past the flush is found again in the batches.
 */
final class LeaderEpochs {

    /** An epoch and the offset of the first record that was, or will be, written in it. */
    record Start(int epoch, long startOffset) {}

    private static final PartitionLog.EpochEnd UNKNOWN = new PartitionLog.EpochEnd(-1, -1);

    /** Both fields ascend. */
    private volatile List<Start> starts;

    /** What the file says; null when nobody knows. */
    private volatile @Nullable List<Start> written;

    LeaderEpochs(List<Start> starts) {
        this.starts = List.copyOf(starts);
        this.written = this.starts;
    }

    int latestEpoch() {
        List<Start> current = starts;
        return current.isEmpty() ? -1 : current.getLast().epoch();
    }

    List<Start> starts() {
        return starts;
    }

    /** Notes where an epoch begins; entries that contradict it are dropped. */
    void assign(int epoch, long startOffset) {
        List<Start> current = starts;
        if (epoch < 0 || (!current.isEmpty() && current.getLast().epoch() == epoch)) {
            return;
        }
        List<Start> next = new ArrayList<>(current.size() + 1);
        for (Start start : current) {
            if (start.epoch() < epoch && start.startOffset() < startOffset) {
                next.add(start);
            }
        }
        next.add(new Start(epoch, startOffset));
        publish(next);
    }

    void truncateFromEnd(long endOffset) {
        publish(starts.stream().filter(s -> s.startOffset() < endOffset).toList());
    }

    void truncateFromStart(long startOffset) {
        List<Start> next = new ArrayList<>();
        for (Start start : starts) {
            if (start.startOffset() <= startOffset) {
                next.clear();
                next.add(new Start(start.epoch(), startOffset));
            } else {
                next.add(start);
            }
        }
        publish(next);
    }

    void clear() {
        publish(List.of());
    }

    private void publish(List<Start> next) {
        if (!next.equals(starts)) {
            starts = List.copyOf(next);
        }
    }

    PartitionLog.EpochEnd endOf(int epoch, long logEndOffset) {
        List<Start> current = starts;
        if (epoch < 0 || current.isEmpty() || epoch > current.getLast().epoch()) {
            return UNKNOWN;
        }
        if (epoch == current.getLast().epoch()) {
            return new PartitionLog.EpochEnd(epoch, logEndOffset);
        }
        int floor = -1;
        int i = 0;
        for (; i < current.size() && current.get(i).epoch() <= epoch; i++) {
            floor = current.get(i).epoch();
        }
        return new PartitionLog.EpochEnd(
                floor < 0 ? epoch : floor, current.get(i).startOffset());
    }

    int epochOf(long offset) {
        int epoch = -1;
        for (Start start : starts) {
            if (start.startOffset() > offset) {
                break;
            }
            epoch = start.epoch();
        }
        return epoch;
    }

    /**
     * Writes the file if it lacks something about the records below an offset. An epoch without records is noted again by whoever leads
     * next: tens of thousands of idle logs need not be written for it.
     */
    void writeFile(FileStore store, Path directory, boolean sync, long endOffset) throws IOException {
        List<Start> current = starts;
        List<Start> before = written;
        if (before != null && below(before, endOffset).equals(below(current, endOffset))) {
            return;
        }
        StringBuilder text = new StringBuilder("0\n").append(current.size()).append('\n');
        for (Start start : current) {
            text.append(start.epoch()).append(' ').append(start.startOffset()).append('\n');
        }
        store.replace(
                directory.resolve(LogFileNames.LEADER_EPOCHS), text.toString().getBytes(StandardCharsets.UTF_8), sync);
        written = current;
    }

    private static List<Start> below(List<Start> starts, long endOffset) {
        return starts.stream().filter(s -> s.startOffset() < endOffset).toList();
    }

    /**
     * Reads the file; a missing or damaged one counts as empty and is rebuilt from what recovery scans. Apache Kafka leaves one of no
     * bytes in a log that has no records yet.
     */
    static LeaderEpochs read(FileStore store, Path directory) throws IOException {
        Path file = directory.resolve(LogFileNames.LEADER_EPOCHS);
        byte[] text = store.exists(file) ? store.readAll(file) : new byte[0];
        if (text.length == 0) {
            return new LeaderEpochs(List.of());
        }
        List<Start> starts = new ArrayList<>();
        try {
            List<String> lines =
                    new String(text, StandardCharsets.UTF_8).lines().toList();
            int count = Integer.parseInt(lines.get(1).strip());
            for (int i = 0; i < count; i++) {
                String[] words = lines.get(2 + i).strip().split(" ", -1);
                starts.add(new Start(Integer.parseInt(words[0]), Long.parseLong(words[1])));
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            LogEvents.LOG.warn("{} is damaged; leader epochs are rebuilt from the log", file);
            LeaderEpochs rebuilt = new LeaderEpochs(List.of());
            rebuilt.damaged = true;
            rebuilt.written = null;
            return rebuilt;
        }
        return new LeaderEpochs(starts);
    }

    private boolean damaged;

    /** Whether the file was unreadable, so that the whole log must be scanned for epochs. */
    boolean damaged() {
        return damaged;
    }
}

package io.millrace.admin.record;

import io.millrace.admin.mask.RecordMask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads records between two offsets of each partition, forwards or backwards, and says exactly how far it came.
 *
 * <p>Bounded by matches, by records looked at, and by time; what is left is in the positions, so that the next scan
 * begins where this one stopped and no record is missed or seen twice.
 */
final class RecordScan {
    private static final Duration POLL = Duration.ofMillis(150);
    private static final long TIME_LIMIT_MS = 2_000;
    private static final long SCAN_LIMIT = 200_000;
    /** Backwards, whole windows are held in memory: together they have at most so many offsets and bytes. */
    private static final long WINDOW_OFFSETS = 80_000;

    private static final long WINDOW_BYTES = 48L * 1024 * 1024;

    private final Consumer<byte[], byte[]> consumer;
    private final RecordMask mask;
    private final RecordFilter filter;
    private final Function<ConsumerRecord<byte[], byte[]>, RecordView> view;
    private final int limit;
    private final long deadlineNanos = System.nanoTime() + TIME_LIMIT_MS * 1_000_000;
    private long scanned;

    /** The filter sees what the mask leaves; what matches is held as the view shows it, which may be much less. */
    RecordScan(
            Consumer<byte[], byte[]> consumer,
            RecordMask mask,
            RecordFilter filter,
            Function<ConsumerRecord<byte[], byte[]>, RecordView> view,
            int limit) {
        this.consumer = consumer;
        this.mask = mask;
        this.filter = filter;
        this.view = view;
        this.limit = limit;
    }

    /** What is still to be read of a partition: from {@code from}, inclusive, to {@code to}, exclusive. */
    record Range(long from, long to) {
        boolean empty() {
            return from >= to;
        }
    }

    record Found(List<RecordView> records, Map<Integer, Range> remaining, long scanned) {
        boolean done() {
            return remaining.values().stream().allMatch(Range::empty);
        }
    }

    private boolean exhausted() {
        return scanned >= SCAN_LIMIT || System.nanoTime() >= deadlineNanos;
    }

    Found forwards(String topic, Map<Integer, Range> ranges) {
        Map<Integer, Range> remaining = new TreeMap<>(ranges);
        List<RecordView> matches = new ArrayList<>();
        assign(topic, remaining);
        while (!consumer.assignment().isEmpty() && matches.size() < limit && !exhausted()) {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            for (TopicPartition partition : polled.partitions()) {
                for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                    Range range = Objects.requireNonNull(remaining.get(record.partition()));
                    if (record.offset() >= range.to() || matches.size() >= limit) break;
                    scanned++;
                    remaining.put(record.partition(), new Range(record.offset() + 1, range.to()));
                    ConsumerRecord<byte[], byte[]> shown = mask.apply(record);
                    if (filter.matches(shown)) matches.add(view.apply(shown));
                }
            }
            if (matches.size() >= limit) break;
            skipGaps(topic, remaining);
        }
        matches.sort(Comparator.comparing(RecordView::timestamp));
        return new Found(matches, remaining, scanned);
    }

    /** Moves past offsets that hold no records (compaction, transaction markers), and drops finished partitions. */
    private void skipGaps(String topic, Map<Integer, Range> remaining) {
        List<TopicPartition> open = new ArrayList<>();
        remaining.replaceAll((partition, range) -> {
            TopicPartition key = new TopicPartition(topic, partition);
            if (!consumer.assignment().contains(key)) return range;
            long position = consumer.position(key);
            Range moved = new Range(Math.clamp(position, range.from(), range.to()), range.to());
            if (!moved.empty()) open.add(key);
            return moved;
        });
        if (open.size() == consumer.assignment().size()) return;
        Map<TopicPartition, Long> positions = new HashMap<>();
        open.forEach(key -> positions.put(key, consumer.position(key)));
        consumer.assign(open);
        positions.forEach(consumer::seek);
    }

    private void assign(String topic, Map<Integer, Range> ranges) {
        List<TopicPartition> open = new ArrayList<>();
        ranges.forEach((partition, range) -> {
            if (!range.empty()) open.add(new TopicPartition(topic, partition));
        });
        consumer.assign(open);
        open.forEach(key -> consumer.seek(
                key, Objects.requireNonNull(ranges.get(key.partition())).from()));
    }

    /**
     * From the newest record on: whole windows are read forwards, growing as they stay without a match, and shrinking when
     * they are too large to be held.
     */
    Found backwards(String topic, Map<Integer, Range> ranges) {
        Map<Integer, Range> remaining = new TreeMap<>(ranges);
        List<RecordView> matches = new ArrayList<>();
        long largest = Math.max(1, WINDOW_OFFSETS / Math.max(1, ranges.size()));
        long window = Math.min(Math.max(limit, 100), largest);
        while (matches.size() < limit && !exhausted()) {
            Map<Integer, Range> windows = new TreeMap<>();
            for (Map.Entry<Integer, Range> entry : remaining.entrySet()) {
                Range range = entry.getValue();
                if (!range.empty()) {
                    windows.put(entry.getKey(), new Range(Math.max(range.from(), range.to() - window), range.to()));
                }
            }
            if (windows.isEmpty()) break;
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> read = readWhole(topic, windows);
            if (read.isEmpty()) {
                if (window == 1) break;
                window = Math.max(1, window / 8);
                continue;
            }
            pick(read, windows, remaining, matches);
            window = Math.min(window * 4, largest);
        }
        return new Found(matches, remaining, scanned);
    }

    /** Every record of the windows that could be read to their end within time and bytes; others are left out. */
    private Map<Integer, List<ConsumerRecord<byte[], byte[]>>> readWhole(String topic, Map<Integer, Range> windows) {
        Map<Integer, List<ConsumerRecord<byte[], byte[]>>> read = new HashMap<>();
        Map<Integer, Range> open = new TreeMap<>(windows);
        Map<Integer, List<ConsumerRecord<byte[], byte[]>>> whole = new TreeMap<>();
        assign(topic, open);
        long graceNanos = deadlineNanos + TIME_LIMIT_MS * 1_000_000;
        long bytes = 0;
        while (!consumer.assignment().isEmpty() && System.nanoTime() < graceNanos && bytes < WINDOW_BYTES) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Range range = Objects.requireNonNull(open.get(record.partition()));
                if (record.offset() >= range.to()) continue;
                bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
                read.computeIfAbsent(record.partition(), ignored -> new ArrayList<>())
                        .add(record);
            }
            skipGaps(topic, open);
        }
        open.forEach((partition, range) -> {
            if (range.empty()) whole.put(partition, read.getOrDefault(partition, List.of()));
        });
        whole.values().forEach(records -> scanned += records.size());
        return whole;
    }

    /** Takes the newest matches over all partitions; a partition's range shrinks to what lies before its last taken one. */
    private void pick(
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> read,
            Map<Integer, Range> windows,
            Map<Integer, Range> remaining,
            List<RecordView> matches) {
        Map<Integer, List<ConsumerRecord<byte[], byte[]>>> candidates = new TreeMap<>();
        read.forEach((partition, records) -> candidates.put(
                partition,
                new ArrayList<>(records.stream()
                        .map(mask::apply)
                        .filter(record -> filter.matches(record))
                        .toList())));
        while (matches.size() < limit) {
            ConsumerRecord<byte[], byte[]> newest = null;
            for (List<ConsumerRecord<byte[], byte[]>> list : candidates.values()) {
                if (list.isEmpty()) continue;
                ConsumerRecord<byte[], byte[]> last = list.getLast();
                if (newest == null || last.timestamp() > newest.timestamp()) newest = last;
            }
            if (newest == null) break;
            Objects.requireNonNull(candidates.get(newest.partition())).removeLast();
            matches.add(view.apply(newest));
        }
        candidates.forEach((partition, left) -> {
            Range range = Objects.requireNonNull(remaining.get(partition));
            long to = left.isEmpty()
                    ? Objects.requireNonNull(windows.get(partition)).from()
                    : left.getLast().offset() + 1;
            remaining.put(partition, new Range(range.from(), to));
        });
    }
}

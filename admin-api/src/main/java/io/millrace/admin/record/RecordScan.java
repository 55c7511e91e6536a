package io.millrace.admin.record;

import io.millrace.admin.mask.ShownRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads records between two offsets of each partition, forwards or backwards, and says exactly how far it came.
 *
 * <p>Each step is bounded by matches, by records looked at, and by time; what is left is in the positions, so that the next step
 * begins where this one stopped and no record is missed, or looked at and counted twice.
 */
final class RecordScan {
    private static final Duration POLL = Duration.ofMillis(150);
    private static final long SCAN_LIMIT = 200_000;
    private static final long BEAT_NANOS = 100_000_000;
    /** Backwards, a step that has begun to read a window goes on for so much longer than its time. */
    private static final long GRACE_NANOS = 2_000_000_000;
    /** Backwards, whole windows are held in memory: together they have at most so many offsets and bytes. */
    private static final long WINDOW_OFFSETS = 80_000;

    private static final long WINDOW_BYTES = 48L * 1024 * 1024;

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final RecordLook look;
    private final Runnable pulse;
    private long deadlineNanos;
    private long nextBeatNanos = System.nanoTime() + BEAT_NANOS;
    private long scanned;
    private long window;

    /** {@code pulse} is run every tenth of a second or so; what it throws ends the scan. */
    RecordScan(Consumer<byte[], byte[]> consumer, String topic, RecordLook look, Runnable pulse) {
        this.consumer = consumer;
        this.topic = topic;
        this.look = look;
        this.pulse = pulse;
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

    /** One step: at most {@code limit} matches, and about as long as {@code time}. */
    Found step(boolean backwards, Map<Integer, Range> ranges, int limit, Duration time) {
        scanned = 0;
        deadlineNanos = System.nanoTime() + time.toNanos();
        return backwards ? backwards(ranges, limit, time) : forwards(ranges, limit);
    }

    private boolean exhausted() {
        return scanned >= SCAN_LIMIT || late(deadlineNanos);
    }

    private boolean late(long limitNanos) {
        long now = System.nanoTime();
        if (now >= nextBeatNanos) {
            nextBeatNanos = now + BEAT_NANOS;
            pulse.run();
        }
        return now >= limitNanos;
    }

    private Found forwards(Map<Integer, Range> ranges, int limit) {
        Map<Integer, Range> remaining = new TreeMap<>(ranges);
        List<RecordView> matches = new ArrayList<>();
        assign(remaining);
        while (!consumer.assignment().isEmpty() && matches.size() < limit && !exhausted()) {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            if (!take(polled, remaining, matches, limit)) break;
            skipGaps(remaining);
        }
        matches.sort(Comparator.comparing(RecordView::timestamp));
        return new Found(matches, remaining, scanned);
    }

    /** False when it did not come to the end of what was polled. */
    private boolean take(
            ConsumerRecords<byte[], byte[]> polled,
            Map<Integer, Range> remaining,
            List<RecordView> matches,
            int limit) {
        for (TopicPartition partition : polled.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                Range range = Objects.requireNonNull(remaining.get(record.partition()));
                if (record.offset() >= range.to()) break;
                if (matches.size() >= limit || late(deadlineNanos)) return false;
                scanned++;
                remaining.put(record.partition(), new Range(record.offset() + 1, range.to()));
                ShownRecord match = look.match(record);
                if (match != null) matches.add(look.view(match));
            }
        }
        return matches.size() < limit;
    }

    /** Moves past offsets that hold no records (compaction, transaction markers), and drops finished partitions. */
    private void skipGaps(Map<Integer, Range> remaining) {
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

    private void assign(Map<Integer, Range> ranges) {
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
    private Found backwards(Map<Integer, Range> ranges, int limit, Duration time) {
        Map<Integer, Range> remaining = new TreeMap<>(ranges);
        List<RecordView> matches = new ArrayList<>();
        long largest = Math.max(1, WINDOW_OFFSETS / Math.max(1, ranges.size()));
        window = Math.clamp(Math.max(window, limit), Math.min(100, largest), largest);
        while (matches.size() < limit && !exhausted()) {
            Map<Integer, Range> windows = new TreeMap<>();
            for (Map.Entry<Integer, Range> entry : remaining.entrySet()) {
                Range range = entry.getValue();
                if (!range.empty()) {
                    windows.put(entry.getKey(), new Range(Math.max(range.from(), range.to() - window), range.to()));
                }
            }
            if (windows.isEmpty()) break;
            List<Pile> piles = readWhole(windows);
            if (piles.isEmpty()) {
                if (window == 1) break;
                window = Math.max(1, window / 8);
                continue;
            }
            // However long reading took, there is time to look at what was read.
            deadlineNanos = Math.max(deadlineNanos, System.nanoTime() + time.toNanos() / 4);
            pick(piles, matches, limit);
            for (Pile pile : piles) {
                Range range = Objects.requireNonNull(remaining.get(pile.partition));
                remaining.put(pile.partition, new Range(range.from(), pile.end()));
            }
            window = Math.min(window * 4, largest);
        }
        return new Found(matches, remaining, scanned);
    }

    /** Every record of the windows that could be read to their end within time and bytes; others are left out. */
    private List<Pile> readWhole(Map<Integer, Range> windows) {
        Map<Integer, List<ConsumerRecord<byte[], byte[]>>> read = new HashMap<>();
        Map<Integer, Range> open = new TreeMap<>(windows);
        assign(open);
        long bytes = 0;
        while (!consumer.assignment().isEmpty() && !late(deadlineNanos + GRACE_NANOS) && bytes < WINDOW_BYTES) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Range range = Objects.requireNonNull(open.get(record.partition()));
                if (record.offset() >= range.to()) continue;
                bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
                read.computeIfAbsent(record.partition(), ignored -> new ArrayList<>())
                        .add(record);
            }
            skipGaps(open);
        }
        List<Pile> piles = new ArrayList<>();
        open.forEach((partition, range) -> {
            long from = Objects.requireNonNull(windows.get(partition)).from();
            if (range.empty()) piles.add(new Pile(partition, from, read.getOrDefault(partition, List.of())));
        });
        return piles;
    }

    /** Takes the newest matches over all partitions, until there are enough of them or there is no time left. */
    private void pick(List<Pile> piles, List<RecordView> matches, int limit) {
        while (matches.size() < limit) {
            Pile newest = null;
            for (Pile pile : piles) {
                if (!pile.find()) return;
                if (pile.match == null) continue;
                if (newest == null || pile.timestampMs() > newest.timestampMs()) newest = pile;
            }
            if (newest == null) return;
            matches.add(look.view(newest.take()));
        }
    }

    /** A partition's window, looked at from its end. */
    private final class Pile {
        private final int partition;
        private final long from;
        private final List<ConsumerRecord<byte[], byte[]>> records;
        private int left;
        private @Nullable ShownRecord match;

        Pile(int partition, long from, List<ConsumerRecord<byte[], byte[]>> records) {
            this.partition = partition;
            this.from = from;
            this.records = records;
            this.left = records.size();
        }

        /** Goes back to the next match, if there is one; false when time ends before. */
        boolean find() {
            while (match == null && left > 0) {
                if (late(deadlineNanos)) return false;
                match = look.match(records.get(left - 1));
                if (match == null) lookedAt();
            }
            return true;
        }

        long timestampMs() {
            return Objects.requireNonNull(match).timestampMs();
        }

        ShownRecord take() {
            ShownRecord taken = Objects.requireNonNull(match);
            match = null;
            lookedAt();
            return taken;
        }

        private void lookedAt() {
            left--;
            scanned++;
        }

        /** Where what is still to be looked at ends: a match that was not taken is found again. */
        long end() {
            return left == 0 ? from : records.get(left - 1).offset() + 1;
        }
    }
}

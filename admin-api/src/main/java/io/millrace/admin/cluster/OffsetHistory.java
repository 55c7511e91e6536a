package io.millrace.admin.cluster;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where each partition's log ended, sampled over time: tells when an offset was appended without trusting the
 * producers' clocks. Keeps at most {@value #SAMPLES} samples a partition, and only where the end moved.
 *
 * <p>Written by the snapshot's thread, read by any.
 */
public final class OffsetHistory {
    private static final int SAMPLES = 360;
    private final Map<TopicPartition, Samples> byPartition = new ConcurrentHashMap<>();

    void record(TopicPartition partition, long endOffset, long nowMs) {
        byPartition.computeIfAbsent(partition, ignored -> new Samples()).add(endOffset, nowMs);
    }

    void retainOnly(Set<TopicPartition> partitions) {
        byPartition.keySet().retainAll(partitions);
    }

    /**
     * When the record at {@code offset} was first seen in the log, in epoch milliseconds; absent when it was there
     * before the first sample, or is not there yet.
     */
    public @Nullable Long appendedAtMs(TopicPartition partition, long offset) {
        Samples samples = byPartition.get(partition);
        return samples == null ? null : samples.firstBeyond(offset);
    }

    /** Records a second over the last {@code windowMs}; 0 without two samples. */
    public double appendRatePerSecond(TopicPartition partition, long windowMs, long nowMs) {
        Samples samples = byPartition.get(partition);
        return samples == null ? 0 : samples.rate(windowMs, nowMs);
    }

    /** Every log end in effect during the last {@code windowMs}, oldest first: Burrow's STOP rule looks through them. */
    public long[] recentEnds(TopicPartition partition, long windowMs, long nowMs) {
        Samples samples = byPartition.get(partition);
        return samples == null ? new long[0] : samples.endsSince(nowMs - windowMs);
    }

    private static final class Samples {
        private final long[] endOffsets = new long[SAMPLES];
        private final long[] timesMs = new long[SAMPLES];
        private int next;
        private int size;
        private long lastSeenMs;

        synchronized void add(long endOffset, long nowMs) {
            lastSeenMs = nowMs;
            if (size > 0) {
                int last = Math.floorMod(next - 1, SAMPLES);
                if (endOffsets[last] == endOffset) return;
                // The topic was deleted and made anew, or an unclean leader took over: the old samples mean nothing.
                if (endOffsets[last] > endOffset) size = 0;
            }
            endOffsets[next] = endOffset;
            timesMs[next] = nowMs;
            next = (next + 1) % SAMPLES;
            size = Math.min(size + 1, SAMPLES);
        }

        synchronized @Nullable Long firstBeyond(long offset) {
            for (int i = 0; i < size; i++) {
                int at = Math.floorMod(next - size + i, SAMPLES);
                if (endOffsets[at] > offset) return i == 0 ? null : timesMs[at];
            }
            return null;
        }

        synchronized double rate(long windowMs, long nowMs) {
            if (size < 2) return 0;
            int last = Math.floorMod(next - 1, SAMPLES);
            int base = last;
            for (int i = 2; i <= size; i++) {
                int at = Math.floorMod(next - i, SAMPLES);
                base = at;
                if (timesMs[at] <= nowMs - windowMs) break;
            }
            long spanMs = Math.max(lastSeenMs - timesMs[base], 1);
            if (lastSeenMs - timesMs[last] > windowMs) return 0;
            return (endOffsets[last] - endOffsets[base]) * 1000.0 / spanMs;
        }

        synchronized long[] endsSince(long fromMs) {
            int count = 0;
            while (count < size) {
                count++;
                // The sample before the window was in effect when the window began.
                if (timesMs[Math.floorMod(next - count, SAMPLES)] <= fromMs) break;
            }
            long[] result = new long[count];
            for (int i = 0; i < count; i++) result[i] = endOffsets[Math.floorMod(next - count + i, SAMPLES)];
            return result;
        }
    }
}

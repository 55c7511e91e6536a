package io.millrace.admin.cluster;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where each partition's log ended, sampled over time: tells when an offset was appended without trusting the
 * producers' clocks. Keeps a sample only where the end moved, at most {@value #MOST_SAMPLES} a partition, and fewer where
 * there are so many partitions that all together would pass {@value #SAMPLES_OF_ALL} (16 bytes each): what is
 * long ago is then known less exactly.
 *
 * <p>Written by the snapshot's thread, read by any.
 */
public final class OffsetHistory {
    private static final int MOST_SAMPLES = 360;
    private static final int FEWEST_SAMPLES = 24;
    private static final int SAMPLES_OF_ALL = 1_500_000;
    private final Map<TopicPartition, Samples> byPartition = new ConcurrentHashMap<>();
    private int samplesEach = MOST_SAMPLES;

    void record(TopicPartition partition, long endOffset, long nowMs) {
        byPartition.computeIfAbsent(partition, ignored -> new Samples()).add(endOffset, nowMs, samplesEach);
    }

    void retainOnly(Set<TopicPartition> partitions) {
        byPartition.keySet().retainAll(partitions);
        samplesEach = Math.clamp(SAMPLES_OF_ALL / Math.max(1, partitions.size()), FEWEST_SAMPLES, MOST_SAMPLES);
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
        private long[] endOffsets = new long[2];
        private long[] timesMs = new long[2];
        private int size;
        private long lastSeenMs;

        synchronized void add(long endOffset, long nowMs, int most) {
            lastSeenMs = nowMs;
            if (size > 0) {
                if (endOffsets[size - 1] == endOffset) return;
                // The topic was deleted and made anew, or an unclean leader took over: the old samples mean nothing.
                if (endOffsets[size - 1] > endOffset) size = 0;
            }
            while (size >= most) thin(nowMs);
            if (size == timesMs.length) {
                int larger = Math.max(size + 1, Math.min(most, size * 2));
                endOffsets = Arrays.copyOf(endOffsets, larger);
                timesMs = Arrays.copyOf(timesMs, larger);
            }
            endOffsets[size] = endOffset;
            timesMs[size++] = nowMs;
        }

        /** Drops the sample that is missed least: whose neighbours are closest together, compared with how long ago it was. */
        private void thin(long nowMs) {
            int least = 1;
            double smallest = Double.MAX_VALUE;
            for (int i = 1; i < size - 1; i++) {
                double gap = (timesMs[i + 1] - timesMs[i - 1]) / (nowMs - timesMs[i] + 1.0);
                if (gap < smallest) {
                    smallest = gap;
                    least = i;
                }
            }
            size--;
            System.arraycopy(endOffsets, least + 1, endOffsets, least, size - least);
            System.arraycopy(timesMs, least + 1, timesMs, least, size - least);
        }

        synchronized @Nullable Long firstBeyond(long offset) {
            if (size == 0 || endOffsets[0] > offset) return null;
            int low = 1;
            int high = size;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (endOffsets[middle] > offset) high = middle;
                else low = middle + 1;
            }
            return low == size ? null : timesMs[low];
        }

        synchronized double rate(long windowMs, long nowMs) {
            if (size < 2) return 0;
            int last = size - 1;
            int base = last;
            while (base > 0) {
                base--;
                if (timesMs[base] <= nowMs - windowMs) break;
            }
            long spanMs = Math.max(lastSeenMs - timesMs[base], 1);
            if (lastSeenMs - timesMs[last] > windowMs) return 0;
            return (endOffsets[last] - endOffsets[base]) * 1000.0 / spanMs;
        }

        synchronized long[] endsSince(long fromMs) {
            int first = size;
            while (first > 0) {
                first--;
                // The sample before the window was in effect when the window began.
                if (timesMs[first] <= fromMs) break;
            }
            return Arrays.copyOfRange(endOffsets, first, size);
        }
    }
}

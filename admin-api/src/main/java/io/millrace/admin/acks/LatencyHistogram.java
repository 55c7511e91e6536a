package io.millrace.admin.acks;

import java.util.ArrayList;
import java.util.List;

/** Times until the acknowledgement, in buckets whose bounds are 1, 2 and 5 times the powers of ten, so that runs can be compared. */
final class LatencyHistogram {
    private static final long[] BOUNDS_US = {
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        Long.MAX_VALUE
    };

    private LatencyHistogram() {}

    /** How many took less than {@code belowMicros}, and not less than the bucket before says; the last has no bound. */
    record Bucket(long belowMicros, int count) {}

    record Latency(long p50Micros, long p95Micros, long p99Micros, long maxMicros, List<Bucket> buckets) {}

    /** Only the buckets up to the last that holds something. */
    static Latency of(List<Long> micros) {
        long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
        int[] counts = new int[BOUNDS_US.length];
        int bucket = 0;
        int last = -1;
        for (long value : sorted) {
            while (value >= BOUNDS_US[bucket] && bucket < BOUNDS_US.length - 1) bucket++;
            counts[bucket]++;
            last = bucket;
        }
        List<Bucket> buckets = new ArrayList<>();
        for (int i = 0; i <= last; i++) buckets.add(new Bucket(BOUNDS_US[i], counts[i]));
        return new Latency(
                at(sorted, 0.50),
                at(sorted, 0.95),
                at(sorted, 0.99),
                sorted.length == 0 ? 0 : sorted[sorted.length - 1],
                buckets);
    }

    private static long at(long[] sorted, double share) {
        if (sorted.length == 0) return 0;
        return sorted[Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }
}

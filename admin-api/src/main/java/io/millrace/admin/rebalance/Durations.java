package io.millrace.admin.rebalance;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Durations as people say them, and as they write them into a configuration. */
final class Durations {
    private Durations() {}

    /** "350 ms", "6.1 s", "2 minutes", "3.5 hours". */
    static String said(long ms) {
        if (ms < 1_000) return ms + " ms";
        if (ms < 120_000) return oneDigit(ms, 1_000) + " s";
        if (ms < Duration.ofHours(2).toMillis()) return oneDigit(ms, 60_000) + " minutes";
        return oneDigit(ms, 3_600_000) + " hours";
    }

    private static String oneDigit(long ms, long unitMs) {
        BigDecimal value = BigDecimal.valueOf(ms).divide(BigDecimal.valueOf(unitMs), 1, RoundingMode.HALF_UP);
        return value.stripTrailingZeros().toPlainString();
    }

    /** Half as much again, rounded up to 1, 2, 3 or 5 times a power of ten. */
    static long withRoom(long ms) {
        double wanted = ms * 1.5;
        double unit = Math.pow(10, Math.floor(Math.log10(Math.max(wanted, 1))));
        for (int factor : new int[] {1, 2, 3, 5}) {
            if (factor * unit >= wanted) return (long) (factor * unit);
        }
        return (long) (10 * unit);
    }
}

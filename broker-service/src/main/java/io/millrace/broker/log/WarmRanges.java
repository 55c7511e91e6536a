package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The ranges of one segment that were brought into the page cache a short time ago. A guess, as the kernel may have taken pages away
 * again: then a read waits for the disk once, and what it returns is right all the same. Any thread.
 */
final class WarmRanges {

    private static final int MOST = 8;
    private static final long LIFE_NS = TimeUnit.SECONDS.toNanos(10);

    private record Range(int from, int to, long untilNs) {}

    /** Never changed, only replaced; the newest last. */
    private volatile List<Range> ranges = List.of();

    boolean cover(int from, int to, long nowNs) {
        List<Range> known = ranges;
        int covered = from;
        for (int i = 0; i < known.size() && covered < to; i++) {
            Range range = known.get(i);
            if (range.from <= covered && range.to > covered && range.untilNs - nowNs > 0) {
                covered = range.to;
                i = -1; // An older range may go on from here.
            }
        }
        return covered >= to;
    }

    synchronized void add(int from, int to, long nowNs) {
        List<Range> next = new ArrayList<>(ranges);
        next.removeIf(range -> range.untilNs - nowNs <= 0 || (range.from >= from && range.to <= to));
        if (next.size() == MOST) {
            next.removeFirst();
        }
        next.add(new Range(from, to, nowNs + LIFE_NS));
        ranges = List.copyOf(next);
    }
}

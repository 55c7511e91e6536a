package io.millrace.admin.burrow;

import io.millrace.admin.burrow.CommitWindow.Commit;
import java.util.List;

/** Burrow's rules: what a window of commits says about a consumer, whatever the lag's size. Pure. */
final class Evaluator {
    /** In Burrow's order; a group is as bad as its worst partition, and never worse than ERR. */
    enum Status {
        NOTFOUND(0),
        OK(1),
        WARN(2),
        ERR(3),
        STOP(4),
        STALL(5),
        REWIND(6);

        /** As Burrow's metrics write it. */
        final int number;

        Status(int number) {
            this.number = number;
        }
    }

    private Evaluator() {}

    /**
     * The status of one partition.
     *
     * @param recentEnds where the log ended lately: a consumer that had caught up has not stopped
     * @param currentLag records between the last commit and the log's end
     */
    static Status evaluate(List<Commit> window, long[] recentEnds, long currentLag, long nowMs) {
        if (window.isEmpty() || currentLag <= 0) return Status.OK;
        if (stopped(window, recentEnds, nowMs)) return Status.STOP;
        if (rewound(window)) return Status.REWIND;
        for (Commit commit : window) {
            if (commit.lag() != null && commit.lag() <= 0) return Status.OK;
        }
        if (stalled(window)) return Status.STALL;
        return fallingBehind(window) ? Status.WARN : Status.OK;
    }

    static Status worst(Status group, Status partition) {
        Status worse = group.compareTo(partition) >= 0 ? group : partition;
        return worse.compareTo(Status.ERR) > 0 ? Status.ERR : worse;
    }

    /** Silent for longer than the whole window spans. */
    private static boolean stopped(List<Commit> window, long[] recentEnds, long nowMs) {
        long first = window.getFirst().timestampMs();
        Commit last = window.getLast();
        if (nowMs - last.timestampMs() <= last.timestampMs() - first) return false;
        for (long end : recentEnds) {
            if (end <= last.offset()) return false;
        }
        return true;
    }

    /** An offset went back, and no later one made up for it. */
    private static boolean rewound(List<Commit> window) {
        for (int i = 1; i < window.size(); i++) {
            long before = window.get(i - 1).offset();
            if (window.get(i).offset() >= before) continue;
            return window.subList(i, window.size()).stream().noneMatch(later -> later.offset() >= before);
        }
        return false;
    }

    private static boolean stalled(List<Commit> window) {
        long first = window.getFirst().offset();
        return window.stream().allMatch(commit -> commit.offset() == first);
    }

    private static boolean fallingBehind(List<Commit> window) {
        Long before = null;
        for (Commit commit : window) {
            Long lag = commit.lag();
            if (lag == null) continue;
            if (before != null && lag < before) return false;
            before = lag;
        }
        return true;
    }
}

package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupLags.GroupLag;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.LagSeries.LagPoint;
import io.millrace.admin.group.Lags.Total;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What every group's lag was: minutes for the last hour, five minutes for the last day, seconds for the trend.
 *
 * <p>Fed by the group snapshots' threads, read by any. At most 5 KB a group; groups that are gone are forgotten.
 */
@Component
final class LagHistory {
    private static final long TREND_WINDOW_MS = 60_000;
    private static final long TREND_MIN_MS = 4_000;
    private static final int TREND_SAMPLES = 30;

    private final Clusters clusters;
    private final GroupLags groupLags;
    private final Map<String, Map<String, OfGroup>> byCluster = new ConcurrentHashMap<>();

    LagHistory(Clusters clusters, GroupLags groupLags) {
        this.clusters = clusters;
        this.groupLags = groupLags;
    }

    /**
     * Where a group's lag is going.
     *
     * @param recordsPerSecond how fast the lag grows; negative while the group catches up
     * @param catchUpSeconds until nothing is left at this pace; 0 when nothing is, absent while it does not shrink
     */
    record Trend(double recordsPerSecond, @Nullable Double catchUpSeconds) {}

    void observe(String clusterId, GroupSnapshot groups) {
        ClusterSnapshot snapshot = clusters.peek(clusterId);
        if (snapshot == null) return;
        Map<String, OfGroup> ofCluster = byCluster.computeIfAbsent(clusterId, ignored -> new ConcurrentHashMap<>());
        long nowMs = groups.asOf().toEpochMilli();
        Function<GroupState, GroupLag> lags = groupLags.of(clusterId, groups, snapshot);
        for (GroupState group : groups.groups().values()) {
            Total total = lags.apply(group).total();
            if (total.partitions() == 0) continue;
            ofCluster.computeIfAbsent(group.groupId(), ignored -> new OfGroup()).add(nowMs, total);
        }
        ofCluster.keySet().retainAll(groups.groups().keySet());
    }

    /** Absent until two looks are some seconds apart. */
    @Nullable
    Trend trend(String clusterId, String groupId) {
        OfGroup group = of(clusterId, groupId);
        return group == null ? null : group.trend();
    }

    List<LagPoint> lastHour(String clusterId, String groupId) {
        OfGroup group = of(clusterId, groupId);
        return group == null ? List.of() : group.points(true);
    }

    List<LagPoint> lastDay(String clusterId, String groupId) {
        OfGroup group = of(clusterId, groupId);
        return group == null ? List.of() : group.points(false);
    }

    private @Nullable OfGroup of(String clusterId, String groupId) {
        return byCluster.getOrDefault(clusterId, Map.of()).get(groupId);
    }

    private static final class OfGroup {
        private final LagSeries hour = new LagSeries(60_000, 60);
        private final LagSeries day = new LagSeries(300_000, 288);
        private final long[] timesMs = new long[TREND_SAMPLES];
        private final long[] lags = new long[TREND_SAMPLES];
        private int next;
        private int size;

        synchronized void add(long nowMs, Total total) {
            float seconds =
                    total.lagSeconds() == null ? Float.NaN : total.lagSeconds().floatValue();
            hour.add(nowMs, total.lag(), seconds);
            day.add(nowMs, total.lag(), seconds);
            timesMs[next] = nowMs;
            lags[next] = total.lag();
            next = (next + 1) % TREND_SAMPLES;
            size = Math.min(size + 1, TREND_SAMPLES);
        }

        synchronized List<LagPoint> points(boolean lastHour) {
            return (lastHour ? hour : day).points();
        }

        synchronized @Nullable Trend trend() {
            if (size < 2) return null;
            int last = Math.floorMod(next - 1, TREND_SAMPLES);
            int first = last;
            for (int i = 2; i <= size; i++) {
                int at = Math.floorMod(next - i, TREND_SAMPLES);
                if (timesMs[last] - timesMs[at] > TREND_WINDOW_MS) break;
                first = at;
            }
            long spanMs = timesMs[last] - timesMs[first];
            if (spanMs < TREND_MIN_MS) return null;
            double perSecond = Math.round((lags[last] - lags[first]) * 100_000.0 / spanMs) / 100.0;
            if (lags[last] == 0) return new Trend(perSecond, 0.0);
            return new Trend(perSecond, perSecond < 0 ? (Double) Math.ceil(lags[last] / -perSecond) : null);
        }
    }
}

package io.millrace.admin.burrow;

import io.millrace.admin.burrow.CommitWindow.Commit;
import io.millrace.admin.burrow.Evaluator.Status;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupViews.PartitionView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** What the rules say about groups, from the commits that one reader a cluster follows. Safe for any thread. */
@Component
final class Evaluations implements DisposableBean {
    /** Burrow keeps ten log ends, one every ten seconds. */
    private static final long ENDS_WINDOW_MS = 100_000;

    private final Clusters clusters;
    private final Map<String, CommitReader> readers = new HashMap<>();

    Evaluations(Clusters clusters) {
        this.clusters = clusters;
        for (String id : clusters.ids()) readers.put(id, new CommitReader(clusters.get(id), clusters));
    }

    record PartitionVerdict(PartitionView view, List<Commit> window, Status status) {
        double complete() {
            return (double) window.size() / CommitWindow.INTERVALS;
        }
    }

    /**
     * A group's verdict.
     *
     * @param complete share of the partitions whose window is full
     * @param partitions those with a commit, in order of topic and partition
     * @param maxLag the partition that is furthest behind
     */
    record GroupVerdict(
            Status status,
            double complete,
            List<PartitionVerdict> partitions,
            long totalLag,
            @Nullable PartitionVerdict maxLag) {}

    GroupVerdict evaluate(String cluster, String group, List<PartitionView> views, ClusterSnapshot snapshot) {
        long nowMs = System.currentTimeMillis();
        Status worst = Status.OK;
        List<PartitionVerdict> partitions = new ArrayList<>();
        PartitionVerdict maxLag = null;
        long total = 0;
        int complete = 0;
        for (PartitionView view : views) {
            if (view.committed() == null || snapshot.partition(view.partition()) == null) continue;
            List<Commit> window = commits(cluster, group, view);
            long[] ends = clusters.history(cluster).recentEnds(view.partition(), ENDS_WINDOW_MS, nowMs);
            Status found = Evaluator.evaluate(window, ends, view.lag(), nowMs);
            PartitionVerdict verdict = new PartitionVerdict(view, window, found);
            partitions.add(verdict);
            worst = Evaluator.worst(worst, found);
            total += view.lag();
            if (window.size() == CommitWindow.INTERVALS) complete++;
            if (maxLag == null || view.lag() > maxLag.view().lag()) maxLag = verdict;
        }
        return new GroupVerdict(
                worst, views.isEmpty() ? 0 : (double) complete / views.size(), partitions, total, maxLag);
    }

    List<Commit> commits(String cluster, String group, PartitionView view) {
        return reader(cluster).commits(group, view.partition());
    }

    /** Drops what is remembered of a group, or of one of its topics; Kafka's own offsets stay. */
    void forget(String cluster, String group, @Nullable String topic) {
        reader(cluster).forget(group, topic);
    }

    private CommitReader reader(String cluster) {
        return Objects.requireNonNull(readers.get(clusters.get(cluster).id()));
    }

    @Override
    public void destroy() {
        readers.values().forEach(CommitReader::close);
    }
}

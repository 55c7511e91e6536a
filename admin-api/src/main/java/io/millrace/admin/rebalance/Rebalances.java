package io.millrace.admin.rebalance;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.rebalance.GroupWatch.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** What is known of the rebalances of all clusters. A cluster is followed from the first question about it on. */
@Component
public final class Rebalances implements DisposableBean {
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);
    private static final String NO_JOURNAL =
            "This cluster keeps no group journal, so its groups are looked at once a second for as"
                    + " long as somebody asks: what came and went in between is missing, and nobody says why it happened.";

    private final Clusters clusters;
    private final Map<String, GroupWatch> watches = new ConcurrentHashMap<>();

    Rebalances(Clusters clusters) {
        this.clusters = clusters;
    }

    /**
     * A group's story.
     *
     * @param note what is to be known about the source; absent if there is nothing to say
     */
    record History(
            String groupId,
            Source source,
            @Nullable String note,
            Instant from,
            Instant asOf,
            Verdict verdict,
            List<Rebalance> rebalances,
            List<GroupEvent> events) {}

    /**
     * One group among all that rebalanced.
     *
     * @param last the cause of the last one
     */
    record GroupSummary(String groupId, int rebalances, Instant lastAt, String last, Verdict verdict) {}

    record Summary(Source source, @Nullable String note, Instant from, Instant asOf, List<GroupSummary> groups) {}

    /** A rebalance has begun. */
    public record Started(Instant at, String groupId, int generation, String cause) {}

    /** Tells of every rebalance of a cluster from now on, and of those of the last day that its journal knows. */
    public void follow(String clusterId, Consumer<List<Started>> listener) {
        watch(clusterId).store().listen(events -> {
            List<Started> started = events.stream()
                    .filter(event -> event.is(GroupEvent.Type.REBALANCE_STARTED))
                    .map(event -> new Started(
                            event.at(),
                            event.groupId(),
                            event.generation(),
                            event.cause() == null ? GroupEvent.UNKNOWN : event.cause()))
                    .toList();
            if (!started.isEmpty()) listener.accept(started);
        });
    }

    GroupWatch watch(String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        return watches.computeIfAbsent(clusterId, id -> new GroupWatch(cluster));
    }

    /** What happened in a group since {@code from}; waits a little where nothing is known yet. */
    History history(String clusterId, String groupId, Instant from) throws InterruptedException {
        GroupWatch watch = watch(clusterId);
        watch.awaitCurrent(FIRST_ANSWER, watch.interestIn(groupId));
        Instant now = Instant.now();
        List<GroupEvent> events = watch.store().since(from).stream()
                .filter(event -> event.groupId().equals(groupId))
                .toList();
        return new History(
                groupId,
                watch.source(),
                note(watch),
                from,
                now,
                RebalanceVerdict.of(groupId, events),
                Rebalance.in(events),
                events);
    }

    /** Every group that rebalanced since {@code from}, the busiest first. */
    Summary summary(String clusterId, Instant from) throws InterruptedException {
        GroupWatch watch = watch(clusterId);
        watch.awaitCurrent(FIRST_ANSWER, false);
        Instant now = Instant.now();
        Map<String, List<GroupEvent>> byGroup = new LinkedHashMap<>();
        for (GroupEvent event : watch.store().since(from)) {
            byGroup.computeIfAbsent(event.groupId(), id -> new ArrayList<>()).add(event);
        }
        List<GroupSummary> groups = new ArrayList<>();
        byGroup.forEach((groupId, events) -> {
            List<Rebalance> rebalances = Rebalance.in(events);
            if (rebalances.isEmpty()) return;
            Rebalance last = rebalances.getLast();
            groups.add(new GroupSummary(
                    groupId, rebalances.size(), last.startedAt(), last.cause(), RebalanceVerdict.of(groupId, events)));
        });
        groups.sort(Comparator.comparingInt(GroupSummary::rebalances).reversed().thenComparing(GroupSummary::groupId));
        return new Summary(watch.source(), note(watch), from, now, groups);
    }

    private static @Nullable String note(GroupWatch watch) {
        return watch.source() == Source.JOURNAL ? null : NO_JOURNAL;
    }

    @Override
    public void destroy() {
        watches.values().forEach(GroupWatch::close);
    }
}

package io.millrace.admin.burrow;

import io.millrace.admin.burrow.CommitWindow.Commit;
import io.millrace.admin.burrow.Evaluations.GroupVerdict;
import io.millrace.admin.burrow.Evaluations.PartitionVerdict;
import io.millrace.admin.burrow.Evaluator.Status;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupViews;
import io.millrace.admin.group.GroupViews.PartitionView;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Burrow's {@code /v3/kafka} endpoints, field by field: tools made for Burrow read their lag here.
 *
 * <p>Numbers are JSON numbers, as Burrow's clients expect. Not part of our own contract, so not in the document.
 */
@Hidden
@RestController
@RequestMapping(path = "/v3/kafka", produces = MediaType.APPLICATION_JSON_VALUE)
class BurrowController {
    private final Clusters clusters;
    private final GroupViews groups;
    private final Evaluations evaluations;

    BurrowController(Clusters clusters, GroupViews groups, Evaluations evaluations) {
        this.clusters = clusters;
        this.groups = groups;
        this.evaluations = evaluations;
    }

    @GetMapping
    ResponseEntity<String> clusterList(HttpServletRequest request) {
        return ok(request, "cluster list returned", Map.of("clusters", clusters.ids()));
    }

    @GetMapping("/{cluster}")
    ResponseEntity<String> cluster(@PathVariable String cluster, HttpServletRequest request) {
        return ok(
                request,
                "cluster module detail returned",
                Map.of("module", BurrowConfigController.clusterModule(clusters, cluster)));
    }

    @GetMapping("/{cluster}/topic")
    ResponseEntity<String> topics(@PathVariable String cluster, HttpServletRequest request) {
        return ok(
                request,
                "topic list returned",
                Map.of("topics", clusters.snapshot(cluster).topicNames()));
    }

    @GetMapping("/{cluster}/topic/{topic}")
    ResponseEntity<String> topic(@PathVariable String cluster, @PathVariable String topic, HttpServletRequest request) {
        TopicState state = clusters.snapshot(cluster).topics().get(topic);
        if (state == null) return notFound(request, "cluster or topic not found", Map.of());
        List<Long> offsets = state.partitions().stream()
                .map(partition -> partition.endOffset() == null ? -1L : partition.endOffset())
                .toList();
        return ok(request, "topic offsets returned", Map.of("offsets", offsets));
    }

    @GetMapping("/{cluster}/topic/{topic}/consumers")
    ResponseEntity<String> topicConsumers(
            @PathVariable String cluster, @PathVariable String topic, HttpServletRequest request) {
        List<String> readersOfIt = groups.names(cluster).stream()
                .filter(group ->
                        Objects.requireNonNullElse(groups.partitions(cluster, group), List.<PartitionView>of()).stream()
                                .anyMatch(view -> view.partition().topic().equals(topic)))
                .toList();
        return ok(request, "consumers of topic returned", Map.of("consumers", readersOfIt));
    }

    @GetMapping("/{cluster}/consumer")
    ResponseEntity<String> consumers(@PathVariable String cluster, HttpServletRequest request) {
        return ok(request, "consumer list returned", Map.of("consumers", groups.names(cluster)));
    }

    @GetMapping("/{cluster}/consumer/{group}")
    ResponseEntity<String> consumer(
            @PathVariable String cluster, @PathVariable String group, HttpServletRequest request) {
        List<PartitionView> views = groups.partitions(cluster, group);
        if (views == null) return notFound(request, "cluster or consumer not found", Map.of());
        Map<String, List<Map<String, Object>>> topics = new TreeMap<>();
        for (PartitionView view : views) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put(
                    "offsets",
                    evaluations.commits(cluster, group, view).stream()
                            .map(BurrowController::json)
                            .toList());
            item.put("owner", view.owner());
            item.put("client_id", view.clientId());
            item.put("current-lag", view.lag());
            topics.computeIfAbsent(view.partition().topic(), ignored -> new ArrayList<>())
                    .add(item);
        }
        return ok(request, "consumer detail returned", Map.of("topics", topics));
    }

    /** Only the partitions that are not OK. */
    @GetMapping("/{cluster}/consumer/{group}/status")
    ResponseEntity<String> status(
            @PathVariable String cluster, @PathVariable String group, HttpServletRequest request) {
        return evaluation(cluster, group, false, request);
    }

    @GetMapping("/{cluster}/consumer/{group}/lag")
    ResponseEntity<String> lag(@PathVariable String cluster, @PathVariable String group, HttpServletRequest request) {
        return evaluation(cluster, group, true, request);
    }

    private ResponseEntity<String> evaluation(String cluster, String group, boolean all, HttpServletRequest request) {
        List<PartitionView> views = groups.partitions(cluster, group);
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("cluster", cluster);
        status.put("group", group);
        if (views == null) {
            status.put("status", Status.NOTFOUND.name());
            status.put("complete", 1);
            status.put("partitions", List.of());
            status.put("partition_count", 0);
            status.put("maxlag", null);
            status.put("totallag", 0);
            return notFound(request, "cluster or consumer not found", Map.of("status", status));
        }
        GroupVerdict verdict = evaluations.evaluate(cluster, group, views, clusters.snapshot(cluster));
        status.put("status", verdict.status().name());
        status.put("complete", verdict.complete());
        status.put(
                "partitions",
                verdict.partitions().stream()
                        .filter(one -> all || one.status() != Status.OK)
                        .map(BurrowController::partition)
                        .toList());
        status.put("partition_count", views.size());
        status.put("maxlag", verdict.maxLag() == null ? null : partition(verdict.maxLag()));
        status.put("totallag", verdict.totalLag());
        return ok(request, "consumer status returned", Map.of("status", status));
    }

    private static Map<String, Object> partition(PartitionVerdict verdict) {
        PartitionView view = verdict.view();
        List<Commit> window = verdict.window();
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("topic", view.partition().topic());
        item.put("partition", view.partition().partition());
        item.put("owner", view.owner());
        item.put("client_id", view.clientId());
        item.put("status", verdict.status().name());
        item.put("start", window.isEmpty() ? null : json(window.getFirst()));
        item.put("end", window.isEmpty() ? null : json(window.getLast()));
        item.put("current_lag", view.lag());
        item.put("complete", verdict.complete());
        return item;
    }

    /** Forgets the group, as Burrow does; it comes back with its next commit. */
    @DeleteMapping("/{cluster}/consumer/{group}")
    ResponseEntity<String> forget(
            @PathVariable String cluster, @PathVariable String group, HttpServletRequest request) {
        evaluations.forget(cluster, group, null);
        return ok(request, "consumer group removed", Map.of());
    }

    @DeleteMapping("/{cluster}/consumer/{group}/topic/{topic}")
    ResponseEntity<String> forgetTopic(
            @PathVariable String cluster,
            @PathVariable String group,
            @PathVariable String topic,
            HttpServletRequest request) {
        evaluations.forget(cluster, group, topic);
        return ok(request, "consumer group topic removed", Map.of());
    }

    private static Map<String, Object> json(Commit commit) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("offset", commit.offset());
        item.put("timestamp", commit.timestampMs());
        item.put("observedAt", commit.observedAtMs());
        item.put("lag", commit.lag());
        return item;
    }

    @ExceptionHandler
    ResponseEntity<String> failed(ApiException failure, HttpServletRequest request) {
        if (failure.code().equals("UNKNOWN_CLUSTER")) return notFound(request, "cluster not found", Map.of());
        return BurrowAnswer.of(failure.status(), request, true, failure.detail(), Map.of());
    }

    private static ResponseEntity<String> ok(HttpServletRequest request, String message, Map<String, ?> more) {
        return BurrowAnswer.of(HttpStatus.OK, request, false, message, more);
    }

    /** 404 with {@code error: false} for unknown groups, as Burrow has it. */
    private static ResponseEntity<String> notFound(HttpServletRequest request, String message, Map<String, ?> more) {
        return BurrowAnswer.of(HttpStatus.NOT_FOUND, request, more.isEmpty(), message, more);
    }
}

package io.millrace.admin.burrow;

import io.millrace.admin.burrow.CommitWindow.Commit;
import io.millrace.admin.burrow.Evaluator.Status;
import io.millrace.admin.cluster.ClusterSnapshot;
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
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Burrow's {@code /v3/kafka} endpoints, field by field: tools made for Burrow read their lag here.
 *
 * <p>Numbers are JSON numbers, as Burrow's clients expect. Not part of our own contract, so not in the document.
 */
@Hidden
@RestController
@RequestMapping(path = "/v3/kafka", produces = MediaType.APPLICATION_JSON_VALUE)
class BurrowController implements DisposableBean {
    /** Burrow keeps ten log ends, one every ten seconds. */
    private static final long ENDS_WINDOW_MS = 100_000;

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final Clusters clusters;
    private final GroupViews groups;
    private final Map<String, CommitReader> readers = new ConcurrentHashMap<>();

    BurrowController(Clusters clusters, GroupViews groups) {
        this.clusters = clusters;
        this.groups = groups;
        for (String id : clusters.ids()) readers.put(id, new CommitReader(clusters.get(id), clusters));
    }

    @GetMapping
    ResponseEntity<String> clusterList(HttpServletRequest request) {
        return ok(request, "cluster list returned", Map.of("clusters", clusters.ids()));
    }

    @GetMapping("/{cluster}")
    ResponseEntity<String> cluster(@PathVariable String cluster, HttpServletRequest request) {
        Map<String, Object> module = new LinkedHashMap<>();
        module.put("class-name", "kafka");
        module.put("servers", List.of(clusters.get(cluster).bootstrapServers().split(",", -1)));
        module.put("client-profile", Map.of("name", "", "client-id", "millrace-admin", "kafka-version", ""));
        module.put("topic-refresh", 10);
        module.put("offset-refresh", 10);
        return ok(request, "cluster module detail returned", Map.of("module", module));
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
                    commits(cluster, group, view).stream()
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
            return notFound(request, "consumer status returned", Map.of("status", status));
        }
        ClusterSnapshot snapshot = clusters.snapshot(cluster);
        long nowMs = System.currentTimeMillis();
        Status worst = Status.OK;
        List<Map<String, Object>> partitions = new ArrayList<>();
        @Nullable Map<String, Object> maxLag = null;
        long max = -1;
        long total = 0;
        int complete = 0;
        for (PartitionView view : views) {
            if (view.committed() == null || snapshot.partition(view.partition()) == null) continue;
            List<Commit> window = commits(cluster, group, view);
            Status found = Evaluator.evaluate(
                    window,
                    clusters.history(cluster).recentEnds(view.partition(), ENDS_WINDOW_MS, nowMs),
                    view.lag(),
                    nowMs);
            worst = Evaluator.worst(worst, found);
            total += view.lag();
            if (window.size() == CommitWindow.INTERVALS) complete++;
            Map<String, Object> item = partition(view, window, found);
            if (view.lag() > max) {
                max = view.lag();
                maxLag = item;
            }
            if (all || found != Status.OK) partitions.add(item);
        }
        status.put("status", worst.name());
        status.put("complete", views.isEmpty() ? 0 : (double) complete / views.size());
        status.put("partitions", partitions);
        status.put("partition_count", views.size());
        status.put("maxlag", maxLag);
        status.put("totallag", total);
        return ok(request, "consumer status returned", Map.of("status", status));
    }

    private static Map<String, Object> partition(PartitionView view, List<Commit> window, Status found) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("topic", view.partition().topic());
        item.put("partition", view.partition().partition());
        item.put("owner", view.owner());
        item.put("client_id", view.clientId());
        item.put("status", found.name());
        item.put("start", window.isEmpty() ? null : json(window.getFirst()));
        item.put("end", window.isEmpty() ? null : json(window.getLast()));
        item.put("current_lag", view.lag());
        item.put("complete", (double) window.size() / CommitWindow.INTERVALS);
        return item;
    }

    private List<Commit> commits(String cluster, String group, PartitionView view) {
        return Objects.requireNonNull(readers.get(cluster)).commits(group, view.partition());
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
        return answer(failure.status(), request, true, failure.detail(), Map.of());
    }

    private static ResponseEntity<String> ok(HttpServletRequest request, String message, Map<String, ?> more) {
        return answer(HttpStatus.OK, request, false, message, more);
    }

    /** 404 with {@code error: false} for unknown groups, as Burrow has it. */
    private static ResponseEntity<String> notFound(HttpServletRequest request, String message, Map<String, ?> more) {
        return answer(HttpStatus.NOT_FOUND, request, more.isEmpty(), message, more);
    }

    private static ResponseEntity<String> answer(
            HttpStatus status, HttpServletRequest request, boolean error, String message, Map<String, ?> more) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        body.put("message", message);
        body.putAll(more);
        body.put("request", Map.of("url", request.getRequestURI(), "host", request.getServerName()));
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.writeValueAsString(body));
    }

    @Override
    public void destroy() {
        readers.values().forEach(CommitReader::close);
    }
}

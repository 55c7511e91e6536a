package io.millrace.admin.topic;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.topic.Topics.ConfigChanges;
import io.millrace.admin.topic.Topics.ConfigDifference;
import io.millrace.admin.topic.Topics.ConfigItem;
import io.millrace.admin.topic.Topics.NewTopicRequest;
import io.millrace.admin.topic.Topics.TopicDetail;
import io.millrace.admin.topic.Topics.TopicRow;
import io.millrace.admin.web.Confirmation;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Topics over REST. */
@Tag(name = "topics")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}/topics")
class TopicController {
    private static final Map<String, Comparator<TopicState>> SORTS = Map.of(
            "name", Comparator.comparing(TopicState::name),
            "partitions", Comparator.comparingInt(t -> t.partitions().size()),
            "replicationFactor", Comparator.comparingInt(TopicState::replicationFactor),
            "records", Comparator.comparingLong(TopicState::offsetCount),
            "size", Comparator.comparingLong(TopicState::sizeBytes),
            "underReplicated", Comparator.comparingLong(TopicState::underReplicated));

    private final Clusters clusters;
    private final Topics topics;

    TopicController(Clusters clusters, Topics topics) {
        this.clusters = clusters;
        this.topics = topics;
    }

    /** Lists topics; {@code q} keeps the names that contain it, {@code filter} is "under-replicated" or "offline". */
    @GetMapping
    Page<TopicRow> list(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean internal,
            @RequestParam(defaultValue = "") String filter,
            @RequestParam(defaultValue = "name") String sort,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        String wanted = q.toLowerCase(Locale.ROOT);
        List<TopicState> sorted = snapshot.topics().values().stream()
                .filter(topic -> internal || !topic.internal())
                .filter(topic -> topic.name().toLowerCase(Locale.ROOT).contains(wanted))
                .filter(topic -> switch (filter) {
                    case "under-replicated" -> topic.underReplicated() > 0;
                    case "offline" -> topic.offline() > 0;
                    default -> true;
                })
                .sorted(order(clusterId, sort))
                .toList();
        Page<TopicState> page = Page.of(sorted, TopicState::name, limit, cursor, snapshot.asOf(), snapshot.warnings());
        return new Page<>(
                page.items().stream().map(topic -> topics.row(clusterId, topic)).toList(),
                page.page(),
                page.warnings());
    }

    private Comparator<TopicState> order(String clusterId, String sort) {
        Map<String, Comparator<TopicState>> fields = new HashMap<>(SORTS);
        fields.put("rate", Comparator.comparingDouble(topic -> topics.appendRate(clusterId, topic)));
        return Page.order(sort, fields, Comparator.comparing(TopicState::name));
    }

    @PostMapping
    ResponseEntity<TopicDetail> create(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @Valid @RequestBody NewTopicRequest request) {
        TopicDetail created = topics.create(clusterId, request, dryRun);
        return ResponseEntity.status(dryRun ? HttpStatus.OK : HttpStatus.CREATED)
                .body(created);
    }

    @GetMapping("/{topic}")
    TopicDetail describe(@PathVariable String clusterId, @PathVariable String topic) {
        return topics.describe(clusterId, topic);
    }

    @DeleteMapping("/{topic}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(required = false) @Nullable String confirm) {
        topics.require(clusterId, topic);
        Confirmation.require(confirm, topic, "deleting topic '" + topic + "' with all its records");
        topics.delete(clusterId, topic);
    }

    record PartitionTotal(int total) {}

    /** Adds partitions up to {@code total}; partitions can never be removed. */
    @PostMapping("/{topic}/partitions:grow")
    TopicDetail grow(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestBody PartitionTotal request) {
        return topics.grow(clusterId, topic, request.total(), dryRun);
    }

    record Configs(List<ConfigItem> items) {}

    @GetMapping("/{topic}/configs")
    Configs configs(@PathVariable String clusterId, @PathVariable String topic) {
        return new Configs(topics.configs(clusterId, topic));
    }

    /** Sets the given keys and resets those without a value; a dry run validates and answers with the difference. */
    @PostMapping("/{topic}/configs:alter")
    ConfigDifference alterConfigs(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestBody ConfigChanges changes) {
        return topics.alterConfigs(clusterId, topic, changes, dryRun);
    }
}

package io.millrace.admin.topic;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.config.ConfigChanges;
import io.millrace.admin.config.ConfigDifference;
import io.millrace.admin.config.ResourceConfigs.Configs;
import io.millrace.admin.operation.LongWork;
import io.millrace.admin.operation.Operation;
import io.millrace.admin.topic.TopicClones.Clone;
import io.millrace.admin.topic.TopicClones.CloneRequest;
import io.millrace.admin.topic.Topics.NewTopicRequest;
import io.millrace.admin.topic.Topics.TopicDetail;
import io.millrace.admin.topic.Topics.TopicRow;
import io.millrace.admin.web.Confirmation;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
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
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
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
    private final TopicClones clones;

    TopicController(Clusters clusters, Topics topics, TopicClones clones) {
        this.clones = clones;
        this.clusters = clusters;
        this.topics = topics;
    }

    /** Lists topics; {@code q} keeps the names that contain it, {@code filter} is "under-replicated", "under-min-isr" or "offline", {@code include} "partitions". */
    @GetMapping
    Page<TopicRow> list(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean internal,
            @RequestParam(defaultValue = "") String filter,
            @RequestParam(defaultValue = "") String include,
            @RequestParam(defaultValue = "name") String sort,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        Page.checkFilter(filter, List.of("under-replicated", "under-min-isr", "offline"));
        boolean withPartitions = Page.include(include, List.of("partitions")).contains("partitions");
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        String wanted = q.toLowerCase(Locale.ROOT);
        List<TopicState> sorted = snapshot.topics().values().stream()
                .filter(topic -> internal || !topic.internal())
                .filter(topic -> topic.name().toLowerCase(Locale.ROOT).contains(wanted))
                .filter(topic -> switch (filter) {
                    case "under-replicated" -> topic.underReplicated() > 0;
                    case "under-min-isr" -> topic.underMinIsr() > 0;
                    case "offline" -> topic.offline() > 0;
                    default -> true;
                })
                .sorted(order(clusterId, sort))
                .toList();
        return Page.of(sorted, TopicState::name, limit, cursor, snapshot.asOf(), snapshot.warnings())
                .map(topic -> withPartitions
                        ? topics.row(clusterId, topic).with(topic.partitions())
                        : topics.row(clusterId, topic));
    }

    private Comparator<TopicState> order(String clusterId, String sort) {
        Map<String, Comparator<TopicState>> fields = new HashMap<>(SORTS);
        fields.put("rate", Comparator.comparingDouble(topic -> topics.appendRate(clusterId, topic)));
        return Page.order(sort, fields, Comparator.comparing(TopicState::name));
    }

    /** Makes a topic; without partitions or replication factor it has the cluster's. */
    @ApiResponse(
            responseCode = "200",
            description = "A dry run: what would be made",
            content = @Content(schema = @Schema(implementation = TopicDetail.class)))
    @ApiResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = TopicDetail.class)))
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

    /** Deletes a topic with its records; a dry run answers with the topic that would go. */
    @ApiResponse(
            responseCode = "200",
            description = "A dry run: what would be deleted",
            content = @Content(schema = @Schema(implementation = TopicDetail.class)))
    @ApiResponse(responseCode = "204", description = "Deleted", content = @Content)
    @DeleteMapping("/{topic}")
    ResponseEntity<TopicDetail> delete(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(required = false) @Nullable String confirm) {
        topics.require(clusterId, topic);
        if (dryRun) return ResponseEntity.ok(topics.describe(clusterId, topic));
        Confirmation.require(confirm, topic, "deleting topic '" + topic + "' with all its records");
        topics.delete(clusterId, topic);
        return ResponseEntity.noContent().build();
    }

    record PartitionTotal(Integer total) {}

    /** Adds partitions up to {@code total}; partitions can never be removed. */
    @PostMapping("/{topic}/partitions:grow")
    TopicDetail grow(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestBody PartitionTotal request) {
        return topics.grow(clusterId, topic, request.total(), dryRun);
    }

    /**
     * Makes a topic with the partitions, replication factor and configuration of another, and if asked copies its records:
     * then the answer is 202, and the operation tells how far the copy is.
     */
    @ApiResponse(
            responseCode = "200",
            description = "A dry run: what would be made",
            content = @Content(schema = @Schema(implementation = Clone.class)))
    @ApiResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = Clone.class)))
    @ApiResponse(
            responseCode = "202",
            description = "Made, and its records are being copied",
            content = @Content(schema = @Schema(implementation = Clone.class)))
    @PostMapping("/{topic}:clone")
    ResponseEntity<Clone> clone(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @Valid @RequestBody CloneRequest request) {
        Clone clone = clones.make(clusterId, topic, request, dryRun);
        if (dryRun) return ResponseEntity.ok(clone);
        Operation copy = clone.copy();
        return copy == null
                ? ResponseEntity.status(HttpStatus.CREATED).body(clone)
                : ResponseEntity.status(HttpStatus.ACCEPTED)
                        .location(LongWork.at(copy))
                        .body(clone);
    }

    /** The configuration; its ETag, given back as If-Match, keeps a change from undoing one made meanwhile. */
    @GetMapping("/{topic}/configs")
    ResponseEntity<Configs> configs(@PathVariable String clusterId, @PathVariable String topic) {
        return topics.taggedConfigs(clusterId, topic);
    }

    /**
     * Sets the given keys and resets those without a value; a dry run validates and answers with the difference. With
     * If-Match it is refused (412) when the configuration is not that one any more. Changes through this API are made one
     * after the other; Kafka itself cannot compare and set, so that a change made past this API between check and change
     * is not noticed.
     */
    @PostMapping("/{topic}/configs:alter")
    ConfigDifference alterConfigs(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody ConfigChanges changes) {
        return topics.alterConfigs(clusterId, topic, changes, ifMatch, dryRun);
    }
}

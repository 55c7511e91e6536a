package io.millrace.admin.strimzi;

import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.config.ConfigChanges;
import io.millrace.admin.config.ConfigChanges.ConfigChange;
import io.millrace.admin.config.ConfigItem;
import io.millrace.admin.operation.AnswersLater;
import io.millrace.admin.operation.LongWork;
import io.millrace.admin.operation.Work.Report;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.strimzi.TopicManifests.TopicManifest;
import io.millrace.admin.topic.Topics;
import io.millrace.admin.topic.Topics.NewTopicRequest;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.TopicDescription;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Makes topics be as Strimzi KafkaTopic manifests say; applying again changes only what differs. */
@Tag(name = "topics")
@RestController
class TopicApplyController {
    private final Clusters clusters;
    private final Topics topics;
    private final LongWork longWork;

    TopicApplyController(Clusters clusters, Topics topics, LongWork longWork) {
        this.longWork = longWork;
        this.clusters = clusters;
        this.topics = topics;
    }

    enum Outcome {
        CREATED,
        CONFIGURED,
        UNCHANGED,
        FAILED
    }

    record Applied(
            String name,
            String topic,
            Outcome outcome,
            List<String> changes,
            @Nullable String code,
            @Nullable String detail) {}

    record AppliedTopics(boolean applied, List<Applied> items) {}

    /**
     * Each topic succeeds or fails on its own; the answer is 200 with an outcome for each. With
     * {@code Prefer: respond-async} it answers 202 at once.
     */
    @ApiResponse(
            responseCode = "200",
            description = "Done",
            content = @Content(schema = @Schema(implementation = AppliedTopics.class)))
    @AnswersLater
    @PostMapping(
            path = "/api/v1/clusters/{clusterId}/topics:apply",
            consumes = {"application/yaml", "application/x-yaml", "text/yaml", "text/plain"})
    ResponseEntity<Object> apply(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            @RequestBody String manifest)
            throws InterruptedException {
        clusters.get(clusterId);
        List<TopicManifest> wanted = TopicManifests.parse(manifest);
        return longWork.answer(
                prefer,
                clusterId,
                "apply-topics",
                wanted.size() + " topics",
                report -> applyAll(clusterId, wanted, dryRun, report));
    }

    private AppliedTopics applyAll(String clusterId, List<TopicManifest> manifests, boolean dryRun, Report report)
            throws InterruptedException {
        List<Applied> items = new ArrayList<>();
        for (TopicManifest wanted : manifests) {
            report.progress(items.size(), manifests.size(), "topics");
            if (Thread.interrupted()) throw new InterruptedException("stopped after " + items.size() + " topics");
            List<String> changes = new ArrayList<>();
            try {
                Outcome outcome = applyOne(clusterId, wanted, dryRun, changes);
                items.add(new Applied(wanted.resource(), wanted.topic(), outcome, changes, null, null));
            } catch (ApiException failure) {
                items.add(new Applied(
                        wanted.resource(), wanted.topic(), Outcome.FAILED, changes, failure.code(), failure.detail()));
            }
        }
        report.progress(items.size(), manifests.size(), "topics");
        return new AppliedTopics(!dryRun, items);
    }

    private Outcome applyOne(String clusterId, TopicManifest wanted, boolean dryRun, List<String> changes) {
        TopicDescription existing = find(clusterId, wanted.topic());
        if (existing == null) {
            topics.create(
                    clusterId,
                    new NewTopicRequest(wanted.topic(), wanted.partitions(), wanted.replicas(), wanted.config()),
                    dryRun);
            changes.add("created");
            return Outcome.CREATED;
        }
        int replicas = existing.partitions().stream()
                .mapToInt(p -> p.replicas().size())
                .max()
                .orElse(0);
        if (wanted.replicas() != null && wanted.replicas() != replicas) {
            throw ApiException.conflict(
                    "REPLICAS_CANNOT_BE_APPLIED",
                    "topic '" + wanted.topic() + "' has " + replicas + " replicas and the manifest says "
                            + wanted.replicas() + "; change them with a reassignment");
        }
        int partitions = existing.partitions().size();
        if (wanted.partitions() != null && wanted.partitions() != partitions) {
            topics.grow(clusterId, wanted.topic(), wanted.partitions(), dryRun);
            changes.add("partitions: " + partitions + " → " + wanted.partitions());
        }
        List<ConfigChange> differing = differing(clusterId, wanted);
        if (!differing.isEmpty()) {
            topics.alterConfigs(clusterId, wanted.topic(), new ConfigChanges(differing), null, dryRun)
                    .changes()
                    .forEach(delta -> changes.add(delta.name() + ": " + delta.before() + " → "
                            + (delta.after() == null ? "default" : delta.after())));
        }
        return changes.isEmpty() ? Outcome.UNCHANGED : Outcome.CONFIGURED;
    }

    private @Nullable TopicDescription find(String clusterId, String topic) {
        try {
            return topics.require(clusterId, topic);
        } catch (ApiException failure) {
            if (failure.code().equals("UNKNOWN_TOPIC")) return null;
            throw failure;
        }
    }

    /** What the manifest sets otherwise, and what was set on the topic but is not in the manifest any more. */
    private List<ConfigChange> differing(String clusterId, TopicManifest wanted) {
        List<ConfigItem> now = topics.configs(clusterId, wanted.topic());
        List<ConfigChange> changes = new ArrayList<>();
        for (Map.Entry<String, String> entry : wanted.config().entrySet()) {
            boolean same = now.stream()
                    .anyMatch(item -> item.name().equals(entry.getKey())
                            && item.overridden()
                            && Objects.equals(item.value(), entry.getValue()));
            if (!same) changes.add(new ConfigChange(entry.getKey(), entry.getValue()));
        }
        for (ConfigItem item : now) {
            if (item.overridden() && !wanted.config().containsKey(item.name())) {
                changes.add(new ConfigChange(item.name(), null));
            }
        }
        return changes;
    }
}

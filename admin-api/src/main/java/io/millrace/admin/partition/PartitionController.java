package io.millrace.admin.partition;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.operation.AnswersLater;
import io.millrace.admin.operation.LongWork;
import io.millrace.admin.operation.Work.Report;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Every partition and its replicas; moving them; electing their leaders. */
@Tag(name = "partitions")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class PartitionController {
    private static final Duration MOVES_ARE_LOOKED_AT_EVERY = Duration.ofSeconds(1);
    private final Clusters clusters;
    private final AuditLog audit;
    private final LongWork longWork;

    PartitionController(Clusters clusters, AuditLog audit, LongWork longWork) {
        this.longWork = longWork;
        this.clusters = clusters;
        this.audit = audit;
    }

    record ReplicationRow(String topic, boolean internal, PartitionState state) {
        String key() {
            return topic + "/" + state.partition();
        }
    }

    record Reassignment(
            String topic, int partition, List<Integer> replicas, List<Integer> adding, List<Integer> removing) {}

    record Reassignments(List<Reassignment> items) {}

    /** The replicas wished for, preferred leader first; without replicas the reassignment under way is cancelled. */
    record Assignment(String topic, int partition, @Nullable List<Integer> replicas) {}

    record ReassignRequest(List<Assignment> assignments) {}

    enum Election {
        PREFERRED,
        UNCLEAN
    }

    record PartitionName(String topic, int partition) {}

    record ElectRequest(Election type, @Nullable List<PartitionName> partitions) {}

    record Outcome(
            String topic,
            int partition,
            boolean done,
            @Nullable String code,
            @Nullable String detail) {}

    record Outcomes(List<Outcome> items) {}

    /**
     * Partitions with their replicas; {@code filter=problems} keeps those without a leader or with a follower behind,
     * {@code filter=under-min-isr} those that refuse producers with acks=all.
     */
    @GetMapping("/partitions")
    Page<ReplicationRow> list(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "false") boolean internal,
            @RequestParam(defaultValue = "") String filter,
            @RequestParam(defaultValue = "200") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        Page.checkFilter(filter, List.of("problems", "under-min-isr"));
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        String wanted = q.toLowerCase(Locale.ROOT);
        List<ReplicationRow> rows = snapshot.topics().values().stream()
                .filter(topic -> internal || !topic.internal())
                .filter(topic -> topic.name().toLowerCase(Locale.ROOT).contains(wanted))
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new ReplicationRow(topic.name(), topic.internal(), partition)))
                .filter(row -> switch (filter) {
                    case "problems" ->
                        row.state().underReplicated() || row.state().leader() == null;
                    case "under-min-isr" -> row.state().underMinIsr();
                    default -> true;
                })
                .toList();
        return Page.of(rows, ReplicationRow::key, limit, cursor, snapshot.asOf(), snapshot.warnings());
    }

    @GetMapping("/reassignments")
    Reassignments reassignments(@PathVariable String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        Map<TopicPartition, PartitionReassignment> underWay =
                cluster.await(cluster.admin().listPartitionReassignments().reassignments());
        return new Reassignments(underWay.entrySet().stream()
                .map(entry -> new Reassignment(
                        entry.getKey().topic(),
                        entry.getKey().partition(),
                        entry.getValue().replicas(),
                        entry.getValue().addingReplicas(),
                        entry.getValue().removingReplicas()))
                .sorted(Comparator.comparing(Reassignment::topic).thenComparingInt(Reassignment::partition))
                .toList());
    }

    /**
     * Starts or cancels reassignments; each partition succeeds or fails on its own. With {@code Prefer: respond-async} it
     * answers 202, and the operation lasts until the replicas have moved; stopping it does not stop them.
     */
    @ApiResponse(
            responseCode = "200",
            description = "Done",
            content = @Content(schema = @Schema(implementation = Outcomes.class)))
    @AnswersLater
    @PostMapping("/partitions:reassign")
    ResponseEntity<Object> reassign(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            @RequestBody ReassignRequest request)
            throws InterruptedException {
        Cluster cluster = clusters.get(clusterId);
        Map<TopicPartition, Optional<NewPartitionReassignment>> wanted = new HashMap<>();
        for (Assignment assignment : request.assignments()) {
            wanted.put(
                    new TopicPartition(assignment.topic(), assignment.partition()),
                    Optional.ofNullable(assignment.replicas()).map(NewPartitionReassignment::new));
            checkBrokers(clusterId, assignment);
        }
        if (dryRun) {
            return ResponseEntity.ok(new Outcomes(wanted.keySet().stream()
                    .map(tp -> new Outcome(tp.topic(), tp.partition(), false, null, null))
                    .toList()));
        }
        return longWork.answer(prefer, clusterId, "reassign-partitions", wanted.size() + " partitions", report -> {
            Outcomes started = start(clusterId, cluster, wanted, request);
            if (LongWork.preferred(prefer)) awaitMoves(cluster, wanted.keySet(), report);
            return started;
        });
    }

    /** Waits until none of the partitions is being moved any more. */
    private static void awaitMoves(Cluster cluster, Set<TopicPartition> partitions, Report report)
            throws InterruptedException {
        while (true) {
            int moving = cluster.await(cluster.admin()
                            .listPartitionReassignments(partitions)
                            .reassignments())
                    .size();
            report.progress(partitions.size() - moving, partitions.size(), "partitions");
            if (moving == 0) return;
            Thread.sleep(MOVES_ARE_LOOKED_AT_EVERY);
        }
    }

    private Outcomes start(
            String clusterId,
            Cluster cluster,
            Map<TopicPartition, Optional<NewPartitionReassignment>> wanted,
            ReassignRequest request) {
        List<Outcome> outcomes = new ArrayList<>();
        Map<String, Object> before = placements(clusterId, wanted.keySet());
        cluster.admin().alterPartitionReassignments(wanted).values().forEach((partition, answer) -> {
            try {
                cluster.await(answer);
                outcomes.add(new Outcome(partition.topic(), partition.partition(), true, null, null));
            } catch (ApiException failure) {
                outcomes.add(
                        new Outcome(partition.topic(), partition.partition(), false, failure.code(), failure.detail()));
            }
        });
        audit.record(
                clusterId,
                "reassign-partitions",
                wanted.size() + " partitions",
                before,
                Map.of("asked", request.assignments(), "outcomes", outcomes));
        clusters.refresh(clusterId);
        return new Outcomes(outcomes);
    }

    private Map<String, Object> placements(String clusterId, Set<TopicPartition> partitions) {
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        Map<String, Object> placements = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            PartitionState state = snapshot.partition(partition);
            if (state != null) placements.put(partition.toString(), state.replicas());
        }
        return placements;
    }

    private void checkBrokers(String clusterId, Assignment assignment) {
        if (assignment.replicas() == null) return;
        Set<Integer> known = new HashSet<>();
        clusters.snapshot(clusterId).brokers().forEach(broker -> known.add(broker.id()));
        for (int broker : assignment.replicas()) {
            if (!known.contains(broker)) {
                throw ApiException.badRequest(
                        "UNKNOWN_BROKER",
                        "partition " + assignment.topic() + "-" + assignment.partition() + " cannot move to broker "
                                + broker + ": the cluster has brokers " + known);
            }
        }
    }

    /**
     * Elects leaders: PREFERRED gives leadership back to the first replica, UNCLEAN accepts losing records. A dry run names the
     * partitions that would get another leader, as the last snapshot shows them.
     */
    @PostMapping("/partitions:elect-leader")
    Outcomes elect(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestBody ElectRequest request) {
        Cluster cluster = clusters.get(clusterId);
        ElectionType type = switch (request.type()) {
            case PREFERRED -> ElectionType.PREFERRED;
            case UNCLEAN -> ElectionType.UNCLEAN;
        };
        Set<TopicPartition> partitions = null;
        if (request.partitions() != null) {
            partitions = new HashSet<>();
            for (PartitionName name : request.partitions()) {
                partitions.add(new TopicPartition(name.topic(), name.partition()));
            }
        } else if (type == ElectionType.UNCLEAN) {
            throw ApiException.badRequest(
                    "PARTITIONS_REQUIRED", "an unclean election may lose records; name the partitions it is meant for");
        }
        if (dryRun) return wouldElect(clusterId, type, partitions);
        Map<TopicPartition, Optional<Throwable>> results =
                cluster.await(cluster.admin().electLeaders(type, partitions).partitions());
        List<Outcome> outcomes = new ArrayList<>();
        results.forEach((partition, failure) -> outcomes.add(failure.map(problem -> {
                    ApiException known = KafkaProblems.of(problem);
                    return new Outcome(partition.topic(), partition.partition(), false, known.code(), known.detail());
                })
                .orElseGet(() -> new Outcome(partition.topic(), partition.partition(), true, null, null))));
        outcomes.sort(Comparator.comparing(Outcome::topic).thenComparingInt(Outcome::partition));
        audit.record(
                clusterId,
                "elect-leaders",
                outcomes.size() + " partitions",
                null,
                Map.of("type", type.name(), "outcomes", outcomes));
        clusters.refresh(clusterId);
        return new Outcomes(outcomes);
    }

    private Outcomes wouldElect(String clusterId, ElectionType type, @Nullable Set<TopicPartition> asked) {
        List<Outcome> outcomes = new ArrayList<>();
        clusters.snapshot(clusterId)
                .topics()
                .values()
                .forEach(topic -> topic.partitions().stream()
                        .filter(state ->
                                asked == null || asked.contains(new TopicPartition(topic.name(), state.partition())))
                        .filter(state ->
                                type == ElectionType.UNCLEAN ? state.leader() == null : state.preferredCouldLead())
                        .forEach(state ->
                                outcomes.add(new Outcome(topic.name(), state.partition(), false, null, null))));
        return new Outcomes(outcomes);
    }
}

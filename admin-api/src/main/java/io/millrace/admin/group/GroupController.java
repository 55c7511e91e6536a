package io.millrace.admin.group;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.GroupSnapshot.Member;
import io.millrace.admin.group.Lags.Basis;
import io.millrace.admin.group.Lags.PartitionLag;
import io.millrace.admin.group.OffsetReset.ResetRequest;
import io.millrace.admin.group.OffsetReset.ResetResult;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.Confirmation;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Consumer groups over REST. */
@Tag(name = "consumer-groups")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class GroupController {
    private static final Map<String, Comparator<GroupRow>> SORTS = Map.of(
            "name", Comparator.comparing(GroupRow::groupId),
            "state", Comparator.comparing(GroupRow::state),
            "members", Comparator.comparingInt(GroupRow::members),
            "lag", Comparator.comparingLong(GroupRow::lag),
            "lagSeconds", Comparator.comparingDouble(row -> row.lagSeconds() == null ? -1 : row.lagSeconds()));

    private final Clusters clusters;
    private final Groups groups;
    private final OffsetReset offsetReset;
    private final FirstUncommitted firstUncommitted;
    private final AuditLog audit;

    GroupController(
            Clusters clusters,
            Groups groups,
            OffsetReset offsetReset,
            FirstUncommitted firstUncommitted,
            AuditLog audit) {
        this.clusters = clusters;
        this.groups = groups;
        this.offsetReset = offsetReset;
        this.firstUncommitted = firstUncommitted;
        this.audit = audit;
    }

    /** A group in a list; {@code lagSeconds} is its worst partition's and absent while unknown. */
    record GroupRow(
            String groupId,
            String type,
            String state,
            String protocol,
            int members,
            int topics,
            int partitions,
            long lag,
            @Nullable Double lagSeconds,
            @Nullable Integer coordinator) {}

    record AssignedPartition(String topic, int partition) {}

    record MemberDetail(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String host,
            List<AssignedPartition> assigned,
            long lag) {}

    record GroupDetail(
            GroupRow group,
            @Nullable String assignor,
            List<MemberDetail> members,
            List<PartitionLag> partitions,
            Instant asOf,
            List<Warning> warnings) {}

    @GetMapping("/consumer-groups")
    Page<GroupRow> list(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String state,
            @RequestParam(required = false) @Nullable String topic,
            @RequestParam(defaultValue = "name") String sort,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        GroupSnapshot snapshot = groups.snapshot(clusterId);
        ClusterSnapshot cluster = clusters.snapshot(clusterId);
        String wanted = q.toLowerCase(Locale.ROOT);
        List<GroupRow> rows = snapshot.groups().values().stream()
                .filter(group -> group.groupId().toLowerCase(Locale.ROOT).contains(wanted))
                .filter(group -> state.isEmpty() || group.state().equalsIgnoreCase(state))
                .filter(group -> topic == null || readsTopic(group, topic))
                .map(group -> row(group, Lags.of(group, clusterId, clusters, cluster)))
                .sorted(Page.order(sort, SORTS, Comparator.comparing(GroupRow::groupId)))
                .toList();
        return Page.of(rows, GroupRow::groupId, limit, cursor, snapshot.asOf(), snapshot.warnings());
    }

    private static boolean readsTopic(GroupState group, String topic) {
        return group.offsets().keySet().stream().anyMatch(tp -> tp.topic().equals(topic))
                || group.members().stream()
                        .flatMap(member -> member.assigned().stream())
                        .anyMatch(tp -> tp.topic().equals(topic));
    }

    private static GroupRow row(GroupState group, List<PartitionLag> lags) {
        OptionalDouble seconds = lags.stream()
                .filter(lag -> lag.lagSeconds() != null)
                .mapToDouble(lag -> Objects.requireNonNull(lag.lagSeconds()))
                .max();
        boolean allKnown = lags.stream().noneMatch(lag -> lag.basis() == Basis.UNKNOWN && lag.lag() != null);
        return new GroupRow(
                group.groupId(),
                group.type(),
                group.state(),
                group.protocol(),
                group.members().size(),
                (int) lags.stream().map(PartitionLag::topic).distinct().count(),
                lags.size(),
                lags.stream()
                        .mapToLong(lag -> lag.lag() == null ? 0 : lag.lag())
                        .sum(),
                allKnown && seconds.isPresent() ? (Double) seconds.getAsDouble() : null,
                group.coordinator());
    }

    @GetMapping("/consumer-groups/{groupId}")
    GroupDetail describe(@PathVariable String clusterId, @PathVariable String groupId) {
        GroupState group = groups.require(clusterId, groupId);
        GroupSnapshot snapshot = groups.snapshot(clusterId);
        List<PartitionLag> lags = firstUncommitted.complete(
                clusters.get(clusterId), Lags.of(group, clusterId, clusters, clusters.snapshot(clusterId)));
        List<MemberDetail> members = group.members().stream()
                .map(member -> new MemberDetail(
                        member.memberId(),
                        member.instanceId(),
                        member.clientId(),
                        member.host(),
                        member.assigned().stream()
                                .map(tp -> new AssignedPartition(tp.topic(), tp.partition()))
                                .toList(),
                        lagOf(member, lags)))
                .toList();
        return new GroupDetail(row(group, lags), group.assignor(), members, lags, snapshot.asOf(), snapshot.warnings());
    }

    private static long lagOf(Member member, List<PartitionLag> lags) {
        return lags.stream()
                .filter(lag -> member.assigned().contains(new TopicPartition(lag.topic(), lag.partition())))
                .mapToLong(lag -> lag.lag() == null ? 0 : lag.lag())
                .sum();
    }

    /** Moves committed offsets; refused while the group has members. A dry run answers with before and after. */
    @PostMapping("/consumer-groups/{groupId}/offsets:reset")
    ResetResult reset(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestBody ResetRequest request) {
        return offsetReset.reset(clusterId, groupId, request, dryRun);
    }

    @DeleteMapping("/consumer-groups/{groupId}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(required = false) @Nullable String confirm) {
        GroupState group = groups.require(clusterId, groupId);
        Confirmation.require(confirm, groupId, "deleting group '" + groupId + "' with its committed offsets");
        Cluster cluster = clusters.get(clusterId);
        try {
            cluster.await(cluster.admin().deleteConsumerGroups(List.of(groupId)).all());
        } catch (ApiException failure) {
            if (!failure.code().equals("KAFKA_NON_EMPTY_GROUP")) throw failure;
            throw ApiException.conflict(
                    "GROUP_HAS_ACTIVE_MEMBERS",
                    "group '" + groupId + "' has active members; stop its consumers, then delete it");
        }
        audit.record(
                clusterId,
                "delete-group",
                groupId,
                Map.of("partitions", group.offsets().size()));
        groups.refresh(clusterId);
    }
}

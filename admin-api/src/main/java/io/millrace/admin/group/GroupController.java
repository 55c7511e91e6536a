package io.millrace.admin.group;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupLags.GroupLag;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.GroupSnapshot.Member;
import io.millrace.admin.group.LagHistory.Trend;
import io.millrace.admin.group.LagSeries.LagPoint;
import io.millrace.admin.group.Lags.PartitionLag;
import io.millrace.admin.group.Lags.Total;
import io.millrace.admin.group.OffsetDeletion.DeleteOffsetsRequest;
import io.millrace.admin.group.OffsetDeletion.DeletedOffsets;
import io.millrace.admin.group.OffsetReset.ResetRequest;
import io.millrace.admin.group.OffsetReset.ResetResult;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.Confirmation;
import io.millrace.admin.web.Page;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
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

/** Consumer groups over REST. */
@Tag(name = "consumer-groups")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class GroupController {
    private final Clusters clusters;
    private final Groups groups;
    private final OffsetReset offsetReset;
    private final OffsetDeletion offsetDeletion;
    private final FirstUncommitted firstUncommitted;
    private final AuditLog audit;
    private final LagHistory history;
    private final GroupLags groupLags;

    GroupController(
            Clusters clusters,
            Groups groups,
            OffsetReset offsetReset,
            OffsetDeletion offsetDeletion,
            FirstUncommitted firstUncommitted,
            AuditLog audit,
            LagHistory history,
            GroupLags groupLags) {
        this.clusters = clusters;
        this.groups = groups;
        this.offsetReset = offsetReset;
        this.offsetDeletion = offsetDeletion;
        this.firstUncommitted = firstUncommitted;
        this.audit = audit;
        this.history = history;
        this.groupLags = groupLags;
    }

    /**
     * A group in a list.
     *
     * @param lagSeconds its worst partition's; absent while unknown
     * @param lagTrendPerSecond records by which the lag grew a second over the last minute; negative while catching up
     * @param catchUpSeconds until the lag is gone at this pace; absent while it does not shrink
     * @param memberDetails only where a list is asked to include members
     * @param partitionLags only where a list is asked to include partitions
     */
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
            @Nullable Double lagTrendPerSecond,
            @Nullable Double catchUpSeconds,
            @Nullable Integer coordinator,
            @Nullable List<MemberDetail> memberDetails,
            @Nullable List<PartitionLag> partitionLags) {}

    record AssignedPartition(String topic, int partition) {}

    record MemberDetail(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String host,
            List<AssignedPartition> assigned,
            long lag,
            @Nullable Double lagSeconds) {}

    record TopicLag(
            String topic,
            int partitions,
            long lag,
            @Nullable Double lagSeconds) {}

    record GroupDetail(
            GroupRow group,
            @Nullable String assignor,
            List<MemberDetail> members,
            List<TopicLag> topics,
            List<PartitionLag> partitions,
            Instant asOf,
            List<Warning> warnings) {}

    /** Lists groups; {@code topic} keeps those that read it, {@code include} may name "members" and "partitions". */
    @GetMapping("/consumer-groups")
    Page<GroupRow> list(
            @PathVariable String clusterId,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String state,
            @RequestParam(required = false) @Nullable String topic,
            @RequestParam(defaultValue = "") String include,
            @RequestParam(defaultValue = "name") String sort,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        Set<String> included = Page.include(include, List.of("members", "partitions"));
        GroupSnapshot snapshot = groups.snapshot(clusterId);
        ClusterSnapshot cluster = clusters.snapshot(clusterId);
        String wanted = q.toLowerCase(Locale.ROOT);
        Function<GroupState, GroupLag> lags = groupLags.of(clusterId, snapshot, cluster);
        List<GroupState> sorted = snapshot.groups().values().stream()
                .filter(group -> group.groupId().toLowerCase(Locale.ROOT).contains(wanted))
                .filter(group -> state.isEmpty() || group.state().equalsIgnoreCase(state))
                .filter(group -> topic == null || readsTopic(group, topic))
                .sorted(Page.order(sort, sorts(lags), Comparator.comparing(GroupState::groupId)))
                .toList();
        return Page.of(sorted, GroupState::groupId, limit, cursor, snapshot.asOf(), snapshot.warnings())
                .map(group -> {
                    List<PartitionLag> partitions =
                            included.isEmpty() ? List.of() : Lags.of(group, clusterId, clusters, cluster);
                    return row(
                            clusterId,
                            group,
                            lags.apply(group),
                            included.contains("members") ? members(group, partitions) : null,
                            included.contains("partitions") ? partitions : null);
                });
    }

    private static Map<String, Comparator<GroupState>> sorts(Function<GroupState, GroupLag> lags) {
        return Map.of(
                "name", Comparator.comparing(GroupState::groupId),
                "state", Comparator.comparing(GroupState::state),
                "members", Comparator.comparingInt(group -> group.members().size()),
                "lag",
                        Comparator.comparingLong(
                                group -> lags.apply(group).total().lag()),
                "lagSeconds",
                        Comparator.comparingDouble(group -> {
                            Double seconds = lags.apply(group).total().lagSeconds();
                            return seconds == null ? -1 : seconds;
                        }));
    }

    private static boolean readsTopic(GroupState group, String topic) {
        return group.offsets().keySet().stream().anyMatch(tp -> tp.topic().equals(topic))
                || group.members().stream()
                        .flatMap(member -> member.assigned().stream())
                        .anyMatch(tp -> tp.topic().equals(topic));
    }

    private GroupRow row(
            String clusterId,
            GroupState group,
            GroupLag lag,
            @Nullable List<MemberDetail> members,
            @Nullable List<PartitionLag> partitions) {
        Total total = lag.total();
        Trend trend = history.trend(clusterId, group.groupId());
        return new GroupRow(
                group.groupId(),
                group.type(),
                group.state(),
                group.protocol(),
                group.members().size(),
                lag.topics(),
                total.partitions(),
                total.lag(),
                total.lagSeconds(),
                trend == null ? null : (Double) trend.recordsPerSecond(),
                trend == null ? null : trend.catchUpSeconds(),
                group.coordinator(),
                members,
                partitions);
    }

    @GetMapping("/consumer-groups/{groupId}")
    GroupDetail describe(@PathVariable String clusterId, @PathVariable String groupId) {
        GroupState group = groups.require(clusterId, groupId);
        GroupSnapshot snapshot = groups.snapshot(clusterId);
        List<PartitionLag> lags = firstUncommitted.complete(
                clusters.get(clusterId), Lags.of(group, clusterId, clusters, clusters.snapshot(clusterId)));
        return new GroupDetail(
                row(clusterId, group, GroupLag.of(lags), null, null),
                group.assignor(),
                members(group, lags),
                topics(lags),
                lags,
                snapshot.asOf(),
                snapshot.warnings());
    }

    private static List<MemberDetail> members(GroupState group, List<PartitionLag> lags) {
        return group.members().stream().map(member -> member(member, lags)).toList();
    }

    private static MemberDetail member(Member member, List<PartitionLag> lags) {
        Total total = Lags.total(lags.stream()
                .filter(lag -> member.assigned().contains(new TopicPartition(lag.topic(), lag.partition())))
                .toList());
        return new MemberDetail(
                member.memberId(),
                member.instanceId(),
                member.clientId(),
                member.host(),
                member.assigned().stream()
                        .map(tp -> new AssignedPartition(tp.topic(), tp.partition()))
                        .toList(),
                total.lag(),
                total.lagSeconds());
    }

    private static List<TopicLag> topics(List<PartitionLag> lags) {
        Map<String, List<PartitionLag>> byTopic =
                lags.stream().collect(Collectors.groupingBy(PartitionLag::topic, TreeMap::new, Collectors.toList()));
        return byTopic.entrySet().stream()
                .map(entry -> {
                    Total total = Lags.total(entry.getValue());
                    return new TopicLag(entry.getKey(), total.partitions(), total.lag(), total.lagSeconds());
                })
                .toList();
    }

    enum Window {
        HOUR,
        DAY
    }

    record LagPoints(int stepSeconds, List<LagPoint> items) {}

    /** The worst lag of every minute of the last hour, or of every five minutes of the last day. */
    @GetMapping("/consumer-groups/{groupId}/lag-history")
    LagPoints lagHistory(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(defaultValue = "HOUR") Window window) {
        groups.require(clusterId, groupId);
        return window == Window.HOUR
                ? new LagPoints(60, history.lastHour(clusterId, groupId))
                : new LagPoints(300, history.lastDay(clusterId, groupId));
    }

    /**
     * Moves committed offsets; refused while the group has members. A dry run answers with before and after, and with an ETag
     * of what is committed: given back as If-Match, it keeps the move from being another one than was shown (412).
     */
    @PostMapping("/consumer-groups/{groupId}/offsets:reset")
    ResponseEntity<ResetResult> reset(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody ResetRequest request) {
        ResetResult result = offsetReset.reset(clusterId, groupId, request, ifMatch, dryRun);
        return dryRun ? ResponseEntity.ok().eTag(OffsetReset.tagOf(result)).body(result) : ResponseEntity.ok(result);
    }

    /**
     * Forgets committed offsets, so that consumers start there by their {@code auto.offset.reset}. Each partition succeeds or
     * fails on its own; topics that members read are refused (409 if nothing else was asked for).
     */
    @PostMapping("/consumer-groups/{groupId}/offsets:delete")
    DeletedOffsets deleteOffsets(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(required = false) @Nullable String confirm,
            @RequestBody DeleteOffsetsRequest request) {
        return offsetDeletion.delete(clusterId, groupId, request, confirm, dryRun);
    }

    /** Deletes a group that nobody is in, with its committed offsets; a dry run answers with the group that would go. */
    @ApiResponse(
            responseCode = "200",
            description = "A dry run: what would be deleted",
            content = @Content(schema = @Schema(implementation = GroupDetail.class)))
    @ApiResponse(responseCode = "204", description = "Deleted", content = @Content)
    @DeleteMapping("/consumer-groups/{groupId}")
    ResponseEntity<GroupDetail> delete(
            @PathVariable String clusterId,
            @PathVariable String groupId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(required = false) @Nullable String confirm) {
        GroupState group = groups.require(clusterId, groupId);
        if (dryRun) return ResponseEntity.ok(describe(clusterId, groupId));
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
                Map.of("partitions", group.offsets().size()),
                null);
        groups.refresh(clusterId);
        return ResponseEntity.noContent().build();
    }
}

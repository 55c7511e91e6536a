package io.millrace.admin.group;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.cluster.ResourceLocks;
import io.millrace.admin.group.GroupSnapshot.Committed;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.topic.Topics;
import io.millrace.admin.web.EntityTag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Moves a group's committed offsets, in every way that kafka-consumer-groups knows. */
@Component
class OffsetReset {
    private final Clusters clusters;
    private final Groups groups;
    private final Topics topics;
    private final AuditLog audit;
    private final ResourceLocks locks;

    OffsetReset(Clusters clusters, Groups groups, Topics topics, AuditLog audit, ResourceLocks locks) {
        this.clusters = clusters;
        this.groups = groups;
        this.topics = topics;
        this.audit = audit;
        this.locks = locks;
    }

    /** Where to: CURRENT commits what is committed, clamped to the log; OFFSETS takes a list, FROM_GROUP another's. */
    enum Mode {
        EARLIEST,
        LATEST,
        OFFSET,
        DATETIME,
        DURATION,
        SHIFT_BY,
        CURRENT,
        FROM_GROUP,
        OFFSETS
    }

    record PartitionOffset(
            String topic, int partition, @Nullable Long offset) {}

    /**
     * What to reset.
     *
     * @param topics whole topics; without topics and partitions, everything that the group committed for
     * @param partitions single partitions; with mode OFFSETS each names its offset
     * @param offset for OFFSET
     * @param datetime for DATETIME, an instant such as 2026-11-21T08:00:00Z
     * @param duration for DURATION, how far back, such as PT1H
     * @param shiftBy for SHIFT_BY, negative to go back
     * @param fromGroup for FROM_GROUP
     */
    record ResetRequest(
            Mode mode,
            @Nullable List<String> topics,
            @Nullable List<PartitionOffset> partitions,
            @Nullable Long offset,
            @Nullable String datetime,
            @Nullable String duration,
            @Nullable Long shiftBy,
            @Nullable String fromGroup) {}

    /** One partition's offset before and after; {@code clamped} when the log does not reach as far as was asked. */
    record OffsetMove(
            String topic,
            int partition,
            @Nullable Long before,
            long after,
            long beginningOffset,
            long endOffset,
            boolean clamped) {}

    record ResetResult(boolean applied, List<OffsetMove> items) {}

    /** Tells what is committed, for the partitions that a reset is about. */
    static String tagOf(ResetResult preview) {
        return EntityTag.of(preview.items().stream()
                .map(move -> move.topic() + '-' + move.partition() + '@' + move.before())
                .toList());
    }

    /** What is looked at is what is changed: resets of one group wait for each other. */
    ResetResult reset(
            String clusterId, String groupId, ResetRequest request, @Nullable String ifMatch, boolean dryRun) {
        Cluster cluster = clusters.get(clusterId);
        return locks.changing(
                cluster, "group " + groupId, () -> resetNow(clusterId, cluster, groupId, request, ifMatch, dryRun));
    }

    private ResetResult resetNow(
            String clusterId,
            Cluster cluster,
            String groupId,
            ResetRequest request,
            @Nullable String ifMatch,
            boolean dryRun) {
        GroupState group = current(clusterId, groupId, request);
        if (!group.members().isEmpty()) throw active(group);
        Map<TopicPartition, @Nullable Long> scope = scope(clusterId, group, request);
        if (scope.isEmpty()) {
            throw ApiException.badRequest(
                    "NOTHING_TO_RESET",
                    "group '" + groupId + "' has no committed offsets; name the topics to set offsets for");
        }
        Map<TopicPartition, Long> beginnings = ask(cluster, scope, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = ask(cluster, scope, OffsetSpec.latest());
        Map<TopicPartition, Long> targets = targets(clusterId, cluster, group, request, scope, beginnings, ends);

        List<OffsetMove> moves = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> commit = new HashMap<>();
        targets.forEach((partition, wanted) -> {
            long beginning = Objects.requireNonNull(beginnings.get(partition));
            long end = Objects.requireNonNull(ends.get(partition));
            long after = Math.clamp(wanted, beginning, end);
            Committed before = group.offsets().get(partition);
            moves.add(new OffsetMove(
                    partition.topic(),
                    partition.partition(),
                    before == null ? null : before.offset(),
                    after,
                    beginning,
                    end,
                    after != wanted));
            commit.put(partition, new OffsetAndMetadata(after));
        });
        ResetResult result = new ResetResult(!dryRun, moves);
        EntityTag.check(ifMatch, tagOf(result), "what group '" + groupId + "' has committed");
        if (!dryRun) apply(clusterId, cluster, groupId, moves, commit);
        return result;
    }

    private void apply(
            String clusterId,
            Cluster cluster,
            String groupId,
            List<OffsetMove> moves,
            Map<TopicPartition, OffsetAndMetadata> commit) {
        try {
            cluster.await(
                    cluster.admin().alterConsumerGroupOffsets(groupId, commit).all());
        } catch (ApiException failure) {
            // A member joined since we looked: the coordinator refuses, and nothing has changed.
            if (failure.code().equals("KAFKA_UNKNOWN_MEMBER_ID")) {
                groups.refresh(clusterId);
                throw active(groups.require(clusterId, groupId));
            }
            throw failure;
        }
        audit.record(
                clusterId,
                "reset-offsets",
                groupId,
                offsets(moves, OffsetMove::before),
                offsets(moves, OffsetMove::after));
        groups.refresh(clusterId);
    }

    private static Map<String, Object> offsets(List<OffsetMove> moves, Function<OffsetMove, @Nullable Long> side) {
        Map<String, Object> offsets = new TreeMap<>();
        for (OffsetMove move : moves) {
            Long offset = side.apply(move);
            offsets.put(move.topic() + "-" + move.partition(), offset == null ? "none" : offset);
        }
        return offsets;
    }

    /** The group as it is now; a group that does not exist yet may be given offsets when topics are named. */
    private GroupState current(String clusterId, String groupId, ResetRequest request) {
        groups.refresh(clusterId);
        GroupState known = groups.snapshot(clusterId).groups().get(groupId);
        boolean named = request.topics() != null || request.partitions() != null;
        if (known == null && named) {
            return new GroupState(groupId, "classic", "Dead", "", null, null, List.of(), Map.of());
        }
        return groups.require(clusterId, groupId);
    }

    private static ApiException active(GroupState group) {
        return ApiException.conflict(
                "GROUP_HAS_ACTIVE_MEMBERS",
                "group '" + group.groupId() + "' has " + group.members().size() + " active member"
                        + (group.members().size() == 1 ? "" : "s") + " and is " + group.state()
                        + "; stop its consumers, then reset (their next commit would undo it)");
    }

    private Map<TopicPartition, @Nullable Long> scope(String clusterId, GroupState group, ResetRequest request) {
        Map<TopicPartition, @Nullable Long> scope =
                new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        if (request.topics() != null) {
            for (String topic : request.topics()) {
                topics.require(clusterId, topic)
                        .partitions()
                        .forEach(partition -> scope.put(new TopicPartition(topic, partition.partition()), null));
            }
        }
        if (request.partitions() != null) {
            for (PartitionOffset wanted : request.partitions()) {
                int count =
                        topics.require(clusterId, wanted.topic()).partitions().size();
                if (wanted.partition() < 0 || wanted.partition() >= count) {
                    throw ApiException.notFound(
                            "UNKNOWN_PARTITION",
                            "topic '" + wanted.topic() + "' has partitions 0 to " + (count - 1) + ", not "
                                    + wanted.partition());
                }
                scope.put(new TopicPartition(wanted.topic(), wanted.partition()), wanted.offset());
            }
        }
        if (request.topics() == null && request.partitions() == null) {
            group.offsets().keySet().forEach(partition -> scope.put(partition, null));
        }
        return scope;
    }

    private Map<TopicPartition, Long> targets(
            String clusterId,
            Cluster cluster,
            GroupState group,
            ResetRequest request,
            Map<TopicPartition, @Nullable Long> scope,
            Map<TopicPartition, Long> beginnings,
            Map<TopicPartition, Long> ends) {
        return switch (request.mode()) {
            case EARLIEST -> beginnings;
            case LATEST -> ends;
            case OFFSET -> all(scope, needed(request.offset(), "offset", request.mode()));
            case DATETIME -> at(cluster, scope, ends, instant(needed(request.datetime(), "datetime", request.mode())));
            case DURATION -> at(cluster, scope, ends, ago(needed(request.duration(), "duration", request.mode())));
            case SHIFT_BY -> shifted(group, scope, needed(request.shiftBy(), "shiftBy", request.mode()));
            case CURRENT -> shifted(group, scope, 0);
            case FROM_GROUP ->
                shifted(groups.require(clusterId, needed(request.fromGroup(), "fromGroup", request.mode())), scope, 0);
            case OFFSETS -> explicit(scope);
        };
    }

    private static <T> T needed(@Nullable T value, String name, Mode mode) {
        if (value != null) return value;
        throw ApiException.badRequest("MISSING_FIELD", "mode " + mode + " needs '" + name + "'");
    }

    private static Map<TopicPartition, Long> all(Map<TopicPartition, @Nullable Long> scope, long offset) {
        Map<TopicPartition, Long> result = ordered();
        scope.keySet().forEach(partition -> result.put(partition, offset));
        return result;
    }

    private static Map<TopicPartition, Long> explicit(Map<TopicPartition, @Nullable Long> scope) {
        Map<TopicPartition, Long> result = ordered();
        scope.forEach(
                (partition, offset) -> result.put(partition, needed(offset, "partitions[].offset", Mode.OFFSETS)));
        return result;
    }

    private static Map<TopicPartition, Long> shifted(
            GroupState source, Map<TopicPartition, @Nullable Long> scope, long by) {
        Map<TopicPartition, Long> result = ordered();
        for (TopicPartition partition : scope.keySet()) {
            Committed committed = source.offsets().get(partition);
            if (committed != null) result.put(partition, committed.offset() + by);
        }
        if (result.isEmpty()) {
            throw ApiException.badRequest(
                    "NOTHING_TO_RESET", "group '" + source.groupId() + "' has no committed offsets for what was asked");
        }
        return result;
    }

    private static Map<TopicPartition, Long> at(
            Cluster cluster, Map<TopicPartition, @Nullable Long> scope, Map<TopicPartition, Long> ends, Instant time) {
        Map<TopicPartition, Long> found = ask(cluster, scope, OffsetSpec.forTimestamp(time.toEpochMilli()));
        // No record that late: the group goes to the end.
        found.replaceAll((partition, offset) -> offset < 0 ? Objects.requireNonNull(ends.get(partition)) : offset);
        return found;
    }

    private static Map<TopicPartition, Long> ask(
            Cluster cluster, Map<TopicPartition, @Nullable Long> scope, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        scope.keySet().forEach(partition -> wanted.put(partition, spec));
        Map<TopicPartition, Long> result = ordered();
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> answer =
                cluster.await(cluster.admin().listOffsets(wanted).all());
        answer.forEach((partition, info) -> result.put(partition, info.offset()));
        return result;
    }

    private static Map<TopicPartition, Long> ordered() {
        return new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (java.time.format.DateTimeParseException malformed) {
            throw malformed(text, "an instant such as 2026-11-21T08:00:00Z", malformed);
        }
    }

    private static Instant ago(String text) {
        try {
            return Instant.now().minus(Duration.parse(text));
        } catch (java.time.format.DateTimeParseException malformed) {
            throw malformed(text, "an ISO 8601 duration such as PT1H or P1D", malformed);
        }
    }

    private static ApiException malformed(String text, String wanted, Throwable cause) {
        return new ApiException(
                org.springframework.http.HttpStatus.BAD_REQUEST,
                "WRONG_TYPE",
                "'" + text + "' is not " + wanted,
                false,
                Map.of(),
                cause);
    }
}

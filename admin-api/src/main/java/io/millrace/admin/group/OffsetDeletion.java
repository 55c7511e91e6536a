package io.millrace.admin.group;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.cluster.ResourceLocks;
import io.millrace.admin.group.GroupSnapshot.Committed;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.Confirmation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsResult;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes a group forget what it committed for some partitions (KIP-496), so that it starts there as if it were new. */
@Component
class OffsetDeletion {
    private static final String SUBSCRIBED = "KAFKA_GROUP_SUBSCRIBED_TO_TOPIC";
    private final Clusters clusters;
    private final Groups groups;
    private final AuditLog audit;
    private final ResourceLocks locks;

    OffsetDeletion(Clusters clusters, Groups groups, AuditLog audit, ResourceLocks locks) {
        this.clusters = clusters;
        this.groups = groups;
        this.audit = audit;
        this.locks = locks;
    }

    record Partition(String topic, int partition) {}

    /**
     * What to forget; without topics and partitions, everything that the group committed.
     *
     * @param topics whole topics, which may be gone by now
     */
    record DeleteOffsetsRequest(
            @Nullable List<String> topics, @Nullable List<Partition> partitions) {}

    /** One partition: what was committed, and whether it is forgotten, or why not. */
    record DeletedOffset(
            String topic,
            int partition,
            long before,
            boolean deleted,
            @Nullable String code,
            @Nullable String detail) {}

    record DeletedOffsets(boolean applied, List<DeletedOffset> items) {}

    DeletedOffsets delete(
            String clusterId, String groupId, DeleteOffsetsRequest request, @Nullable String confirm, boolean dryRun) {
        Cluster cluster = clusters.get(clusterId);
        return locks.changing(cluster, "group " + groupId, () -> {
            groups.refresh(clusterId);
            GroupState group = groups.require(clusterId, groupId);
            if (!dryRun) {
                Confirmation.require(confirm, groupId, "deleting committed offsets of group '" + groupId + "'");
            }
            Map<TopicPartition, Committed> scope = scope(group, request);
            if (dryRun) return new DeletedOffsets(false, items(scope, Map.of()));
            return new DeletedOffsets(true, deleteNow(clusterId, cluster, groupId, scope));
        });
    }

    private static Map<TopicPartition, Committed> scope(GroupState group, DeleteOffsetsRequest request) {
        Map<TopicPartition, Committed> scope =
                new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        if (request.topics() == null && request.partitions() == null) {
            add(scope, group, partition -> true, "anything");
        }
        if (request.topics() != null) {
            for (String topic : request.topics()) {
                add(scope, group, partition -> partition.topic().equals(topic), "topic '" + topic + "'");
            }
        }
        if (request.partitions() != null) {
            for (Partition named : request.partitions()) {
                TopicPartition wanted = new TopicPartition(named.topic(), named.partition());
                add(scope, group, wanted::equals, "partition " + wanted);
            }
        }
        return scope;
    }

    private static void add(
            Map<TopicPartition, Committed> scope, GroupState group, Predicate<TopicPartition> wanted, String what) {
        boolean found = false;
        for (Map.Entry<TopicPartition, Committed> entry : group.offsets().entrySet()) {
            if (!wanted.test(entry.getKey())) continue;
            scope.put(entry.getKey(), entry.getValue());
            found = true;
        }
        if (!found) {
            throw ApiException.notFound(
                    "NOTHING_COMMITTED", "group '" + group.groupId() + "' has no committed offset for " + what);
        }
    }

    private List<DeletedOffset> deleteNow(
            String clusterId, Cluster cluster, String groupId, Map<TopicPartition, Committed> scope) {
        DeleteConsumerGroupOffsetsResult answer = cluster.admin().deleteConsumerGroupOffsets(groupId, scope.keySet());
        Map<TopicPartition, ApiException> refused = new TreeMap<>(Comparator.comparing(TopicPartition::toString));
        for (TopicPartition partition : scope.keySet()) {
            try {
                cluster.await(answer.partitionResult(partition));
            } catch (ApiException failure) {
                refused.put(partition, told(groupId, partition, failure));
            }
        }
        groups.refresh(clusterId);
        if (refused.size() == scope.size()) {
            throw refused.values().iterator().next();
        }
        List<DeletedOffset> items = items(scope, refused);
        Map<String, Object> before = new TreeMap<>();
        items.stream()
                .filter(DeletedOffset::deleted)
                .forEach(item -> before.put(item.topic() + "-" + item.partition(), item.before()));
        audit.record(clusterId, "delete-offsets", groupId, before, null);
        return items;
    }

    private static ApiException told(String groupId, TopicPartition partition, ApiException failure) {
        if (!failure.code().equals(SUBSCRIBED)) return failure;
        return ApiException.conflict(
                "GROUP_HAS_ACTIVE_MEMBERS",
                "members of group '" + groupId + "' read topic '" + partition.topic()
                        + "'; stop them, or take the topic from their subscriptions, then delete its offsets");
    }

    private static List<DeletedOffset> items(
            Map<TopicPartition, Committed> scope, Map<TopicPartition, ApiException> refused) {
        List<DeletedOffset> items = new ArrayList<>();
        scope.forEach((partition, committed) -> {
            ApiException why = refused.get(partition);
            items.add(new DeletedOffset(
                    partition.topic(),
                    partition.partition(),
                    committed.offset(),
                    why == null,
                    why == null ? null : why.code(),
                    why == null ? null : why.detail()));
        });
        return items;
    }
}

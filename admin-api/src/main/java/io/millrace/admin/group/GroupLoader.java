package io.millrace.admin.group;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.group.GroupSnapshot.Committed;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.GroupSnapshot.Member;
import io.millrace.admin.problem.ApiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Reads all groups, their members and their commits, in batches that each coordinator answers at once. */
final class GroupLoader {
    private static final int GROUPS_PER_CALL = 500;
    private static final int PARTIAL_TIMEOUT_MS = 5_000;
    private final Cluster cluster;

    GroupLoader(Cluster cluster) {
        this.cluster = cluster;
    }

    GroupSnapshot load() {
        List<Warning> warnings = new ArrayList<>();
        Collection<GroupListing> listings =
                cluster.await(cluster.admin().listGroups().valid());
        try {
            for (Throwable problem : cluster.await(cluster.admin().listGroups().errors())) {
                warnings.add(new Warning(
                        null, "GROUPS_UNKNOWN", "a coordinator did not list its groups: " + problem.getMessage()));
            }
        } catch (ApiException failure) {
            warnings.add(new Warning(null, failure.code(), failure.detail()));
        }
        Map<String, GroupState> groups = new TreeMap<>();
        List<GroupListing> consumers = new ArrayList<>();
        for (GroupListing listing : listings) {
            if (isConsumerGroup(listing)) consumers.add(listing);
            groups.put(listing.groupId(), bare(listing));
        }
        for (int from = 0; from < consumers.size(); from += GROUPS_PER_CALL) {
            describe(consumers.subList(from, Math.min(from + GROUPS_PER_CALL, consumers.size())), groups, warnings);
        }
        return new GroupSnapshot(Instant.now(), Collections.unmodifiableMap(groups), List.copyOf(warnings));
    }

    private static boolean isConsumerGroup(GroupListing listing) {
        String type = typeOf(listing);
        return type.equals("consumer")
                || (type.equals("classic")
                        && (listing.protocol().isEmpty() || listing.protocol().equals("consumer")));
    }

    private static String typeOf(GroupListing listing) {
        return listing.type()
                .map(type -> type.toString().toLowerCase(Locale.ROOT))
                .orElse("classic");
    }

    private static GroupState bare(GroupListing listing) {
        return new GroupState(
                listing.groupId(),
                typeOf(listing),
                listing.groupState().map(Object::toString).orElse("Unknown"),
                listing.protocol(),
                null,
                null,
                List.of(),
                Map.of());
    }

    private void describe(List<GroupListing> some, Map<String, GroupState> groups, List<Warning> warnings) {
        List<String> ids = some.stream().map(GroupListing::groupId).toList();
        Map<String, KafkaFuture<ConsumerGroupDescription>> descriptions = cluster.admin()
                .describeConsumerGroups(ids, new DescribeConsumerGroupsOptions().timeoutMs(PARTIAL_TIMEOUT_MS))
                .describedGroups();
        Map<String, ListConsumerGroupOffsetsSpec> everything = new HashMap<>();
        ids.forEach(id -> everything.put(id, new ListConsumerGroupOffsetsSpec()));
        ListConsumerGroupOffsetsResult offsets = cluster.admin()
                .listConsumerGroupOffsets(
                        everything, new ListConsumerGroupOffsetsOptions().timeoutMs(PARTIAL_TIMEOUT_MS));
        int failed = 0;
        String reason = "";
        for (GroupListing listing : some) {
            try {
                KafkaFuture<ConsumerGroupDescription> description = descriptions.get(listing.groupId());
                if (description == null) continue;
                groups.put(
                        listing.groupId(),
                        full(listing, cluster.await(description), committed(offsets, listing.groupId())));
            } catch (ApiException failure) {
                failed++;
                reason = failure.detail();
            }
        }
        if (failed > 0) {
            warnings.add(new Warning(null, "GROUPS_UNKNOWN", failed + " groups could not be described: " + reason));
        }
    }

    private Map<TopicPartition, Committed> committed(ListConsumerGroupOffsetsResult offsets, String groupId) {
        Map<TopicPartition, Committed> result = new HashMap<>();
        cluster.await(offsets.partitionsToOffsetAndMetadata(groupId)).forEach((partition, offset) -> {
            if (offset != null) result.put(partition, new Committed(offset.offset(), offset.metadata()));
        });
        return result;
    }

    private static GroupState full(
            GroupListing listing, ConsumerGroupDescription group, Map<TopicPartition, Committed> offsets) {
        List<Member> members = group.members().stream()
                .map(member -> new Member(
                        member.consumerId(),
                        member.groupInstanceId().orElse(null),
                        member.clientId(),
                        member.host(),
                        member.assignment().topicPartitions().stream()
                                .sorted(Comparator.comparing(TopicPartition::topic)
                                        .thenComparingInt(TopicPartition::partition))
                                .toList()))
                .sorted(Comparator.comparing(Member::memberId))
                .toList();
        return new GroupState(
                listing.groupId(),
                typeOf(listing),
                group.groupState().toString(),
                listing.protocol(),
                group.partitionAssignor().isEmpty() ? null : group.partitionAssignor(),
                group.coordinator() == null || group.coordinator().isEmpty()
                        ? null
                        : group.coordinator().id(),
                members,
                Map.copyOf(offsets));
    }
}

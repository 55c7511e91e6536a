package io.millrace.admin.group;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
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
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsResult;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Reads all groups, their members and their commits, in batches that each coordinator answers at once. Groups that the list
 * says are empty are not described: ten thousand of them would cost twenty thousand questions a look.
 */
final class GroupLoader {
    private static final int GROUPS_PER_CALL = 500;
    private static final int PARTIAL_TIMEOUT_MS = 5_000;
    private static final String OFFSETS_TOPIC = "__consumer_offsets";
    private final Cluster cluster;
    private final Supplier<@Nullable ClusterSnapshot> snapshot;

    GroupLoader(Cluster cluster, Supplier<@Nullable ClusterSnapshot> snapshot) {
        this.cluster = cluster;
        this.snapshot = snapshot;
    }

    GroupSnapshot load() {
        List<Warning> warnings = new ArrayList<>();
        ListGroupsResult listed = cluster.admin().listGroups();
        Collection<GroupListing> listings = cluster.await(listed.valid());
        try {
            for (Throwable problem : cluster.await(listed.errors())) {
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
            groups.put(listing.groupId(), bare(listing, Map.of()));
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

    /** What the list tells, which is everything about a group without members. */
    private GroupState bare(GroupListing listing, Map<TopicPartition, Committed> offsets) {
        return new GroupState(
                listing.groupId(),
                typeOf(listing),
                listing.groupState().map(Object::toString).orElse("Unknown"),
                listing.protocol(),
                null,
                coordinator(listing.groupId()),
                List.of(),
                Map.copyOf(offsets));
    }

    /** The leader of the partition that the group's records go to, by its id's hash; null while that is not known. */
    private @Nullable Integer coordinator(String groupId) {
        ClusterSnapshot known = snapshot.get();
        ClusterSnapshot.TopicState offsets =
                known == null ? null : known.topics().get(OFFSETS_TOPIC);
        if (offsets == null || offsets.partitions().isEmpty()) return null;
        int partition = Utils.abs(groupId.hashCode()) % offsets.partitions().size();
        return offsets.partitions().get(partition).leader();
    }

    private static boolean isEmpty(GroupListing listing) {
        return listing.groupState()
                .filter(org.apache.kafka.common.GroupState.EMPTY::equals)
                .isPresent();
    }

    private void describe(List<GroupListing> some, Map<String, GroupState> groups, List<Warning> warnings) {
        List<String> ids = some.stream().map(GroupListing::groupId).toList();
        List<String> withMembers = some.stream()
                .filter(listing -> !isEmpty(listing))
                .map(GroupListing::groupId)
                .toList();
        Map<String, KafkaFuture<ConsumerGroupDescription>> descriptions = cluster.admin()
                .describeConsumerGroups(withMembers, new DescribeConsumerGroupsOptions().timeoutMs(PARTIAL_TIMEOUT_MS))
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
                Map<TopicPartition, Committed> committed = committed(offsets, listing.groupId());
                groups.put(
                        listing.groupId(),
                        description == null
                                ? bare(listing, committed)
                                : full(listing, cluster.await(description), committed));
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

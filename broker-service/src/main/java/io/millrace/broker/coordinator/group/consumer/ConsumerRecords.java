package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Classic;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
import org.jspecify.annotations.Nullable;

/** Records of the consumer protocol in Kafka's schemas. */
final class ConsumerRecords {
    private static final short VERSION = 0;

    private ConsumerRecords() {}

    private static CoordinatorRecord of(ApiMessage key, ApiMessage value) {
        return new CoordinatorRecord(key, value, VERSION);
    }

    static CoordinatorRecord groupEpoch(String groupId, int epoch, long metadataHash) {
        return of(
                new ConsumerGroupMetadataKey().setGroupId(groupId),
                new ConsumerGroupMetadataValue().setEpoch(epoch).setMetadataHash(metadataHash));
    }

    static CoordinatorRecord member(String groupId, ConsumerMember member) {
        Identity identity = member.identity();
        Subscription subscription = member.subscription();
        return of(
                memberKey(groupId, member.id()),
                new ConsumerGroupMemberMetadataValue()
                        .setInstanceId(identity.instanceId())
                        .setRackId(identity.rackId())
                        .setClientId(identity.clientId())
                        .setClientHost(identity.clientHost())
                        .setSubscribedTopicNames(
                                subscription.topics().stream().sorted().toList())
                        .setSubscribedTopicRegex(subscription.regex())
                        .setRebalanceTimeoutMs(subscription.rebalanceTimeoutMs())
                        .setServerAssignor(subscription.assignor())
                        .setClassicMemberMetadata(write(member.classic())));
    }

    private static @Nullable ClassicMemberMetadata write(@Nullable Classic classic) {
        return classic == null
                ? null
                : new ClassicMemberMetadata()
                        .setSessionTimeoutMs(classic.sessionTimeoutMs())
                        .setSupportedProtocols(classic.protocols().stream()
                                .map(protocol -> new ClassicProtocol()
                                        .setName(protocol.name())
                                        .setMetadata(protocol.metadata()))
                                .toList());
    }

    private static @Nullable Classic read(@Nullable ClassicMemberMetadata metadata) {
        return metadata == null
                ? null
                : new Classic(
                        metadata.sessionTimeoutMs(),
                        metadata.supportedProtocols().stream()
                                .map(protocol -> new OfferedProtocol(protocol.name(), protocol.metadata()))
                                .toList());
    }

    private static ConsumerGroupMemberMetadataKey memberKey(String groupId, String memberId) {
        return new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId);
    }

    static ConsumerMember readMember(String memberId, ConsumerGroupMemberMetadataValue value, Progress progress) {
        return new ConsumerMember(
                new Identity(memberId, value.instanceId(), value.rackId(), value.clientId(), value.clientHost()),
                new Subscription(
                        value.rebalanceTimeoutMs(),
                        Set.copyOf(value.subscribedTopicNames()),
                        value.subscribedTopicRegex(),
                        value.serverAssignor()),
                progress,
                read(value.classicMemberMetadata()));
    }

    static CoordinatorRecord targetEpoch(String groupId, int epoch, long timestampMs) {
        return of(
                new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId),
                new ConsumerGroupTargetAssignmentMetadataValue()
                        .setAssignmentEpoch(epoch)
                        .setAssignmentTimestamp(timestampMs));
    }

    static CoordinatorRecord target(String groupId, String memberId, TopicPartitions target) {
        var topics = new ArrayList<ConsumerGroupTargetAssignmentMemberValue.TopicPartition>();
        target.byTopic()
                .forEach((topicId, partitions) ->
                        topics.add(new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                                .setTopicId(topicId)
                                .setPartitions(List.copyOf(new TreeSet<>(partitions)))));
        return of(
                targetKey(groupId, memberId),
                new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(topics));
    }

    private static ConsumerGroupTargetAssignmentMemberKey targetKey(String groupId, String memberId) {
        return new ConsumerGroupTargetAssignmentMemberKey().setGroupId(groupId).setMemberId(memberId);
    }

    static TopicPartitions readTarget(ConsumerGroupTargetAssignmentMemberValue value) {
        var byTopic = new HashMap<Uuid, Set<Integer>>();
        value.topicPartitions().forEach(topic -> byTopic.put(topic.topicId(), new HashSet<>(topic.partitions())));
        return TopicPartitions.of(byTopic);
    }

    static CoordinatorRecord progress(String groupId, String memberId, Progress progress) {
        return of(
                progressKey(groupId, memberId),
                new ConsumerGroupCurrentMemberAssignmentValue()
                        .setMemberEpoch(progress.epoch())
                        .setPreviousMemberEpoch(progress.previousEpoch())
                        .setState(progress.state().id())
                        .setAssignedPartitions(write(progress.assigned(), progress.since()))
                        .setPartitionsPendingRevocation(write(progress.pendingRevocation(), progress.since())));
    }

    private static ConsumerGroupCurrentMemberAssignmentKey progressKey(String groupId, String memberId) {
        return new ConsumerGroupCurrentMemberAssignmentKey().setGroupId(groupId).setMemberId(memberId);
    }

    private static List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> write(
            TopicPartitions partitions, PartitionEpochs since) {
        var topics = new ArrayList<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions>();
        partitions.byTopic().forEach((topicId, numbers) -> {
            List<Integer> sorted = List.copyOf(new TreeSet<>(numbers));
            topics.add(new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
                    .setTopicId(topicId)
                    .setPartitions(sorted)
                    .setAssignmentEpochs(sorted.stream()
                            .map(number -> since.of(topicId, number))
                            .toList()));
        });
        return topics;
    }

    static Progress readProgress(ConsumerGroupCurrentMemberAssignmentValue value) {
        var since = new HashMap<Uuid, Map<Integer, Integer>>();
        TopicPartitions assigned = read(value.assignedPartitions(), value.memberEpoch(), since);
        TopicPartitions pending = read(value.partitionsPendingRevocation(), value.memberEpoch(), since);
        return new Progress(
                value.memberEpoch(),
                value.previousMemberEpoch(),
                MemberState.of(value.state()),
                assigned,
                pending,
                new PartitionEpochs(since));
    }

    /** Before 4.3 records do not say since when; then it is since the member's epoch. */
    private static TopicPartitions read(
            List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics,
            int memberEpoch,
            Map<Uuid, Map<Integer, Integer>> since) {
        var byTopic = new HashMap<Uuid, Set<Integer>>();
        for (ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions topic : topics) {
            byTopic.put(topic.topicId(), new HashSet<>(topic.partitions()));
            List<Integer> epochs = topic.assignmentEpochs();
            Map<Integer, Integer> ofTopic = since.computeIfAbsent(topic.topicId(), id -> new HashMap<>());
            for (int i = 0; i < topic.partitions().size(); i++) {
                boolean known = epochs != null && i < epochs.size();
                ofTopic.put(topic.partitions().get(i), known ? epochs.get(i) : memberEpoch);
            }
        }
        return TopicPartitions.of(byTopic);
    }

    static CoordinatorRecord regex(String groupId, String regex, Set<String> topics, long version, long timestampMs) {
        return of(
                regexKey(groupId, regex),
                new ConsumerGroupRegularExpressionValue()
                        .setTopics(topics.stream().sorted().toList())
                        .setVersion(version)
                        .setTimestamp(timestampMs));
    }

    static CoordinatorRecord regexTombstone(String groupId, String regex) {
        return CoordinatorRecord.tombstone(regexKey(groupId, regex));
    }

    private static ConsumerGroupRegularExpressionKey regexKey(String groupId, String regex) {
        return new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex);
    }

    /** Removes all traces of a member, the newest first. */
    static List<CoordinatorRecord> memberTombstones(String groupId, String memberId) {
        return List.of(
                CoordinatorRecord.tombstone(progressKey(groupId, memberId)),
                CoordinatorRecord.tombstone(targetKey(groupId, memberId)),
                CoordinatorRecord.tombstone(memberKey(groupId, memberId)));
    }

    /** Removes the group itself; its members and expressions must be gone. */
    static List<CoordinatorRecord> groupTombstones(String groupId) {
        return List.of(
                CoordinatorRecord.tombstone(new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId)),
                CoordinatorRecord.tombstone(new ConsumerGroupMetadataKey().setGroupId(groupId)));
    }

    /** What a member is told in a response, in the order of topics. */
    static <T> List<T> map(TopicPartitions partitions, BiFunction<Uuid, List<Integer>, T> topic) {
        var topics = new ArrayList<T>();
        for (Map.Entry<Uuid, Set<Integer>> entry : partitions.byTopic().entrySet()) {
            topics.add(topic.apply(entry.getKey(), List.copyOf(new TreeSet<>(entry.getValue()))));
        }
        return topics;
    }
}

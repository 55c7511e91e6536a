package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.Errors;

/** Consumer groups as ConsumerGroupDescribe shows them. */
final class ConsumerDescription {
    private static final byte CLASSIC = 0;
    private static final byte CONSUMER = 1;

    private ConsumerDescription() {}

    static DescribedGroup describe(ConsumerGroup group, Assignors assignors, TopicMetadata topics) {
        String assignor = new GroupDraft(group, topics, new Decision()).preferredAssignor();
        return new DescribedGroup()
                .setGroupId(group.groupId())
                .setGroupState(group.state())
                .setGroupEpoch(group.epoch())
                .setAssignmentEpoch(group.targetEpoch())
                .setAssignorName(assignors.find(assignor).name())
                .setMembers(group.members().stream()
                        .map(member -> describe(group, member, topics))
                        .toList());
    }

    private static ConsumerGroupDescribeResponseData.Member describe(
            ConsumerGroup group, ConsumerMember member, TopicMetadata topics) {
        String regex = member.subscription().regex();
        return new ConsumerGroupDescribeResponseData.Member()
                .setMemberId(member.id())
                .setInstanceId(member.identity().instanceId())
                .setRackId(member.identity().rackId())
                .setMemberEpoch(member.epoch())
                .setClientId(member.identity().clientId())
                .setClientHost(member.identity().clientHost())
                .setSubscribedTopicNames(
                        member.subscription().topics().stream().sorted().toList())
                .setSubscribedTopicRegex(regex == null || regex.isEmpty() ? null : regex)
                .setAssignment(assignment(member.progress().assigned(), topics))
                .setTargetAssignment(assignment(group.target(member.id()), topics))
                .setMemberType(member.classic() == null ? CONSUMER : CLASSIC);
    }

    /** Nothing but the error: there is no such group, or it is none of this protocol. */
    static DescribedGroup missing(String groupId, boolean otherProtocol) {
        String message = otherProtocol
                ? "Group %s is not a consumer group.".formatted(groupId)
                : "Group %s not found.".formatted(groupId);
        return new DescribedGroup()
                .setGroupId(groupId)
                .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
                .setErrorMessage(message);
    }

    private static ConsumerGroupDescribeResponseData.Assignment assignment(
            TopicPartitions partitions, TopicMetadata topics) {
        return new ConsumerGroupDescribeResponseData.Assignment()
                .setTopicPartitions(ConsumerRecords.map(
                        partitions,
                        (topicId, numbers) -> new ConsumerGroupDescribeResponseData.TopicPartitions()
                                .setTopicId(topicId)
                                .setTopicName(topics.name(topicId))
                                .setPartitions(numbers)));
    }
}

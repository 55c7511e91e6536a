package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.ClassicSnapshot;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.GroupConfig;
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
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.Errors;

/** Makes a consumer group of a classic group that has members: the generation becomes the group epoch, assignments stay as they are. Pure. */
final class Upgrade {
    private Upgrade() {}

    /** The records of the consumer group; an {@link org.apache.kafka.common.errors.ApiException} says why it cannot be one. */
    static List<CoordinatorRecord> records(
            ClassicSnapshot snapshot, String protocolType, GroupConfig.Consumer config, TopicMetadata topics) {
        String groupId = snapshot.groupId();
        if (!config.migrationPolicy().allowsUpgrade()) {
            throw refused(groupId, "the online upgrade is disabled");
        }
        if (!protocolType.equals("consumer")) {
            throw refused(groupId, "the group does not use the consumer embedded protocol");
        }
        if (snapshot.members().size() > config.maxSize()) {
            throw refused(groupId, "the group size exceeds the consumer group maximum size");
        }
        var members = new ArrayList<ConsumerMember>();
        var names = new HashSet<String>();
        for (ClassicSnapshot.Member member : snapshot.members()) {
            ConsumerMember upgraded = member(snapshot, member, topics);
            members.add(upgraded);
            names.addAll(upgraded.subscription().topics());
        }
        var records = new ArrayList<CoordinatorRecord>();
        members.forEach(member -> records.add(ConsumerRecords.member(groupId, member)));
        records.add(ConsumerRecords.groupEpoch(groupId, snapshot.generation(), topics.hash(names)));
        members.forEach(member -> records.add(
                ConsumerRecords.target(groupId, member.id(), member.progress().assigned())));
        // Of no time, so that the first assignment of the new protocol need not wait.
        records.add(ConsumerRecords.targetEpoch(groupId, snapshot.generation(), 0));
        members.forEach(member -> records.add(ConsumerRecords.progress(groupId, member.id(), member.progress())));
        return records;
    }

    private static ConsumerMember member(
            ClassicSnapshot snapshot, ClassicSnapshot.Member member, TopicMetadata topics) {
        ConsumerProtocolSubscription subscription = member.protocols().isEmpty()
                ? null
                : EmbeddedProtocol.subscription(member.protocols().getFirst().metadata());
        if (subscription == null) {
            throw refused(snapshot.groupId(), "the embedded consumer protocol is malformed");
        }
        List<TopicPartition> partitions = member.partitions();
        if (partitions == null) {
            throw refused(
                    snapshot.groupId(),
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade");
        }
        // A cooperative member may still be about to give up what its last assignment took from it.
        TopicPartitions assigned = assigned(partitions, topics).plus(ClassicMemberJoin.owned(subscription, topics));
        return new ConsumerMember(
                new Identity(
                        member.memberId(),
                        member.instanceId(),
                        subscription.rackId(),
                        member.clientId(),
                        member.clientHost()),
                new Subscription(member.rebalanceTimeoutMs(), Set.copyOf(subscription.topics()), "", null),
                Progress.NEW.next(
                        snapshot.generation(),
                        snapshot.generation(),
                        MemberState.STABLE,
                        assigned,
                        TopicPartitions.NONE),
                new Classic(member.sessionTimeoutMs(), member.protocols()));
    }

    private static TopicPartitions assigned(List<TopicPartition> partitions, TopicMetadata topics) {
        Map<Uuid, Set<Integer>> byTopic = new HashMap<>();
        for (TopicPartition partition : partitions) {
            topics.ids(Set.of(partition.topic()))
                    .forEach(id ->
                            byTopic.computeIfAbsent(id, _ -> new HashSet<>()).add(partition.partition()));
        }
        return TopicPartitions.of(byTopic);
    }

    private static RuntimeException refused(String groupId, String why) {
        return Errors.GROUP_ID_NOT_FOUND.exception(
                "Cannot upgrade classic group " + groupId + " to consumer group because " + why + ".");
    }
}

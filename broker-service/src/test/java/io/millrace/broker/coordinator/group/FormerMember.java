package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * A process that does not know yet that it is no member of the group {@code g} any more: it was fenced, expired or replaced. Whatever it asks for, in
 * either protocol, is refused and changes nothing.
 *
 * @param generation that it was last told, or member epoch
 */
record FormerMember(GroupBench bench, String memberId, String instanceId, int generation) {
    private static final String GROUP = "g";

    /** Ids of all members, whichever protocol the group speaks. */
    static Set<String> membersOf(GroupBench bench) {
        var ids = new HashSet<String>();
        var consumer = RandomHistories.describeConsumer(bench, GROUP);
        if (consumer.errorCode() == 0) {
            consumer.members().forEach(member -> ids.add(member.memberId()));
        } else {
            RandomHistories.describeClassic(bench, GROUP).members().forEach(member -> ids.add(member.memberId()));
        }
        return ids;
    }

    void canDoNothing() {
        Set<String> before = membersOf(bench);
        assertThat(before).doesNotContain(memberId);
        var client = GroupBench.client("former", 5);
        refused(
                "heartbeat",
                bench.coordinator.heartbeat(
                        client,
                        new HeartbeatRequestData()
                                .setGroupId(GROUP)
                                .setMemberId(memberId)
                                .setGroupInstanceId(instanceId)
                                .setGenerationId(generation),
                        false),
                HeartbeatResponseData::errorCode);
        refused(
                "sync",
                bench.coordinator.syncGroup(
                        GroupBench.client("former", 4),
                        new SyncGroupRequestData()
                                .setGroupId(GROUP)
                                .setMemberId(memberId)
                                .setGroupInstanceId(instanceId)
                                .setGenerationId(generation)),
                SyncGroupResponseData::errorCode);
        refused(
                "leave",
                bench.coordinator.leaveGroup(
                        client,
                        new LeaveGroupRequestData()
                                .setGroupId(GROUP)
                                .setMembers(List.of(new LeaveGroupRequestData.MemberIdentity()
                                        .setMemberId(memberId)
                                        .setGroupInstanceId(instanceId)))),
                response -> response.errorCode() != 0
                        ? response.errorCode()
                        : response.members().getFirst().errorCode());
        refused("consumer heartbeat", consumerHeartbeat(generation), ConsumerGroupHeartbeatResponseData::errorCode);
        refused("consumer leave", consumerHeartbeat(-1), ConsumerGroupHeartbeatResponseData::errorCode);
        refused(
                "commit",
                bench.coordinator.commitOffsets(GroupBench.client("former", 9), commit()),
                response -> response.topics().getFirst().partitions().getFirst().errorCode());
        if (RandomHistories.describeConsumer(bench, GROUP).errorCode() == 0) {
            refused(
                    "fetch",
                    bench.coordinator.fetchOffsets(GroupBench.client("former", 9), fetch()),
                    response -> response.groups().getFirst().errorCode());
        }
        assertThat(membersOf(bench)).as("members afterwards").isEqualTo(before);
    }

    private CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerHeartbeat(int epoch) {
        return bench.coordinator.consumerGroupHeartbeat(
                GroupBench.client("former", 1),
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(memberId)
                        .setInstanceId(instanceId)
                        .setMemberEpoch(epoch)
                        .setTopicPartitions(List.of()));
    }

    private OffsetCommitRequestData commit() {
        return new OffsetCommitRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("t0")
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(0)
                                .setCommittedOffset(Long.MAX_VALUE)))));
    }

    private OffsetFetchRequestData fetch() {
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(GROUP)
                        .setMemberId(memberId)
                        .setMemberEpoch(generation)
                        .setTopics(null)));
    }

    private <T> void refused(String what, CompletableFuture<T> answer, Function<T, Short> errorCode) {
        bench.simulation.settle();
        assertThat(answer).as("%s of %s, who is no member", what, memberId).isDone();
        assertThat(Errors.forCode(errorCode.apply(answer.join())))
                .as("%s of %s, who is no member", what, memberId)
                .isNotEqualTo(Errors.NONE);
    }
}

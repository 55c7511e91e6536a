package io.millrace.acceptance.groups;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;

/** A member of the consumer protocol (KIP-848), which comes back when it is told to, and at once when it was given or has given up something. */
final class ConsumerLightMember extends LightMember {
    private static final int LEAVE = -1;

    private final String memberId = Uuid.randomUuid().toString();
    private int epoch;
    private boolean changed;

    ConsumerLightMember(GroupOfMembers group) {
        super(group);
    }

    @Override
    void step() throws InterruptedException {
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group().id())
                .setMemberId(memberId)
                .setMemberEpoch(epoch);
        if (epoch == 0) {
            request.setRebalanceTimeoutMs(group().rebalanceTimeoutMs())
                    .setSubscribedTopicNames(List.of(group().topic()))
                    .setTopicPartitions(List.of());
        } else if (changed) {
            request.setTopicPartitions(List.of(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                    .setTopicId(group().topicId())
                    .setPartitions(List.copyOf(owned()))));
        }
        changed = false;
        var answer = (ConsumerGroupHeartbeatResponse)
                broker().ask(new ConsumerGroupHeartbeatRequest.Builder(request).build());
        Errors error = Errors.forCode(answer.data().errorCode());
        switch (error) {
            case NONE -> {
                epoch = answer.data().memberEpoch();
                if (answer.data().assignment() != null) {
                    var assigned = new TreeSet<Integer>();
                    answer.data().assignment().topicPartitions().forEach(topic -> assigned.addAll(topic.partitions()));
                    changed = take(assigned);
                    group().ownership().isThere(this);
                }
                pause(changed ? 0 : answer.data().heartbeatIntervalMs());
            }
            case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH -> {
                epoch = 0;
                take(Set.of());
            }
            case COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS -> findCoordinator();
            default ->
                throw new AssertionError("a member of " + group().id() + " was refused: " + error + " "
                        + answer.data().errorMessage());
        }
    }

    @Override
    AbstractRequest farewell() {
        return new ConsumerGroupHeartbeatRequest.Builder(new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group().id())
                        .setMemberId(memberId)
                        .setMemberEpoch(LEAVE))
                .build();
    }
}

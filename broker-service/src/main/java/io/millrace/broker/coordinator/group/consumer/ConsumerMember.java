package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.OfferedProtocol;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A member of a consumer group: who it is, what it wants, what it has; immutable.
 *
 * @param classic what it said in the classic protocol, if it speaks that; null for the consumer protocol
 */
record ConsumerMember(
        Identity identity,
        Subscription subscription,
        Progress progress,
        @Nullable Classic classic) {

    /**
     * Who it is.
     *
     * @param instanceId null for a dynamic member
     */
    record Identity(
            String memberId,
            @Nullable String instanceId,
            @Nullable String rackId,
            String clientId,
            String clientHost) {}

    /**
     * What it wants.
     *
     * @param regex a pattern in RE2 syntax, beside the names; null for none
     * @param assignor the server-side assignor it prefers; null for the group's
     */
    record Subscription(
            int rebalanceTimeoutMs,
            Set<String> topics,
            @Nullable String regex,
            @Nullable String assignor) {}

    /**
     * What it has.
     *
     * @param previousEpoch the epoch before this one: a request that repeats it lost its answer
     * @param assigned owned by this member, as far as the coordinator has told it
     * @param pendingRevocation still owned, to be given up
     * @param since the epochs since which it has had them
     */
    record Progress(
            int epoch,
            int previousEpoch,
            MemberState state,
            TopicPartitions assigned,
            TopicPartitions pendingRevocation,
            PartitionEpochs since) {

        static final Progress NEW = new Progress(
                0, -1, MemberState.STABLE, TopicPartitions.NONE, TopicPartitions.NONE, PartitionEpochs.NONE);

        /** The next progress; partitions that are new in it are owned since its epoch. */
        Progress next(
                int newEpoch,
                int newPreviousEpoch,
                MemberState newState,
                TopicPartitions newAssigned,
                TopicPartitions newPending) {
            return new Progress(
                    newEpoch,
                    newPreviousEpoch,
                    newState,
                    newAssigned,
                    newPending,
                    since.with(newEpoch, newAssigned, newPending));
        }

        /** What it has, with what it is still to give up. */
        TopicPartitions owned() {
            return assigned.plus(pendingRevocation);
        }

        boolean owns(Uuid topicId, int partition) {
            return assigned.contains(topicId, partition) || pendingRevocation.contains(topicId, partition);
        }
    }

    /** What a member of the classic protocol says beside its subscription. */
    record Classic(int sessionTimeoutMs, List<OfferedProtocol> protocols) {
        /** The protocol that it is told was elected: the coordinator assigns, so it is of no consequence. */
        OfferedProtocol first() {
            return protocols.getFirst();
        }

        boolean offersAny(Set<String> names) {
            return protocols.stream().anyMatch(protocol -> names.contains(protocol.name()));
        }
    }

    String id() {
        return identity.memberId();
    }

    int epoch() {
        return progress.epoch();
    }

    /** Whether it has come to an epoch, or is away for a while and need not. */
    boolean isAt(int targetEpoch) {
        return epoch() == ConsumerGroup.LEFT_FOR_NOW
                || (epoch() == targetEpoch && progress.state() == MemberState.STABLE);
    }

    ConsumerMember with(Progress newProgress) {
        return new ConsumerMember(identity, subscription, newProgress, classic);
    }
}

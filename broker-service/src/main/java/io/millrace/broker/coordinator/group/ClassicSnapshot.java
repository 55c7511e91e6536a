package io.millrace.broker.coordinator.group;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A group in the terms of the classic protocol, for the moment in which it changes from one protocol to the other; immutable.
 *
 * @param generation the generation, or the group epoch that becomes it
 * @param released what nobody has any more because its owner went with the change
 */
public record ClassicSnapshot(String groupId, int generation, List<Member> members, List<TopicPartition> released) {

    /**
     * A member.
     *
     * @param protocols what it offers, in its order of preference
     * @param partitions its assignment; null if that is not an ordinary consumer's
     */
    public record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            List<OfferedProtocol> protocols,
            @Nullable List<TopicPartition> partitions) {}
}

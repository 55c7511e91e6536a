package io.millrace.broker.coordinator.group.consumer;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.jspecify.annotations.Nullable;

/** Which records are the consumer protocol's. */
final class ConsumerKeys {
    private ConsumerKeys() {}

    /** The group of one of the protocol's records; null for other records. */
    static @Nullable String groupId(ApiMessage key) {
        return switch (key) {
            case ConsumerGroupMetadataKey k -> k.groupId();
            case ConsumerGroupPartitionMetadataKey k -> k.groupId();
            case ConsumerGroupMemberMetadataKey k -> k.groupId();
            case ConsumerGroupTargetAssignmentMetadataKey k -> k.groupId();
            case ConsumerGroupTargetAssignmentMemberKey k -> k.groupId();
            case ConsumerGroupCurrentMemberAssignmentKey k -> k.groupId();
            case ConsumerGroupRegularExpressionKey k -> k.groupId();
            default -> null;
        };
    }
}

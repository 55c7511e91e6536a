package io.millrace.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** What consumers embed in the classic protocol: subscriptions in JoinGroup, assignments in SyncGroup. The bytes are a client's and may be anything. */
public final class EmbeddedProtocol {
    private EmbeddedProtocol() {}

    /** The topics of an embedded subscription; null if it is not one. */
    public static @Nullable Set<String> topicsOf(byte[] metadata) {
        ConsumerProtocolSubscription subscription = subscription(metadata);
        return subscription == null ? null : new HashSet<>(subscription.topics());
    }

    /** What an embedded subscription says the member still has, as {@code topic-partition}; nothing if it is none. */
    public static Set<String> ownedOf(byte[] metadata) {
        ConsumerProtocolSubscription subscription = subscription(metadata);
        var owned = new HashSet<String>();
        if (subscription != null) {
            subscription
                    .ownedPartitions()
                    .forEach(topic ->
                            topic.partitions().forEach(partition -> owned.add(topic.topic() + "-" + partition)));
        }
        return owned;
    }

    /** An embedded subscription; null if it is not one. */
    public static @Nullable ConsumerProtocolSubscription subscription(byte[] metadata) {
        ByteBuffer bytes = ByteBuffer.wrap(metadata);
        try {
            short version = ConsumerProtocol.deserializeVersion(bytes);
            return ConsumerProtocol.deserializeConsumerProtocolSubscription(bytes, version);
        } catch (RuntimeException e) {
            // Whatever the generated reader makes of foreign bytes: it is not a subscription.
            return null;
        }
    }

    /** The partitions of an embedded assignment; null if it is not one, or carries data that only its assignor understands. */
    public static @Nullable List<TopicPartition> partitionsOf(byte[] assignment) {
        ConsumerProtocolAssignment read = assignment(assignment);
        if (read == null || (read.userData() != null && read.userData().hasRemaining())) {
            return null;
        }
        return partitions(read);
    }

    /** The partitions of an embedded assignment, as {@code topic-partition}; null if it is not one. */
    public static @Nullable List<String> partitionNamesOf(byte[] assignment) {
        ConsumerProtocolAssignment read = assignment(assignment);
        return read == null
                ? null
                : partitions(read).stream().map(TopicPartition::toString).toList();
    }

    private static @Nullable ConsumerProtocolAssignment assignment(byte[] assignment) {
        if (assignment.length == 0) {
            return new ConsumerProtocolAssignment();
        }
        ByteBuffer bytes = ByteBuffer.wrap(assignment);
        try {
            short version = ConsumerProtocol.deserializeVersion(bytes);
            return ConsumerProtocol.deserializeConsumerProtocolAssignment(bytes, version);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static List<TopicPartition> partitions(ConsumerProtocolAssignment assignment) {
        var partitions = new ArrayList<TopicPartition>();
        assignment
                .assignedPartitions()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic.topic(), partition))));
        return partitions;
    }

    /** An assignment in the version of the subscription that its member sent. */
    public static byte[] assignment(Collection<TopicPartition> partitions, byte[] subscription) {
        var assignment = new ConsumerProtocolAssignment();
        for (TopicPartition partition : partitions) {
            var topic = assignment.assignedPartitions().find(partition.topic());
            if (topic == null) {
                topic = new ConsumerProtocolAssignment.TopicPartition().setTopic(partition.topic());
                assignment.assignedPartitions().add(topic);
            }
            topic.partitions().add(partition.partition());
        }
        short version = ConsumerProtocol.deserializeVersion(ByteBuffer.wrap(subscription));
        return Utils.toArray(ConsumerProtocol.serializeAssignment(assignment, version));
    }
}

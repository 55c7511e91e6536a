package io.millrace.broker.coordinator.group.classic;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.jspecify.annotations.Nullable;

/** Reads the subscriptions that consumers embed in JoinGroup; the bytes are a client's and may be anything. */
final class Subscriptions {
    private Subscriptions() {}

    /** The topics of an embedded subscription; null if it is not one. */
    static @Nullable Set<String> topicsOf(byte[] metadata) {
        ConsumerProtocolSubscription subscription = parse(metadata);
        return subscription == null ? null : new HashSet<>(subscription.topics());
    }

    /** What an embedded subscription says the member still has, as {@code topic-partition}; nothing if it is none. */
    static Set<String> ownedOf(byte[] metadata) {
        ConsumerProtocolSubscription subscription = parse(metadata);
        var owned = new HashSet<String>();
        if (subscription != null) {
            subscription
                    .ownedPartitions()
                    .forEach(topic ->
                            topic.partitions().forEach(partition -> owned.add(topic.topic() + "-" + partition)));
        }
        return owned;
    }

    static @Nullable ConsumerProtocolSubscription parse(byte[] metadata) {
        ByteBuffer bytes = ByteBuffer.wrap(metadata);
        try {
            short version = ConsumerProtocol.deserializeVersion(bytes);
            return ConsumerProtocol.deserializeConsumerProtocolSubscription(bytes, version);
        } catch (RuntimeException e) {
            // Whatever the generated reader makes of foreign bytes: it is not a subscription.
            return null;
        }
    }

    /** The partitions of an embedded assignment, as {@code topic-partition}; null if it is not one. */
    static @Nullable List<String> partitionsOf(byte[] assignment) {
        if (assignment.length == 0) {
            return List.of();
        }
        ByteBuffer bytes = ByteBuffer.wrap(assignment);
        try {
            short version = ConsumerProtocol.deserializeVersion(bytes);
            var partitions = new ArrayList<String>();
            ConsumerProtocol.deserializeConsumerProtocolAssignment(bytes, version)
                    .assignedPartitions()
                    .forEach(topic ->
                            topic.partitions().forEach(partition -> partitions.add(topic.topic() + "-" + partition)));
            return partitions;
        } catch (RuntimeException e) {
            return null;
        }
    }
}

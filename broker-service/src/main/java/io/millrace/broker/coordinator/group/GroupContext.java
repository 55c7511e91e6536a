package io.millrace.broker.coordinator.group;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.group.consumer.HeartbeatBudget;
import io.millrace.broker.runtime.RandomSource;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What all groups of one shard share.
 *
 * @param random for member ids; on the shard's loop
 * @param image the cluster's topics, as of now
 * @param heartbeats the broker's, shared with its other shards
 */
public record GroupContext(
        GroupConfig config,
        Deadlines deadlines,
        RandomSource random,
        Supplier<ClusterImage> image,
        HeartbeatBudget heartbeats) {

    /** A new member id: the client's name for itself and a random part. */
    public String newMemberId(String prefix) {
        return prefix + "-" + newUuid();
    }

    private UUID newUuid() {
        long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}

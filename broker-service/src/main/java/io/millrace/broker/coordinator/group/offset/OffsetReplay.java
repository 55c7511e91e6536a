package io.millrace.broker.coordinator.group.offset;

import io.millrace.broker.coordinator.CoordinatorShard;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/** Brings offset records into the store, those of open transactions aside until they are decided. */
public final class OffsetReplay {
    private final OffsetStore store;
    private final PendingOffsets pending;

    public OffsetReplay(OffsetStore store, PendingOffsets pending) {
        this.store = store;
        this.pending = pending;
    }

    /** The group that has an offset now; null for tombstones and for other records. */
    public @Nullable String replay(long producerId, ApiMessage key, @Nullable ApiMessage value) {
        return switch (key) {
            case OffsetCommitKey k ->
                replay(
                        producerId,
                        k.group(),
                        k.topic(),
                        k.partition(),
                        value == null ? null : CommittedOffset.of((OffsetCommitValue) value));
            case LegacyOffsetCommitKey k ->
                replay(
                        producerId,
                        k.group(),
                        k.topic(),
                        k.partition(),
                        value == null ? null : legacy((LegacyOffsetCommitValue) value));
            default -> null;
        };
    }

    private @Nullable String replay(
            long producerId, String groupId, String topic, int partition, @Nullable CommittedOffset committed) {
        if (committed == null) {
            store.remove(groupId, topic, partition);
            return null;
        }
        if (producerId == CoordinatorShard.NO_PRODUCER_ID) {
            store.put(groupId, topic, partition, committed);
        } else {
            pending.put(producerId, groupId, topic, partition, committed);
        }
        return groupId;
    }

    private static CommittedOffset legacy(LegacyOffsetCommitValue value) {
        return new CommittedOffset(
                value.offset(),
                -1,
                value.metadata(),
                value.commitTimestamp(),
                CommittedOffset.NO_EXPIRY,
                Uuid.ZERO_UUID);
    }
}

package io.millrace.broker.coordinator.group;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.RecordCodec;
import io.millrace.broker.coordinator.group.offset.CommittedOffset;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;

/** Records of {@code __consumer_offsets} in Kafka's schemas, in the versions that Apache's brokers write. */
public final class GroupRecords {
    private static final short GROUP_METADATA_VERSION = 3;
    private static final short OFFSET_VERSION = 4;
    /** The last version that has a field for the expiry that old clients could ask for. */
    private static final short OFFSET_WITH_EXPIRY_VERSION = 1;

    private GroupRecords() {}

    /** All types that the topic may contain; those of share and streams groups included, which shards skip. */
    public static final RecordCodec CODEC = new RecordCodec() {
        @Override
        public @Nullable ApiMessage newKey(short type) {
            try {
                return CoordinatorRecordType.fromId(type).newRecordKey();
            } catch (UnsupportedVersionException e) {
                return null;
            }
        }

        @Override
        public ApiMessage newValue(short type) {
            return CoordinatorRecordType.fromId(type).newRecordValue();
        }
    };

    public static CoordinatorRecord groupMetadata(String groupId, GroupMetadataValue value) {
        return new CoordinatorRecord(new GroupMetadataKey().setGroup(groupId), value, GROUP_METADATA_VERSION);
    }

    public static CoordinatorRecord groupMetadataTombstone(String groupId) {
        return CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId));
    }

    public static CoordinatorRecord offset(String groupId, String topic, int partition, CommittedOffset committed) {
        var value = new OffsetCommitValue()
                .setOffset(committed.offset())
                .setLeaderEpoch(committed.leaderEpoch())
                .setMetadata(committed.metadata())
                .setCommitTimestamp(committed.commitTimestampMs())
                .setExpireTimestamp(committed.expireTimestampMs())
                .setTopicId(committed.topicId());
        boolean expires = committed.expireTimestampMs() != CommittedOffset.NO_EXPIRY;
        return new CoordinatorRecord(
                offsetKey(groupId, topic, partition), value, expires ? OFFSET_WITH_EXPIRY_VERSION : OFFSET_VERSION);
    }

    public static CoordinatorRecord offsetTombstone(String groupId, String topic, int partition) {
        return CoordinatorRecord.tombstone(offsetKey(groupId, topic, partition));
    }

    private static OffsetCommitKey offsetKey(String groupId, String topic, int partition) {
        return new OffsetCommitKey().setGroup(groupId).setTopic(topic).setPartition(partition);
    }
}

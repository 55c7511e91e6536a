package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.offset.CommittedOffset;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.OffsetAndMetadata;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** Our records against those that Apache's own coordinator makes, byte for byte. */
class GroupRecordsTest {
    private static final Uuid TOPIC_ID = Uuid.randomUuid();
    private final GroupCoordinatorRecordSerde apache = new GroupCoordinatorRecordSerde();

    private void assertSame(
            CoordinatorRecord ours, org.apache.kafka.coordinator.common.runtime.CoordinatorRecord theirs) {
        assertThat(ours.keyBytes()).isEqualTo(apache.serializeKey(theirs));
        assertThat(ours.valueBytes()).isEqualTo(apache.serializeValue(theirs));
        var read = apache.deserialize(
                ByteBuffer.wrap(ours.keyBytes()),
                ours.valueBytes() == null ? null : ByteBuffer.wrap(ours.valueBytes()));
        assertThat(read).isEqualTo(theirs);
        CoordinatorRecord again = GroupRecords.CODEC.decode(
                ByteBuffer.wrap(apache.serializeKey(theirs)),
                theirs.value() == null ? null : ByteBuffer.wrap(apache.serializeValue(theirs)));
        assertThat(again).isEqualTo(ours);
    }

    @Test
    void offsetCommitsAreThoseOfApache() {
        assertSame(
                GroupRecords.offset("g", "t", 3, new CommittedOffset(42, 7, "meta", 1000, -1, TOPIC_ID)),
                GroupCoordinatorRecordHelpers.newOffsetCommitRecord(
                        "g",
                        "t",
                        3,
                        new OffsetAndMetadata(42, OptionalInt.of(7), "meta", 1000, OptionalLong.empty(), TOPIC_ID)));
    }

    @Test
    void offsetCommitsWithAnExpiryOfTheirOwnAreThoseOfApache() {
        assertSame(
                GroupRecords.offset("g", "t", 3, new CommittedOffset(42, -1, "", 1000, 2000, Uuid.ZERO_UUID)),
                GroupCoordinatorRecordHelpers.newOffsetCommitRecord(
                        "g",
                        "t",
                        3,
                        new OffsetAndMetadata(
                                42, OptionalInt.empty(), "", 1000, OptionalLong.of(2000), Uuid.ZERO_UUID)));
    }

    @Test
    void tombstonesAreThoseOfApache() {
        assertSame(
                GroupRecords.offsetTombstone("g", "t", 3),
                GroupCoordinatorRecordHelpers.newOffsetCommitTombstoneRecord("g", "t", 3));
        assertSame(
                GroupRecords.groupMetadataTombstone("g"),
                GroupCoordinatorRecordHelpers.newGroupMetadataTombstoneRecord("g"));
    }

    @Test
    void groupMetadataIsReadByApache() {
        var value = new GroupMetadataValue()
                .setProtocolType("consumer")
                .setGeneration(4)
                .setProtocol("range")
                .setLeader("a")
                .setCurrentStateTimestamp(99)
                .setMembers(List.of(new GroupMetadataValue.MemberMetadata()
                        .setMemberId("a")
                        .setGroupInstanceId("i")
                        .setClientId("c")
                        .setClientHost("/127.0.0.1")
                        .setRebalanceTimeout(1)
                        .setSessionTimeout(2)
                        .setSubscription(new byte[] {1})
                        .setAssignment(new byte[] {2})));
        CoordinatorRecord ours = GroupRecords.groupMetadata("g", value);
        var read = apache.deserialize(ByteBuffer.wrap(ours.keyBytes()), ByteBuffer.wrap(ours.valueBytes()));
        assertThat(read.value().message()).isEqualTo(value);
        assertThat(read.value().version()).isEqualTo((short) 3);
    }
}

package io.millrace.broker.coordinator.group;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Moment;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A group of one shard, whichever protocol its members speak; on the shard's loop. */
public interface Group {

    String groupId();

    /** The type as ListGroups names it: {@code Classic}, {@code Consumer}. */
    String type();

    /** The protocol type as ListGroups names it; empty for a group that only commits offsets. */
    String protocolType();

    /** The state as ListGroups names it. */
    String state();

    /** Whether it has no members. */
    boolean isEmpty();

    boolean isSubscribedTo(String topic);

    /** Whether a commit for these topics from this sender is to be taken; a valid one counts as a sign of life. */
    Errors checkCommit(CommitSender sender, List<OffsetCommitRequestTopic> topics, Moment now);

    Errors checkFetch(@Nullable String memberId, int memberEpoch);

    Errors checkOffsetDelete();

    Errors checkDelete();

    /**
     * When an offset expires that was committed at {@code commitTimestampMs} for {@code topic}: the wall-clock time from which the
     * retention counts; empty while it may not expire.
     */
    OptionalLong retentionStartMs(String topic, long commitTimestampMs);

    /** Records that remove the group itself, without its offsets. */
    List<CoordinatorRecord> tombstones();
}

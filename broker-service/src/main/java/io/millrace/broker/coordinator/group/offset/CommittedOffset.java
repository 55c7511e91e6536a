package io.millrace.broker.coordinator.group.offset;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * What a group has committed for one partition.
 *
 * @param leaderEpoch epoch of the last consumed record; -1 if the client did not say
 * @param commitTimestampMs wall clock
 * @param expireTimestampMs when it expires, if an old client asked for a retention of its own; else {@link #NO_EXPIRY}
 * @param topicId zero if the commit named its topic only
 */
public record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long commitTimestampMs, long expireTimestampMs, Uuid topicId) {

    public static final long NO_EXPIRY = -1;

    static CommittedOffset of(OffsetCommitValue value) {
        return new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp(),
                value.topicId());
    }
}

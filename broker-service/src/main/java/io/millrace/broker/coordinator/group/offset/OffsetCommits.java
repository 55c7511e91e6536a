package io.millrace.broker.coordinator.group.offset;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.GroupRecords;
import java.util.ArrayList;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** OffsetCommit, once its sender is found to be entitled: one record per partition. */
public final class OffsetCommits {
    /** Retention of its own, which clients before version 5 could ask for; -1 leaves it to the broker. */
    private static final long NO_RETENTION = -1;

    private final int maxMetadataBytes;

    public OffsetCommits(int maxMetadataBytes) {
        this.maxMetadataBytes = maxMetadataBytes;
    }

    public OffsetCommitResponseData commit(OffsetCommitRequestData request, Moment now, Decision decision) {
        long commitTimestampMs = now.wallClockMs();
        long expireTimestampMs = request.retentionTimeMs() == NO_RETENTION
                ? CommittedOffset.NO_EXPIRY
                : commitTimestampMs + request.retentionTimeMs();
        var topics = new ArrayList<OffsetCommitResponseTopic>(request.topics().size());
        for (OffsetCommitRequestTopic topic : request.topics()) {
            var partitions = new ArrayList<OffsetCommitResponsePartition>(
                    topic.partitions().size());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                String metadata = partition.committedMetadata() == null ? "" : partition.committedMetadata();
                Errors error = Errors.NONE;
                if (metadata.length() > maxMetadataBytes) {
                    error = Errors.OFFSET_METADATA_TOO_LARGE;
                } else {
                    var committed = new CommittedOffset(
                            partition.committedOffset(),
                            partition.committedLeaderEpoch(),
                            metadata,
                            commitTimestampMs,
                            expireTimestampMs,
                            topic.topicId());
                    decision.append(GroupRecords.offset(
                            request.groupId(), topic.name(), partition.partitionIndex(), committed));
                }
                partitions.add(new OffsetCommitResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorCode(error.code()));
            }
            topics.add(new OffsetCommitResponseTopic()
                    .setName(topic.name())
                    .setTopicId(topic.topicId())
                    .setPartitions(partitions));
        }
        return new OffsetCommitResponseData().setTopics(topics);
    }

    /** The response that gives every partition the same error. */
    public static OffsetCommitResponseData refusal(OffsetCommitRequestData request, Errors error) {
        var response = new OffsetCommitResponseData();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            var refused = new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            topic.partitions()
                    .forEach(partition -> refused.partitions()
                            .add(new OffsetCommitResponsePartition()
                                    .setPartitionIndex(partition.partitionIndex())
                                    .setErrorCode(error.code())));
            response.topics().add(refused);
        }
        return response;
    }
}

package io.millrace.broker.coordinator.group.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** OffsetFetch of one group: the asked partitions, or everything it has. */
public final class OffsetFetches {
    private static final long NO_OFFSET = -1;
    private static final int NO_EPOCH = -1;

    private final OffsetStore store;
    private final PendingOffsets pending;

    public OffsetFetches(OffsetStore store, PendingOffsets pending) {
        this.store = store;
        this.pending = pending;
    }

    /**
     * Offsets of one group.
     *
     * @param requireStable offsets with an undecided transactional commit are refused for now
     */
    public OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request, boolean requireStable) {
        String groupId = request.groupId();
        var topics = new ArrayList<OffsetFetchResponseTopics>();
        if (request.topics() == null) {
            store.group(groupId)
                    .forEach((topic, offsets) -> topics.add(
                            topic(groupId, topic, Uuid.ZERO_UUID, List.copyOf(offsets.keySet()), requireStable)));
        } else {
            for (OffsetFetchRequestTopics asked : request.topics()) {
                topics.add(topic(groupId, asked.name(), asked.topicId(), asked.partitionIndexes(), requireStable));
            }
        }
        return new OffsetFetchResponseGroup().setGroupId(groupId).setTopics(topics);
    }

    private OffsetFetchResponseTopics topic(
            String groupId, String topic, Uuid topicId, List<Integer> partitions, boolean requireStable) {
        Map<Integer, CommittedOffset> offsets = store.topic(groupId, topic);
        var answers = new ArrayList<OffsetFetchResponsePartitions>(partitions.size());
        for (int partition : partitions) {
            boolean unstable = requireStable && pending.isPending(groupId, topic, partition);
            answers.add(partition(partition, unstable ? null : offsets.get(partition), unstable));
        }
        return new OffsetFetchResponseTopics()
                .setName(topic)
                .setTopicId(topicId)
                .setPartitions(answers);
    }

    private static OffsetFetchResponsePartitions partition(
            int partition, @Nullable CommittedOffset committed, boolean unstable) {
        var answer = new OffsetFetchResponsePartitions().setPartitionIndex(partition);
        if (committed != null) {
            return answer.setCommittedOffset(committed.offset())
                    .setCommittedLeaderEpoch(committed.leaderEpoch())
                    .setMetadata(committed.metadata());
        }
        return answer.setCommittedOffset(NO_OFFSET)
                .setCommittedLeaderEpoch(NO_EPOCH)
                .setMetadata("")
                .setErrorCode((unstable ? Errors.UNSTABLE_OFFSET_COMMIT : Errors.NONE).code());
    }

    /** A group that has nothing: every asked partition without an offset. */
    public static OffsetFetchResponseGroup nothing(OffsetFetchRequestGroup request) {
        var topics = new ArrayList<OffsetFetchResponseTopics>();
        if (request.topics() != null) {
            for (OffsetFetchRequestTopics asked : request.topics()) {
                topics.add(new OffsetFetchResponseTopics()
                        .setName(asked.name())
                        .setTopicId(asked.topicId())
                        .setPartitions(asked.partitionIndexes().stream()
                                .map(partition -> partition(partition, null, false))
                                .toList()));
            }
        }
        return new OffsetFetchResponseGroup().setGroupId(request.groupId()).setTopics(topics);
    }
}

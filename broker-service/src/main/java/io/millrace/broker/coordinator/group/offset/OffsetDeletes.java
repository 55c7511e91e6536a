package io.millrace.broker.coordinator.group.offset;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How committed offsets go: asked for, with their group, with their topic, or by age; each way is a tombstone. */
public final class OffsetDeletes {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetDeletes.class);

    private final OffsetStore store;
    private final PendingOffsets pending;
    private final long retentionMs;

    public OffsetDeletes(OffsetStore store, PendingOffsets pending, long retentionMs) {
        this.store = store;
        this.pending = pending;
        this.retentionMs = retentionMs;
    }

    public OffsetDeleteResponseData delete(Group group, OffsetDeleteRequestData request, Decision decision) {
        var response = new OffsetDeleteResponseData();
        request.topics().forEach(topic -> {
            boolean subscribed = group.isSubscribedTo(topic.name());
            var answer = new OffsetDeleteResponseTopic().setName(topic.name());
            topic.partitions().forEach(partition -> {
                int index = partition.partitionIndex();
                Errors error = subscribed ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE;
                if (!subscribed && store.get(group.groupId(), topic.name(), index) != null) {
                    decision.append(GroupRecords.offsetTombstone(group.groupId(), topic.name(), index));
                }
                answer.partitions()
                        .add(new OffsetDeleteResponsePartition()
                                .setPartitionIndex(index)
                                .setErrorCode(error.code()));
            });
            response.topics().add(answer);
        });
        return response;
    }

    /** Tombstones for all offsets of a group. */
    public List<CoordinatorRecord> tombstones(String groupId) {
        var records = new ArrayList<CoordinatorRecord>();
        store.group(groupId)
                .forEach((topic, offsets) -> offsets.keySet()
                        .forEach(partition -> records.add(GroupRecords.offsetTombstone(groupId, topic, partition))));
        return records;
    }

    /** Tombstones for a group's offsets in topics that are gone. */
    public List<CoordinatorRecord> tombstonesOf(String groupId, Set<String> deletedTopics) {
        var records = new ArrayList<CoordinatorRecord>();
        for (String topic : deletedTopics) {
            store.topic(groupId, topic)
                    .keySet()
                    .forEach(partition -> records.add(GroupRecords.offsetTombstone(groupId, topic, partition)));
        }
        return records;
    }

    /** Appends tombstones for offsets past their retention; true if the group is left without any. */
    public boolean expire(Group group, long nowMs, Decision decision) {
        String groupId = group.groupId();
        boolean[] remaining = {pending.hasAny(groupId)};
        store.group(groupId)
                .forEach((topic, offsets) -> offsets.forEach((partition, committed) -> {
                    if (!pending.isPending(groupId, topic, partition) && isExpired(group, topic, committed, nowMs)) {
                        LOG.debug("[GroupId {}] Expired offset for partition={}-{}", groupId, topic, partition);
                        decision.append(GroupRecords.offsetTombstone(groupId, topic, partition));
                    } else {
                        remaining[0] = true;
                    }
                }));
        return !remaining[0];
    }

    private boolean isExpired(Group group, String topic, CommittedOffset committed, long nowMs) {
        var start = group.retentionStartMs(topic, committed.commitTimestampMs());
        if (start.isEmpty()) {
            return false;
        }
        return committed.expireTimestampMs() == CommittedOffset.NO_EXPIRY
                ? nowMs - start.getAsLong() >= retentionMs
                : nowMs >= committed.expireTimestampMs();
    }
}

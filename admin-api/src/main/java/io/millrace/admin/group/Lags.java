package io.millrace.admin.group;

import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.cluster.OffsetHistory;
import io.millrace.admin.group.GroupSnapshot.Committed;
import io.millrace.admin.group.GroupSnapshot.GroupState;
import io.millrace.admin.group.GroupSnapshot.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** How far groups are behind: in records, and in seconds since the first uncommitted record was appended. */
final class Lags {
    /** How the seconds were found: nothing is pending, the append was seen, or the record's own timestamp says so. */
    enum Basis {
        CAUGHT_UP,
        OBSERVED,
        RECORD_TIMESTAMP,
        UNKNOWN
    }

    /**
     * One partition that a group committed for or is assigned.
     *
     * @param lag never negative; absent without a commit or while the partition is offline
     */
    record PartitionLag(
            String topic,
            int partition,
            @Nullable Long committed,
            @Nullable Long beginningOffset,
            @Nullable Long endOffset,
            @Nullable Long lag,
            @Nullable Double lagSeconds,
            Basis basis,
            @Nullable String memberId,
            @Nullable String clientId,
            @Nullable String host,
            @Nullable String metadata) {

        PartitionLag withSeconds(double seconds, Basis found) {
            return new PartitionLag(
                    topic,
                    partition,
                    committed,
                    beginningOffset,
                    endOffset,
                    lag,
                    seconds,
                    found,
                    memberId,
                    clientId,
                    host,
                    metadata);
        }
    }

    /** Several partitions together: the records add up, the seconds are the worst; absent while some are unknown. */
    record Total(int partitions, long lag, @Nullable Double lagSeconds) {}

    private Lags() {}

    static Total total(List<PartitionLag> lags) {
        long records = 0;
        double worst = -1;
        boolean known = true;
        for (PartitionLag lag : lags) {
            if (lag.lag() != null) {
                records += lag.lag();
                known &= lag.basis() != Basis.UNKNOWN;
            }
            if (lag.lagSeconds() != null) worst = Math.max(worst, lag.lagSeconds());
        }
        return new Total(lags.size(), records, known && worst >= 0 ? (Double) worst : null);
    }

    static List<PartitionLag> of(GroupState group, String clusterId, Clusters clusters, ClusterSnapshot snapshot) {
        Map<TopicPartition, Member> owners = new HashMap<>();
        for (Member member : group.members()) {
            for (TopicPartition partition : member.assigned()) owners.put(partition, member);
        }
        TreeSet<TopicPartition> partitions =
                new TreeSet<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        partitions.addAll(owners.keySet());
        partitions.addAll(group.offsets().keySet());
        List<PartitionLag> result = new ArrayList<>(partitions.size());
        long nowMs = System.currentTimeMillis();
        OffsetHistory history = clusters.history(clusterId);
        for (TopicPartition partition : partitions) {
            result.add(one(partition, group.offsets().get(partition), owners.get(partition), snapshot, history, nowMs));
        }
        return result;
    }

    private static PartitionLag one(
            TopicPartition partition,
            @Nullable Committed committed,
            @Nullable Member owner,
            ClusterSnapshot snapshot,
            OffsetHistory history,
            long nowMs) {
        PartitionState state = snapshot.partition(partition);
        Long end = state == null ? null : state.endOffset();
        Long beginning = state == null ? null : state.beginningOffset();
        Long lag = null;
        Double seconds = null;
        Basis basis = Basis.UNKNOWN;
        if (committed != null && end != null) {
            // A commit below the log start owes only what is still there.
            long from = beginning == null ? committed.offset() : Math.max(committed.offset(), beginning);
            lag = Math.max(0, end - from);
            Long appendedMs = history.appendedAtMs(partition, from);
            if (lag == 0) {
                seconds = 0.0;
                basis = Basis.CAUGHT_UP;
            } else if (appendedMs != null) {
                seconds = Math.max(0, nowMs - appendedMs) / 1000.0;
                basis = Basis.OBSERVED;
            }
        }
        return new PartitionLag(
                partition.topic(),
                partition.partition(),
                committed == null ? null : committed.offset(),
                beginning,
                end,
                lag,
                seconds,
                basis,
                owner == null ? null : owner.memberId(),
                owner == null ? null : owner.clientId(),
                owner == null ? null : owner.host(),
                committed == null || committed.metadata().isEmpty() ? null : committed.metadata());
    }
}

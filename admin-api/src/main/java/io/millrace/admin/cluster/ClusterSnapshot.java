package io.millrace.admin.cluster;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster looked like at one moment. Immutable.
 *
 * @param topics by name, in alphabetical order
 * @param warnings what could not be read, and why
 */
public record ClusterSnapshot(
        Instant asOf,
        String kafkaClusterId,
        @Nullable Integer controllerId,
        List<BrokerState> brokers,
        Map<String, TopicState> topics,
        List<Warning> warnings) {

    /** A broker; {@code online} is false when replicas name it but the cluster does not list it, or it is fenced. */
    public record BrokerState(
            int id,
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String rack,
            boolean online) {}

    public record TopicState(String name, String id, boolean internal, List<PartitionState> partitions) {

        /** One copy of everything: replicas are not counted twice. */
        public long sizeBytes() {
            return partitions.stream().mapToLong(PartitionState::sizeBytes).sum();
        }

        /** Upper bound of the records kept: compaction and transactions leave gaps between the offsets. */
        public long offsetCount() {
            return partitions.stream()
                    .filter(p -> p.endOffset() != null && p.beginningOffset() != null)
                    .mapToLong(PartitionState::offsetCount)
                    .sum();
        }

        public int replicationFactor() {
            return partitions.stream().mapToInt(p -> p.replicas().size()).max().orElse(0);
        }

        public long underReplicated() {
            return partitions.stream().filter(PartitionState::underReplicated).count();
        }

        public long underMinIsr() {
            return partitions.stream().filter(PartitionState::underMinIsr).count();
        }

        public long offline() {
            return partitions.stream().filter(p -> p.leader() == null).count();
        }
    }

    /**
     * One partition.
     *
     * @param leader absent while the partition is offline
     * @param leaderEpoch in which its leader last wrote; absent while the leader does not answer
     * @param minInSyncReplicas its topic's {@code min.insync.replicas}; only looked up where a replica is out of sync
     * @param beginningOffset absent when its leader could not be asked; so is {@code endOffset}
     * @param replicaStates by broker id, for the replicas whose log directories answered
     */
    public record PartitionState(
            int partition,
            @Nullable Integer leader,
            @Nullable Integer leaderEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            @Nullable Integer minInSyncReplicas,
            @Nullable Long beginningOffset,
            @Nullable Long endOffset,
            Map<Integer, ReplicaState> replicaStates) {

        public boolean underReplicated() {
            return isr.size() < replicas.size();
        }

        /** Whether producers with acks=all are refused for now. */
        public boolean underMinIsr() {
            return minInSyncReplicas != null && isr.size() < minInSyncReplicas;
        }

        /** Whether the first replica is in sync and another one leads. */
        public boolean preferredCouldLead() {
            Integer preferred = replicas.getFirst();
            return !preferred.equals(leader) && isr.contains(preferred);
        }

        public long offsetCount() {
            return endOffset == null || beginningOffset == null ? 0 : Math.max(0, endOffset - beginningOffset);
        }

        /** Size of the leader's log, or of the largest replica when the leader's is unknown. */
        public long sizeBytes() {
            ReplicaState atLeader = leader == null ? null : replicaStates.get(leader);
            if (atLeader != null) return atLeader.sizeBytes();
            return replicaStates.values().stream()
                    .mapToLong(ReplicaState::sizeBytes)
                    .max()
                    .orElse(0);
        }
    }

    /** A replica as its broker's log directories tell; the lag is in offsets behind the leader's end. */
    public record ReplicaState(String logDir, long sizeBytes, long offsetLag, boolean future) {}

    /** Something that could not be read; the rest of the answer stands. */
    public record Warning(@Nullable Integer broker, String code, String detail) {}

    public Stream<BrokerState> onlineBrokers() {
        return brokers.stream().filter(BrokerState::online);
    }

    /** Partitions are in their order and mostly without gaps, so that most are found at their own number. */
    public @Nullable PartitionState partition(TopicPartition wanted) {
        TopicState topic = topics.get(wanted.topic());
        if (topic == null) return null;
        if (wanted.partition() >= 0 && wanted.partition() < topic.partitions().size()) {
            PartitionState there = topic.partitions().get(wanted.partition());
            if (there.partition() == wanted.partition()) return there;
        }
        return topic.partitions().stream()
                .filter(p -> p.partition() == wanted.partition())
                .findFirst()
                .orElse(null);
    }

    public Set<String> topicNames() {
        return topics.keySet();
    }
}

package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.replication.Partition;
import io.millrace.broker.replication.Partitions;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Finds partitions that must be led by this broker, or the reason why they are not; any thread. */
record LedPartitions(Cluster cluster, Partitions partitions) {

    /** Either a partition and NONE, or no partition and an error. */
    record Found(@Nullable Partition partition, Errors error) {}

    Found find(String topic, int number) {
        Partition partition = partitions.find(topic, number);
        if (partition != null) {
            Errors error = partition.leaderError();
            return new Found(error == Errors.NONE ? partition : null, error);
        }
        Topic known = cluster.image().topic(topic);
        boolean elsewhere = known != null && number >= 0 && number < known.partitionCount();
        return new Found(null, elsewhere ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }
}

package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import io.millrace.broker.cluster.ClusterImage.Topic;
import io.millrace.broker.replication.Partition;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.network.ListenerName;
import org.jspecify.annotations.Nullable;

/** Who leads a partition, for a client that asked the wrong broker (KIP-951): it goes on without asking for metadata first. */
record CurrentLeader(
        int leaderId, int leaderEpoch, @Nullable Node node) {

    private static final CurrentLeader UNKNOWN = new CurrentLeader(-1, -1, null);

    /** As this broker's replica knows it, which may be newer than the image, or else as the image does. */
    static CurrentLeader of(
            @Nullable Partition hosted,
            ClusterImage image,
            @Nullable Topic topic,
            int partition,
            ListenerName listener) {
        if (hosted != null && hosted.role().leaderEpoch() >= 0) {
            return known(hosted.role().leaderId(), hosted.role().leaderEpoch(), image, listener);
        }
        PartitionRegistration registration = topic == null ? null : topic.partition(partition);
        return registration == null
                ? UNKNOWN
                : known(registration.leader(), registration.leaderEpoch(), image, listener);
    }

    private static CurrentLeader known(int leaderId, int leaderEpoch, ClusterImage image, ListenerName listener) {
        return new CurrentLeader(leaderId, leaderEpoch, new LiveNodes(image, listener).find(leaderId));
    }
}

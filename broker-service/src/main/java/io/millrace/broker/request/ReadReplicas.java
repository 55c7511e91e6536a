package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.network.Request;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.replication.Partition;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.replica.ClientMetadata.DefaultClientMetadata;
import org.apache.kafka.common.replica.PartitionView.DefaultPartitionView;
import org.apache.kafka.common.replica.ReplicaSelector;
import org.apache.kafka.common.replica.ReplicaView;
import org.apache.kafka.common.replica.ReplicaView.DefaultReplicaView;
import org.jspecify.annotations.Nullable;

/** Sends consumers to the replica that is best for them to read from (KIP-392), if {@code replica.selector.class} is set. Any thread. */
final class ReadReplicas {

    /** The first version in which a consumer says where it is. */
    private static final short FIRST_VERSION_WITH_RACKS = 11;

    private final BrokerServices broker;
    private final @Nullable ReplicaSelector selector;

    ReadReplicas(BrokerServices broker) {
        this.broker = broker;
        this.selector = broker.config().replicaSelector();
    }

    /** Whether consumers may be reading from followers, which then should learn of each new high watermark at once. */
    boolean followersAreRead() {
        return selector != null;
    }

    /** Whether a consumer that asks in {@code version} may be served by any replica. */
    static boolean anyServes(short version) {
        return version >= FIRST_VERSION_WITH_RACKS;
    }

    /** The broker that the consumer should rather ask; -1 if this leader serves it. */
    int preferred(Request request, String rack, Partition partition, long fetchOffset) {
        ReplicaSelector deciding = selector;
        if (deciding == null
                || !anyServes(request.apiVersion())
                || !partition.role().leader()) {
            return -1;
        }
        ClientContext client = request.client();
        ClusterImage image = broker.cluster().image();
        int self = broker.config().brokerId();
        ReplicaView leader = view(image, client, self, partition.snapshot().logEndOffset(), 0);
        if (leader == null) {
            return -1;
        }
        Set<ReplicaView> readable = new HashSet<>(Set.of(leader));
        for (Partition.Follower follower : partition.followersWith(fetchOffset)) {
            ReplicaView view = view(image, client, follower.brokerId(), follower.logEndOffset(), follower.lagMs());
            if (view != null) {
                readable.add(view);
            }
        }
        Optional<ReplicaView> selected = deciding.select(
                partition.id().topicPartition(),
                new DefaultClientMetadata(
                        rack,
                        client.clientId() == null ? "" : client.clientId(),
                        client.address(),
                        client.principal(),
                        client.listener().value()),
                new DefaultPartitionView(readable, leader));
        return selected.map(view -> view.endpoint().id())
                .filter(id -> id != self)
                .orElse(-1);
    }

    /** Null for a broker that is not there for the client. */
    private static @Nullable ReplicaView view(
            ClusterImage image, ClientContext client, int brokerId, long logEndOffset, long lagMs) {
        ClusterImage.Broker registered = image.broker(brokerId);
        Node node = registered == null || registered.fenced() ? null : registered.node(client.listener());
        return node == null ? null : new DefaultReplicaView(node, logEndOffset, lagMs);
    }
}

package io.millrace.broker.cluster;

import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.jspecify.annotations.Nullable;

/**
 * Follows who the active controller is. When this node becomes it, every broker is checked: each has a fresh session then, and no
 * connection that could break. On the metadata loader's thread.
 */
final class LeaderPublisher implements MetadataPublisher {

    private final int nodeId;
    private final ControllerRoute route;
    private final @Nullable BrokerFencing fencing;
    private boolean leading;

    /** @param fencing null on a node without the controller role */
    LeaderPublisher(int nodeId, ControllerRoute route, @Nullable BrokerFencing fencing) {
        this.nodeId = nodeId;
        this.route = route;
        this.fencing = fencing;
    }

    @Override
    public String name() {
        return "LeaderPublisher";
    }

    @Override
    public void onControllerChange(LeaderAndEpoch leader) {
        route.controllerChanged(leader);
        boolean leads = leader.isLeader(nodeId);
        if (fencing != null && leads && !leading) {
            fencing.beginToLead(nodeId);
        } else if (fencing != null && !leads) {
            fencing.ceaseToLead();
        }
        leading = leads;
    }

    @Override
    public void onMetadataUpdate(MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {}
}

package io.millrace.broker.cluster;

import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.raft.LeaderAndEpoch;

/**
 * Has every broker checked when this node becomes the active controller: each has a fresh session then, and no connection that
 * could break. On the metadata loader's thread.
 */
final class TakeoverPublisher implements MetadataPublisher {

    private final int nodeId;
    private final BrokerFencing fencing;
    private boolean leading;

    TakeoverPublisher(int nodeId, BrokerFencing fencing) {
        this.nodeId = nodeId;
        this.fencing = fencing;
    }

    @Override
    public String name() {
        return "TakeoverPublisher";
    }

    @Override
    public void onControllerChange(LeaderAndEpoch leader) {
        boolean leads = leader.isLeader(nodeId);
        if (leads && !leading) {
            fencing.suspectAll(nodeId);
        }
        leading = leads;
    }

    @Override
    public void onMetadataUpdate(MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {}
}

package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.EndQuorumEpochRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.RaftUtil;
import org.apache.kafka.raft.ReplicaKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this voter look for a new active controller as soon as the old one's process is dead, instead of after
 * {@code controller.quorum.fetch.timeout.ms}: when its connection breaks and its port refuses, the EndQuorumEpoch that it had no time to
 * send is taken as received.
 *
 * <p>That only shortens a timeout, so it needs no trust: whoever is elected needs a majority's votes in a later epoch. Any thread.
 */
final class ControllerSuccession {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerSuccession.class);

    /** What happens after a probe has ended by itself is another matter. */
    private static final long PROBE_LASTS_NS = TimeUnit.MILLISECONDS.toNanos(PortProbe.LASTS_MS);

    private final ClusterConfig config;
    private final QuorumEngine engine;
    private final ClusterTimer timer;
    private final PortProbe probe;
    private final Supplier<MetadataImage> image;
    private int probedEpoch = -1;
    private long probedNs;

    ControllerSuccession(ClusterConfig config, QuorumEngine engine, ClusterTimer timer, Supplier<MetadataImage> image) {
        this.config = config;
        this.engine = engine;
        this.timer = timer;
        this.probe = new PortProbe(timer);
        this.image = image;
    }

    /** A fetch from that node has found no connection to it, or lost it. */
    void unreachable(Node node) {
        LeaderAndEpoch leader = engine.raft().leaderAndEpoch();
        if (leader.isLeader(node.id()) && beginProbe(leader.epoch())) {
            probe.whenRefused(
                    "controller-" + node.id(),
                    node.host(),
                    node.port(),
                    () -> engine.raft().leaderAndEpoch().equals(leader),
                    () -> true,
                    () -> succeed(leader));
        }
    }

    /** One probe at a time: fetches are tried again, and fail again, many times while it lasts. */
    private synchronized boolean beginProbe(int epoch) {
        long nowNs = timer.nowNs();
        if (epoch == probedEpoch && nowNs - probedNs < PROBE_LASTS_NS) {
            return false;
        }
        probedEpoch = epoch;
        probedNs = nowNs;
        return true;
    }

    private void succeed(LeaderAndEpoch dead) {
        LOG.info(
                "controller {} (epoch {}) is gone: its connection broke and its port refuses; looking for another",
                dead.leaderId().orElseThrow(),
                dead.epoch());
        // The dead one's order of successors: whoever is later in it waits longer, so that votes are not split.
        List<ReplicaKey> successors = new ArrayList<>();
        for (int id : new TreeSet<>(image.get().cluster().controllers().keySet())) {
            if (!dead.isLeader(id)) {
                successors.add(
                        ReplicaKey.of(id, id == config.nodeId() ? config.metadataDirectoryId() : Uuid.ZERO_UUID));
            }
        }
        EndQuorumEpochRequestData resignation = RaftUtil.singletonEndQuorumEpochRequest(
                QuorumEngine.METADATA,
                config.clusterId(),
                dead.epoch(),
                dead.leaderId().orElseThrow(),
                successors);
        var _ = engine.answer(
                engine.channel().listenerName(), 0, ApiKeys.END_QUORUM_EPOCH.latestVersion(), resignation);
    }
}

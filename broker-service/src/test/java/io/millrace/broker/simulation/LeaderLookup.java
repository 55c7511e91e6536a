package io.millrace.broker.simulation;

import io.millrace.broker.cluster.ClusterImage.PartitionRegistration;
import java.util.ArrayList;
import java.util.List;

/** What one client knows about the leader of a partition: from any broker's metadata, but never older than before. */
final class LeaderLookup {

    private final World world;
    private final int partition;
    private int leaderId = -1;
    private int leaderEpoch = -1;

    LeaderLookup(World world, int partition) {
        this.world = world;
        this.partition = partition;
    }

    int leaderId() {
        return leaderId;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    /** Asks some broker who leads; null if that is not known or cannot be reached. */
    SimulatedBroker.Incarnation leader() {
        List<SimulatedBroker.Incarnation> reachable = new ArrayList<>();
        for (SimulatedBroker broker : world.brokers()) {
            SimulatedBroker.Incarnation running = world.reach(SimulatedNetwork.CLIENTS, broker.id());
            if (running != null) {
                reachable.add(running);
            }
        }
        if (reachable.isEmpty()) {
            return null;
        }
        SimulatedImage image = (SimulatedImage)
                reachable.get(world.random.nextInt(reachable.size())).image();
        PartitionRegistration registration = image.topic().partition(partition);
        if (registration == null || registration.leaderEpoch() < leaderEpoch || registration.leader() < 0) {
            return null;
        }
        leaderEpoch = registration.leaderEpoch();
        leaderId = registration.leader();
        return world.reach(SimulatedNetwork.CLIENTS, leaderId);
    }

    /** Whether whom this client takes for the leader leads, and knows it, as nobody but the simulation can tell. */
    boolean isStillLeader() {
        PartitionRegistration now = world.controller.image().topic().partition(partition);
        SimulatedBroker.Incarnation running = world.broker(leaderId).running();
        return now.leader() == leaderId
                && running != null
                && running.partition(partition) != null
                && running.partition(partition).role().leaderEpoch() == now.leaderEpoch();
    }
}

package io.millrace.broker.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Peers that do nothing by themselves: what a partition asks of them is written down, and the test answers. */
public final class NoPeers implements FollowerFetches, IsrController {

    record Asked(Proposal proposal, Consumer<Answer> answered) {}

    final List<String> fetches = new ArrayList<>();
    final List<Asked> proposals = new ArrayList<>();
    boolean eligible = true;

    @Override
    public void follow(Partition partition, int leaderId, int leaderEpoch, FetchPosition position) {
        fetches.add("from " + leaderId + "@" + leaderEpoch + " at " + position.fetchOffset());
    }

    @Override
    public void stop(Partition partition) {
        fetches.add("stop");
    }

    @Override
    public boolean mayJoin(Member member) {
        return eligible;
    }

    @Override
    public void propose(Proposal proposal, Consumer<Answer> answered) {
        proposals.add(new Asked(proposal, answered));
    }
}

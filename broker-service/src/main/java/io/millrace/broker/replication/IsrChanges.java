package io.millrace.broker.replication;

import io.millrace.broker.replication.IsrController.Answer;
import io.millrace.broker.replication.IsrController.Member;
import io.millrace.broker.replication.IsrController.Proposal;
import io.millrace.broker.replication.Partition.Role;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The change of one partition's ISR that its leader has asked the controller for: at most one at a time; on the partition's loop.
 *
 * <p>While it is not known whether the controller has agreed, both ISRs may be the true one. So the high watermark respects all
 * members of either: the maximal ISR (KIP-497).
 */
final class IsrChanges {

    private static final Logger LOG = LoggerFactory.getLogger(IsrChanges.class);

    private static final long RETRY_BACKOFF_MS = 50;

    /** A refused replica is asked for again when this broker may have caught up with what the controller knows about it. */
    private static final long REFUSED_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Takes over what the controller has agreed to. */
    interface Adoption {
        void agreed(List<Integer> isr, int leaderEpoch, int partitionEpoch);
    }

    private final TopicIdPartition id;
    private final EventLoop loop;
    private final Clock clock;
    private final IsrController controller;
    private final Adoption adoption;
    private @Nullable Proposal pending;
    private List<Integer> maximal = List.of();
    private long refusedNs;
    private boolean refused;

    IsrChanges(TopicIdPartition id, EventLoop loop, Clock clock, IsrController controller, Adoption adoption) {
        this.id = id;
        this.loop = loop;
        this.clock = clock;
        this.controller = controller;
        this.adoption = adoption;
    }

    /** Everybody who may be in sync as far as the controller is concerned. */
    List<Integer> maximal(Role role) {
        return pending == null ? role.isr() : maximal;
    }

    /** Whether a change may be asked for. */
    boolean mayPropose() {
        if (refused && clock.monotonicNs() - refusedNs < REFUSED_BACKOFF_NS) {
            return false;
        }
        refused = false;
        return pending == null;
    }

    boolean mayJoin(Member member) {
        return controller.mayJoin(member);
    }

    void propose(Role role, List<Member> isr) {
        Proposal proposal = new Proposal(id, role.leaderEpoch(), role.partitionEpoch(), List.copyOf(isr));
        List<Integer> both = new ArrayList<>(role.isr());
        proposal.brokerIds().stream().filter(member -> !both.contains(member)).forEach(both::add);
        pending = proposal;
        maximal = List.copyOf(both);
        LOG.info(
                "{}: asking for ISR {} instead of {} (leader epoch {})",
                id.topicPartition(),
                proposal.brokerIds(),
                role.isr(),
                role.leaderEpoch());
        ask(proposal);
    }

    private void ask(Proposal proposal) {
        controller.propose(proposal, answer -> loop.execute(() -> answered(proposal, answer)));
    }

    private void answered(Proposal proposal, Answer answer) {
        if (!proposal.equals(pending)) {
            return; // The metadata was faster.
        }
        switch (answer.error()) {
            case NONE -> {
                // A change that completes a reassignment begins another leader epoch. What was agreed is then in sync
                // by the
                // controller's books, but not in the epoch that this broker leads in: it stays waited for until the
                // metadata comes.
                if (answer.leaderEpoch() == proposal.leaderEpoch()) {
                    pending = null;
                    adoption.agreed(answer.isr(), answer.leaderEpoch(), answer.partitionEpoch());
                }
            }
            case INELIGIBLE_REPLICA, OPERATION_NOT_ATTEMPTED -> {
                pending = null;
                refused = true;
                refusedNs = clock.monotonicNs();
            }
            // The partition has changed meanwhile, and the metadata that says how is on its way; until then nothing is
            // certain.
            case FENCED_LEADER_EPOCH,
                    INVALID_UPDATE_VERSION,
                    NEW_LEADER_ELECTED,
                    UNKNOWN_TOPIC_ID,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    INVALID_REQUEST ->
                LOG.info("{}: the controller refuses the change of the ISR: {}", id.topicPartition(), answer.error());
            default -> {
                LOG.info("{}: no change of the ISR yet: {}; asking again", id.topicPartition(), answer.error());
                EventLoop.Timer _ = loop.schedule(() -> askAgain(proposal), RETRY_BACKOFF_MS);
            }
        }
    }

    private void askAgain(Proposal proposal) {
        if (proposal.equals(pending)) {
            ask(proposal);
        }
    }

    /** The metadata, or the end of the replica here, settles what was asked in an earlier state of the partition. */
    void settled(Role role) {
        Proposal asked = pending;
        if (asked != null
                && (!role.leader()
                        || role.leaderEpoch() != asked.leaderEpoch()
                        || role.partitionEpoch() > asked.partitionEpoch())) {
            pending = null;
        }
    }
}

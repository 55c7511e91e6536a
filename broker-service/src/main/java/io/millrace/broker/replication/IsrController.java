package io.millrace.broker.replication;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.protocol.Errors;

/** The controller as leaders see it, who must agree to every change of an ISR (AlterPartition). Any thread. */
public interface IsrController {

    /** A replica and the epoch of the broker's registration under which it fetched; -1 where that is not known. */
    record Member(int brokerId, long brokerEpoch) {}

    /** What a leader asks for; {@code leaderEpoch} and {@code partitionEpoch} are those it knows. */
    record Proposal(TopicIdPartition partition, int leaderEpoch, int partitionEpoch, List<Member> isr) {

        List<Integer> brokerIds() {
            return isr.stream().map(Member::brokerId).toList();
        }
    }

    /** The partition as it is now; only {@code error} means anything where that is not NONE. */
    record Answer(Errors error, List<Integer> isr, int leaderEpoch, int partitionEpoch) {

        static Answer refused(Errors error) {
            return new Answer(error, List.of(), -1, -1);
        }
    }

    /** Whether a replica on that broker, in that registration, may be in sync: it is neither fenced nor shutting down. */
    boolean mayJoin(Member member);

    /** Asks the controller; {@code answered} is called once, on any thread, or never when this broker stops before. */
    void propose(Proposal proposal, Consumer<Answer> answered);
}

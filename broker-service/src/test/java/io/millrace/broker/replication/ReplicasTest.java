package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.replication.IsrController.Answer;
import io.millrace.broker.replication.NoPeers.Asked;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas over real logs, with the metadata and every fetch in the hands of the test: truncation, high watermark, ISR. */
class ReplicasTest {

    private static final List<Integer> BOTH = List.of(1, 2);

    @TempDir
    Path directory;

    private final List<Replica> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(Replica::close);
    }

    private Replica replica(int brokerId) {
        Replica replica = new Replica(brokerId, directory.resolve("broker-" + brokerId), 1);
        open.add(replica);
        return replica;
    }

    /** The process ends and begins again with the files that are there. */
    private Replica restart(Replica replica) {
        open.remove(replica);
        replica.close();
        return replica(replica.brokerId);
    }

    private void learn(Replica replica, int leader, int leaderEpoch, int partitionEpoch, List<Integer> isr) {
        replica.learn(leader, leaderEpoch, partitionEpoch, BOTH, isr);
    }

    @Test
    void aRestartedFollowerKeepsAcknowledgedRecordsAboveItsHighWatermarkWhenTheLeaderDies() {
        Replica leader = replica(1);
        Replica follower = replica(2);
        learn(leader, 1, 0, 0, BOTH);
        learn(follower, 1, 0, 0, BOTH);
        leader.append("m1", -1);
        follower.fetchFrom(leader);
        follower.fetchFrom(leader);
        leader.append("m2", -1);
        follower.fetchFrom(leader);
        // The leader is told that the follower has m2, and acknowledges it; its answer with the new high watermark is
        // lost.
        leader.partition.followerFetched(2, 0, 2, 0, 102);
        assertThat(leader.answers).containsExactly("m1 NONE", "m2 NONE");
        assertThat(follower.partition.snapshot().highWatermark()).isEqualTo(1);

        follower = restart(follower);
        learn(follower, 1, 0, 0, BOTH);
        assertThat(follower.values()).containsExactly("m1", "m2");
        learn(follower, 2, 1, 1, List.of(2));
        assertThat(follower.values()).containsExactly("m1", "m2");

        leader = restart(leader);
        learn(leader, 2, 1, 1, List.of(2));
        leader.fetchFrom(follower);
        leader.fetchFrom(follower);
        assertThat(leader.values()).containsExactly("m1", "m2");
        assertThat(leader.partition.snapshot().highWatermark()).isEqualTo(2);
    }

    @Test
    void anOldLeaderTruncatesWhatDivergedAndBothLogsEndIdentical() {
        Replica first = replica(1);
        Replica second = replica(2);
        learn(first, 1, 0, 0, BOTH);
        learn(second, 1, 0, 0, BOTH);
        first.append("m1", 1);
        second.fetchFrom(first);
        second.fetchFrom(first);
        first.append("lost", 1);
        // Both die; the follower returns first and goes on from where it was, with a record of its own at the same
        // offset.
        second = restart(second);
        learn(second, 2, 1, 1, List.of(2));
        second.append("m2", 1);
        second.append("m3", 1);

        first = restart(first);
        learn(first, 2, 1, 1, List.of(2));
        assertThat(first.values()).containsExactly("m1", "lost");
        first.fetchFrom(second);
        assertThat(first.values()).containsExactly("m1");
        first.fetchFrom(second);
        assertThat(first.values()).containsExactly("m1", "m2", "m3").isEqualTo(second.values());
        assertThat(first.partition.log().epochOf(1)).isEqualTo(1);
    }

    @Test
    void severalForeignEpochsAreTruncatedStepByStep() {
        Replica first = replica(1);
        Replica second = replica(2);
        learn(first, 1, 0, 0, BOTH);
        learn(second, 1, 0, 0, BOTH);
        first.append("a", 1);
        second.fetchFrom(first);
        // From here on they lead in turns, without ever hearing of each other's records.
        learn(first, 1, 1, 1, List.of(1));
        first.append("b", 1);
        learn(second, 2, 2, 2, List.of(2));
        second.append("c", 1);
        learn(first, 1, 3, 3, List.of(1));
        first.append("d", 1);
        first.append("e", 1);
        learn(second, 2, 4, 4, List.of(2));
        second.append("f", 1);
        learn(first, 2, 4, 4, List.of(2));
        for (int i = 0; i < 4; i++) {
            first.fetchFrom(second);
        }
        assertThat(first.values()).containsExactly("a", "c", "f").isEqualTo(second.values());
        assertThat(first.answers).doesNotContain("fetch CORRUPT_MESSAGE");
    }

    @Test
    void aFollowerBelowTheLeadersLogStartBeginsAnewThere() {
        Replica leader = replica(1);
        Replica follower = replica(2);
        learn(leader, 1, 0, 0, List.of(1));
        learn(follower, 1, 0, 0, List.of(1));
        for (String value : List.of("a", "b", "c")) {
            leader.append(value, 1);
        }
        leader.partition.deleteRecords(2);
        follower.fetchFrom(leader);
        assertThat(follower.partition.snapshot().logStartOffset()).isEqualTo(2);
        follower.fetchFrom(leader);
        assertThat(follower.values()).containsExactly("c");
        assertThat(follower.partition.snapshot().logEndOffset()).isEqualTo(3);
    }

    @Test
    void deletedRecordsAreDeletedOnFollowersToo() {
        Replica leader = replica(1);
        Replica follower = replica(2);
        learn(leader, 1, 0, 0, BOTH);
        learn(follower, 1, 0, 0, BOTH);
        leader.append("a", 1);
        leader.append("b", 1);
        follower.fetchFrom(leader);
        follower.fetchFrom(leader);
        leader.partition.deleteRecords(
                1, 1_000, (error, lowWatermark) -> leader.answers.add(error + " " + lowWatermark));
        follower.fetchFrom(leader);
        assertThat(follower.partition.snapshot().logStartOffset()).isEqualTo(1);
        assertThat(leader.answers).containsExactly("a NONE", "b NONE");
        follower.fetchFrom(leader);
        assertThat(leader.answers).endsWith("NONE 1").hasSize(3);
        leader.partition.deleteRecords(
                2, 1_000, (error, lowWatermark) -> leader.answers.add(error + " " + lowWatermark));
        leader.loop.pass(1_001);
        assertThat(leader.answers).endsWith("REQUEST_TIMED_OUT -1").hasSize(4);
    }

    @Test
    void followersAreFetchedOnlyWhileAnotherLeads() {
        Replica replica = replica(1);
        learn(replica, 2, 0, 0, BOTH);
        learn(replica, 2, 0, 1, List.of(2));
        learn(replica, -1, 1, 2, List.of(2));
        learn(replica, 2, 2, 3, BOTH);
        learn(replica, 1, 3, 4, BOTH);
        assertThat(replica.peers.fetches).containsExactly("from 2@0 at 0", "stop", "from 2@2 at 0", "stop");
    }

    @Test
    void aFetchOfAnEarlierEpochOrRegistrationSaysNothing() {
        Replica leader = replica(1);
        learn(leader, 1, 4, 0, BOTH);
        leader.append("a", -1);
        assertThat(leader.partition.followerFetched(2, 3, 1, 0, 102)).isFalse();
        assertThat(leader.partition.followerFetched(2, 4, 0, 0, 103)).isTrue();
        assertThat(leader.partition.followerFetched(2, 4, 1, 0, 102)).isFalse();
        assertThat(leader.answers).isEmpty();
        assertThat(leader.partition.followerFetched(2, 4, 1, 0, 103)).isTrue();
        assertThat(leader.answers).containsExactly("a NONE");
    }

    @Test
    void aFollowerThatFallsBehindLeavesTheIsrOnceTheControllerAgrees() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, BOTH);
        leader.append("a", -1);
        leader.loop.pass(9_999);
        leader.partition.shrinkIsr();
        assertThat(leader.peers.proposals).isEmpty();
        leader.loop.pass(2);
        leader.partition.shrinkIsr();
        leader.partition.shrinkIsr();
        Asked asked = only(leader);
        assertThat(asked.proposal().brokerIds()).containsExactly(1);
        assertThat(leader.answers).isEmpty();
        answer(leader, asked, new Answer(Errors.NONE, List.of(1), 0, 1));
        assertThat(leader.answers).containsExactly("a NONE");
        // Metadata from before the change comes late and says nothing new.
        learn(leader, 1, 0, 0, BOTH);
        assertThat(leader.partition.role().isr()).containsExactly(1);
    }

    @Test
    void aFollowerComesBackWhenItHasTheHighWatermarkAndIsWaitedForFromThenOn() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, List.of(1));
        leader.append("a", -1);
        leader.append("b", -1);
        leader.partition.followerFetched(2, 0, 1, 0, 102);
        assertThat(leader.peers.proposals).isEmpty();
        leader.partition.followerFetched(2, 0, 2, 0, 102);
        Asked asked = only(leader);
        assertThat(asked.proposal().isr())
                .containsExactly(new IsrController.Member(1, -1), new IsrController.Member(2, 102));
        // The controller may have agreed already: nothing is acknowledged without the follower.
        leader.append("c", -1);
        assertThat(leader.answers).containsExactly("a NONE", "b NONE");
        leader.partition.followerFetched(2, 0, 3, 0, 102);
        assertThat(leader.answers).hasSize(3);
        answer(leader, asked, new Answer(Errors.NONE, BOTH, 0, 1));
        assertThat(leader.partition.role().isr()).containsExactly(1, 2);
    }

    @Test
    void whoCompletesAReassignmentIsWaitedForThoughTheAnswerIsOfAnotherEpoch() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, List.of(1));
        leader.partition.followerFetched(2, 0, 0, 0, 102);
        // The controller takes 2 into the ISR, which completes a reassignment: a replica goes, and the leader epoch is
        // bumped.
        answer(leader, only(leader), new Answer(Errors.NONE, BOTH, 1, 2));
        leader.append("a", -1);
        // Would it be acknowledged, the death of this broker would make 2 the leader, which does not have it.
        assertThat(leader.answers).isEmpty();
        learn(leader, 1, 1, 2, BOTH);
        assertThat(leader.answers).isEmpty();
        leader.partition.followerFetched(2, 1, 1, 0, 102);
        assertThat(leader.answers).containsExactly("a NONE");
    }

    @Test
    void aFollowerOfAnEarlierEpochsRecordsDoesNotComeBackBeforeTheStartOfThisEpoch() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, BOTH);
        leader.append("a", 1);
        leader.append("b", 1);
        learn(leader, 1, 1, 1, List.of(1));
        // Had the high watermark not passed b, this fetch would not be enough either.
        leader.partition.followerFetched(2, 1, 1, 0, 102);
        assertThat(leader.peers.proposals).isEmpty();
        leader.partition.followerFetched(2, 1, 2, 0, 102);
        assertThat(leader.peers.proposals).hasSize(1);
    }

    @Test
    void whatTheControllerRefusesIsNotTakenForGranted() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, List.of(1));
        leader.peers.eligible = false;
        leader.partition.followerFetched(2, 0, 0, 0, 102);
        assertThat(leader.peers.proposals).isEmpty();
        leader.peers.eligible = true;
        leader.partition.followerFetched(2, 0, 0, 0, 102);
        answer(leader, leader.peers.proposals.getFirst(), Answer.refused(Errors.INELIGIBLE_REPLICA));
        leader.partition.followerFetched(2, 0, 0, 0, 102);
        assertThat(leader.peers.proposals).hasSize(1);
        leader.append("a", -1);
        assertThat(leader.answers).containsExactly("a NONE");

        leader.loop.pass(200);
        leader.partition.followerFetched(2, 0, 1, 0, 102);
        // Both versions may be true until the metadata tells.
        answer(leader, leader.peers.proposals.getLast(), Answer.refused(Errors.INVALID_UPDATE_VERSION));
        leader.append("b", -1);
        assertThat(leader.answers).hasSize(1);
        learn(leader, 1, 0, 5, List.of(1));
        assertThat(leader.answers).containsExactly("a NONE", "b NONE");
    }

    @Test
    void anUnansweredChangeIsAskedForAgainUntilTheEpochEnds() {
        Replica leader = replica(1);
        learn(leader, 1, 0, 0, List.of(1));
        leader.partition.followerFetched(2, 0, 0, 0, 102);
        answer(leader, leader.peers.proposals.getLast(), Answer.refused(Errors.NETWORK_EXCEPTION));
        leader.loop.pass(60);
        assertThat(leader.peers.proposals).hasSize(2);
        learn(leader, 2, 1, 1, BOTH);
        answer(leader, leader.peers.proposals.getLast(), new Answer(Errors.NONE, BOTH, 0, 1));
        assertThat(leader.partition.role().leader()).isFalse();
        leader.loop.pass(60);
        assertThat(leader.peers.proposals).hasSize(2);
    }

    private static Asked only(Replica leader) {
        assertThat(leader.peers.proposals).hasSize(1);
        return leader.peers.proposals.getFirst();
    }

    private static void answer(Replica leader, Asked asked, Answer answer) {
        asked.answered().accept(answer);
        leader.loop.drain();
    }
}

package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.AppendResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Rows that wait for the high watermark, with one timer for all of them. */
class PendingAcksTest {

    private final ManualLoop loop = new ManualLoop(0);
    private final PendingAcks acks = new PendingAcks(loop, loop);
    private final List<String> answers = new ArrayList<>();

    private void add(long endOffset, long timeoutMs) {
        acks.add(
                endOffset,
                timeoutMs,
                (error, message, result) -> answers.add(endOffset + " " + error),
                new AppendResult.Appended(endOffset - 1, endOffset, -1, 0));
    }

    @Test
    void rowsAreAnsweredInOrderUpToTheHighWatermark() {
        add(5, 1_000);
        add(8, 1_000);
        add(9, 1_000);
        acks.complete(8, Errors.NONE, null);
        assertThat(answers).containsExactly("5 NONE", "8 NONE");
        assertThat(acks.isEmpty()).isFalse();
    }

    @Test
    void aRetryOfEarlierRecordsDoesNotWaitForLaterOnes() {
        add(9, 1_000);
        add(5, 1_000);
        acks.complete(5, Errors.NONE, null);
        assertThat(answers).containsExactly("5 NONE");
    }

    @Test
    void eachRowExpiresAtItsOwnTimeThoughThereIsOneTimer() {
        add(5, 3_000);
        add(6, 1_000);
        add(7, 2_000);
        assertThat(loop.pendingTimers()).isEqualTo(1);
        loop.pass(1_002);
        assertThat(answers).containsExactly("6 REQUEST_TIMED_OUT");
        loop.pass(1_000);
        assertThat(answers).containsExactly("6 REQUEST_TIMED_OUT", "7 REQUEST_TIMED_OUT");
        loop.pass(1_000);
        assertThat(answers).hasSize(3);
        loop.pass(10);
        assertThat(loop.pendingTimers()).isZero();
    }

    @Test
    void allRowsFailWhenLeadershipIsLost() {
        add(5, 1_000);
        add(6, 1_000);
        acks.failAll(Errors.NOT_LEADER_OR_FOLLOWER, "gone");
        assertThat(answers).containsExactly("5 NOT_LEADER_OR_FOLLOWER", "6 NOT_LEADER_OR_FOLLOWER");
    }
}

package io.millrace.admin.burrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.burrow.CommitWindow.Commit;
import io.millrace.admin.burrow.Evaluator.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Burrow's four documented examples, and the rules between them. */
class EvaluatorTest {
    private static final long[] GROWING = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    private static final long[] STUCK = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10};
    private static final long[] RISING = {1, 1, 1, 1, 1, 2, 2, 2, 3, 3};

    @Test
    void example1AWindowWithoutLagIsOk() {
        assertThat(evaluate(GROWING, new long[] {0, 0, 0, 0, 0, 0, 1, 3, 5, 5}, 600))
                .isEqualTo(Status.OK);
    }

    @Test
    void example2OffsetsThatDoNotMoveWhileLagRisesAreAStall() {
        Status partition = evaluate(STUCK, RISING, 600);
        assertThat(partition).isEqualTo(Status.STALL);
        assertThat(Evaluator.worst(Status.OK, partition)).isEqualTo(Status.ERR);
    }

    @Test
    void example3OffsetsThatMoveSlowerThanTheLogAreAWarning() {
        assertThat(evaluate(GROWING, RISING, 600)).isEqualTo(Status.WARN);
        assertThat(Evaluator.worst(Status.OK, Status.WARN)).isEqualTo(Status.WARN);
    }

    @Test
    void example4SilenceLongerThanTheWindowIsAStop() {
        // 540 s between the first and the last commit, 660 s since the last.
        Status partition = evaluate(GROWING, new long[] {5, 3, 5, 2, 1, 1, 2, 1, 4, 6}, 1200);
        assertThat(partition).isEqualTo(Status.STOP);
        assertThat(Evaluator.worst(Status.OK, partition)).isEqualTo(Status.ERR);
    }

    @Test
    void aConsumerThatHadCaughtUpWithinTheWindowHasNotStopped() {
        List<Commit> window = window(GROWING, RISING);
        assertThat(Evaluator.evaluate(window, new long[] {100, 103}, 3, 1_200_000))
                .isEqualTo(Status.WARN);
    }

    @Test
    void goingBackIsARewindUntilALaterCommitMakesUpForIt() {
        assertThat(evaluate(new long[] {10, 20, 30, 40, 5, 6, 7, 8, 9, 10}, RISING, 600))
                .isEqualTo(Status.REWIND);
        assertThat(evaluate(new long[] {10, 20, 30, 40, 5, 6, 40, 41, 42, 43}, RISING, 600))
                .isEqualTo(Status.WARN);
    }

    @Test
    void noLagNowIsOkWhateverTheWindowSays() {
        assertThat(Evaluator.evaluate(window(STUCK, RISING), new long[0], 0, 9_999_000))
                .isEqualTo(Status.OK);
    }

    @Test
    void lagThatFellOnceIsOk() {
        assertThat(evaluate(GROWING, new long[] {5, 5, 6, 7, 6, 8, 9, 9, 9, 9}, 600))
                .isEqualTo(Status.OK);
    }

    @Test
    void theWindowKeepsTheLastTenCommits() {
        CommitWindow window = new CommitWindow();
        for (int i = 0; i < 25; i++) window.add(new Commit(i, i, i, 1L));
        assertThat(window.commits())
                .hasSize(10)
                .first()
                .extracting(Commit::offset)
                .isEqualTo(15L);
    }

    private static Status evaluate(long[] offsets, long[] lags, long nowSeconds) {
        return Evaluator.evaluate(window(offsets, lags), new long[] {500}, lags[lags.length - 1], nowSeconds * 1_000);
    }

    private static List<Commit> window(long[] offsets, long[] lags) {
        List<Commit> window = new ArrayList<>();
        for (int i = 0; i < offsets.length; i++) {
            window.add(new Commit(offsets[i], i * 60_000L, i * 60_000L, lags[i]));
        }
        return window;
    }
}

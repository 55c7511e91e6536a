package io.millrace.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many lives of a cluster, none of which may break a promise. Run one seed, with its trace, by {@code -Dmillrace.seed=N}; more of
 * them by {@code -Dmillrace.seeds=N}, beginning at {@code -Dmillrace.first-seed=N}.
 */
class ReplicationSimulationTest {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationSimulationTest.class);

    /**
     * Seeds that have failed once. 1963: consumers saw records that were not on disk yet, which acknowledgements waited for. 5113: a
     * follower threw an answer away as a new epoch had begun, and was not told the high watermark again. 2915: a follower ended inside
     * of a batch in which its leader's log began.
     */
    private static final long[] KEPT = {1963, 2915, 5113, 16361};

    @Test
    void nothingThatWasPromisedIsBroken() {
        Long only = Long.getLong("millrace.seed");
        if (only != null) {
            Lives.one(only);
            return;
        }
        for (long seed : KEPT) {
            Lives.one(seed);
        }
        long first = Long.getLong("millrace.first-seed", 1);
        Lives.Summary summary = Lives.many(first, Long.getLong("millrace.seeds", 150));
        LOG.info("{}", summary);
        assertThat(summary.acknowledgements()).isGreaterThan(20 * summary.seeds());
        assertThat(summary.beyondFaultModel()).isLessThan(summary.seeds() / 5);
    }

    @Test
    void aSeedIsALife() {
        for (long seed = 1; seed <= 10; seed++) {
            assertThat(Lives.trace(seed))
                    .isNotEmpty()
                    .isEqualTo(Lives.trace(seed))
                    .isNotEqualTo(Lives.trace(seed + 1));
        }
    }
}

package io.millrace.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The simulation finds what it is for: each mutation of the production code breaks a promise within some seeds. */
class MutationTest {

    private static final Logger LOG = LoggerFactory.getLogger(MutationTest.class);
    private static final int MOST_SEEDS = 150;

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutation mutation) {
        MutatedCode code = new MutatedCode(mutation);
        long seed = 1;
        Throwable broken = code.live(seed);
        while (broken == null && seed < MOST_SEEDS) {
            broken = code.live(++seed);
        }
        assertThat(code.isApplied())
                .as("there is such code: %s", mutation.edits)
                .isTrue();
        assertThat(broken).as("what %d seeds find", seed).isInstanceOf(AssertionError.class);
        LOG.info("{}: seed {}: {}", mutation, seed, broken.getMessage());
    }
}

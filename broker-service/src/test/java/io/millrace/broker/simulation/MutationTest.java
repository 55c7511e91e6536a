package io.millrace.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The simulation finds what it is for: each mutation of the production code breaks a promise within some seeds. */
class MutationTest {

    private static final Logger LOG = LoggerFactory.getLogger(MutationTest.class);
    private static final int MOST_SEEDS = 5_000;

    /** Where the rarer ones were found; any other seed will do that finds them. */
    private static final Map<Mutation, Long> FIRST_SEEDS = Map.of(
            Mutation.CONSUMERS_SEE_WHAT_IS_NOT_ON_DISK, 7408L,
            Mutation.FETCHES_OF_EARLIER_EPOCHS_COUNT, 110L,
            Mutation.NOTHING_WAITS_FOR_THE_DISK, 1136L,
            Mutation.WHOEVER_FETCHES_MAY_JOIN_THE_ISR, 35L);

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutation mutation) {
        MutatedCode code = new MutatedCode(mutation);
        long first = FIRST_SEEDS.getOrDefault(mutation, 1L);
        long seed = first;
        Throwable broken = code.live(seed);
        while (broken == null && seed < first + MOST_SEEDS) {
            broken = code.live(++seed);
        }
        assertThat(code.isApplied())
                .as("there is such code: %s", mutation.edits)
                .isTrue();
        assertThat(broken).as("what %d seeds find", MOST_SEEDS).isInstanceOf(AssertionError.class);
        LOG.info("{}: seed {}: {}", mutation, seed, broken.getMessage());
    }
}

package io.millrace.broker.log;

import org.junit.jupiter.api.Test;

/**
 * Random lives of a log, as leader and as follower, whole and compacted, on disks that crash, lose power and have damaged files,
 * compared after each step with a model. Run one seed with {@code -Dmillrace.seed=N}, more with {@code -Dmillrace.seeds=N}.
 */
class PartitionLogPropertyTest {

    private static final int STEPS = 150;

    /** Seeds that have failed once. */
    private static final long[] KEPT = {98, 231, 372, 444, 1140, 1154, 1991, 2672, 3875, 52056, 54547, 69404, 71936};

    @Test
    void aLogIsWhatWasAppendedToItWhateverHappens() {
        Long only = Long.getLong("millrace.seed");
        if (only != null) {
            live(only);
            return;
        }
        for (long seed : KEPT) {
            live(seed);
        }
        long first = Long.getLong("millrace.first-seed", 1);
        for (long seed = first; seed < first + Long.getLong("millrace.seeds", 40); seed++) {
            live(seed);
        }
    }

    private static void live(long seed) {
        new LogLife(seed).tell(life -> {
            for (int step = 0; step < STEPS; step++) {
                life.step();
                life.check();
            }
            life.checkRetentionIsDone();
            life.check();
        });
    }
}

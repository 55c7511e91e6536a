package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Power goes before each write, sync, rename and removal of a log's life, and each time some of what was not synced survives: another
 * part for every way of tearing. {@code -Dmillrace.tears=N} tries more of them.
 */
class PowerLossTest {

    /** What the life has in it makes far more changes; fewer would mean that they are not counted any more. */
    private static final int LEAST_WRITES = 250;

    @Test
    void whatWasAcknowledgedIsThereOnceWheneverPowerGoes() {
        cutBeforeEveryWrite(false);
    }

    @Test
    void theLastRecordOfEachKeyIsThereWheneverPowerGoes() {
        cutBeforeEveryWrite(true);
    }

    private static void cutBeforeEveryWrite(boolean compact) {
        boolean[] cut = {true};
        int writes = 0;
        for (; cut[0]; writes++) {
            int before = writes;
            for (long tear = 1; tear <= Long.getLong("millrace.tears", 1); tear++) {
                PowerCutLife life = new PowerCutLife(compact, 1, 1000L * before + tear);
                life.tell(_ -> cut[0] = life.writesWithPowerCutBefore(before));
            }
        }
        assertThat(writes - 1).as("writes before which power went").isGreaterThan(LEAST_WRITES);
    }
}

package io.millrace.broker.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The heartbeats of a broker's groups, by one budget. */
class HeartbeatPaceTest {
    private static final int CONFIGURED_MS = 5_000;

    private final HeartbeatBudget budget = new HeartbeatBudget();
    private final HeartbeatPace shard = new HeartbeatPace(budget);
    private final HeartbeatPace otherShard = new HeartbeatPace(budget);

    @Test
    void aSmallGroupComesBackSoonAndSoonerWhileItReconciles() {
        assertThat(shard.intervalMs("g", 3, true, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
        assertThat(shard.intervalMs("g", 3, false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
    }

    @Test
    void manySmallGroupsShareTheBudgetWhicheverShardTheyAreIn() {
        for (int i = 0; i < 500; i++) {
            shard.intervalMs("g" + i, 3, true, CONFIGURED_MS);
            otherShard.intervalMs("h" + i, 3, true, CONFIGURED_MS);
        }
        int fairMs = 3_000 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND;
        assertThat(shard.intervalMs("g0", 3, true, CONFIGURED_MS)).isEqualTo(fairMs);
        assertThat(otherShard.intervalMs("h0", 3, true, CONFIGURED_MS)).isEqualTo(fairMs);
        // One of them reconciles: settled groups do not slow it down.
        assertThat(shard.intervalMs("g0", 3, false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
        assertThat(shard.intervalMs("g1", 3, true, 1_000))
                .as("never longer than configured")
                .isEqualTo(1_000);
    }

    @Test
    void whatGroupsGiveBackIsThereForOthers() {
        shard.intervalMs("large", 2_000, true, CONFIGURED_MS);
        otherShard.intervalMs("also large", 2_000, true, CONFIGURED_MS);
        shard.resized("large", 1_000);
        shard.resized("never heard of", 1_000_000);
        assertThat(shard.intervalMs("g", 1, true, CONFIGURED_MS))
                .isEqualTo(3_001 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND);
        shard.resized("large", 0);
        otherShard.close();
        assertThat(shard.intervalMs("g", 1, true, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
    }
}

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
        assertThat(shard.intervalMs("g", 3, true, false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
        assertThat(shard.intervalMs("g", 3, false, true, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
    }

    @Test
    void theMoreReconcileTheLongerEachIsGivenToAnswer() {
        assertThat(shard.intervalMs("g", 20, false, true, CONFIGURED_MS)).isEqualTo(100);
        assertThat(shard.intervalMs("g", 50, false, true, CONFIGURED_MS)).isEqualTo(250);
        assertThat(shard.intervalMs("g", 400, false, true, CONFIGURED_MS))
                .as("the budget has room for more")
                .isEqualTo(250);
    }

    @Test
    void whoWaitsForNobodyComesAsInASettledGroup() {
        assertThat(shard.intervalMs("g", 3, false, false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
        int fairMs = 2_000 * 1_000 / HeartbeatBudget.RECONCILING_PER_SECOND;
        assertThat(shard.intervalMs("large", 1_997, false, true, CONFIGURED_MS)).isEqualTo(fairMs);
        assertThat(shard.intervalMs("large", 1_997, false, false, CONFIGURED_MS))
                .as("never sooner than who waits")
                .isEqualTo(fairMs);
    }

    @Test
    void whoComesAfterSomethingHasHappenedKeepsItsTurn() {
        assertThat(HeartbeatPace.rightAfterMs(1_000, 1_000, 50)).as("first").isEqualTo(1_005);
        assertThat(HeartbeatPace.rightAfterMs(100, 1_000, 50)).isEqualTo(100 + 5 + 22);
        assertThat(HeartbeatPace.rightAfterMs(0, 1_000, 50)).as("last").isEqualTo(5 + 25);
        assertThat(HeartbeatPace.rightAfterMs(-7, 1_000, 2_000))
                .as("thousands take a second")
                .isEqualTo(5 + 1_000);
        assertThat(HeartbeatPace.rightAfterMs(3, 0, 50)).isEqualTo(5);
    }

    @Test
    void whoWaitsForAnAssignmentComesRightAfterItAndSeldomWhileMembersJoin() {
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 700, 4_700, 0), 2_000))
                .as("not held up: in its turn after the interval")
                .isEqualTo(HeartbeatPace.rightAfterMs(700, 1_000, 2_000));
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 200, 3_600, 1_300), 50))
                .as("few do not get in the way of those that join")
                .isEqualTo(HeartbeatPace.rightAfterMs(200, 1_000, 50));
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 200, 3_600, 1_300), 500))
                .as("many: 500 a second")
                .isEqualTo(1_000);
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 200, 3_600, 1_300), 2_000))
                .as("as long again as members have been joining at most")
                .isEqualTo(1_300);
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 200, 800, 4_100), 2_000))
                .as("in its turn after the time at which it is made in any case")
                .isEqualTo(HeartbeatPace.rightAfterMs(800, 4_000, 2_000));
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(1_000, 200, 3_600, 1_300), 0))
                .as("others wait for what it has")
                .isEqualTo(205);
        assertThat(HeartbeatPace.toAssignmentMs(new AssignmentTime(0, 0, 0, 0), 500))
                .as("no interval")
                .isEqualTo(5);
    }

    @Test
    void manySmallGroupsShareTheBudgetWhicheverShardTheyAreIn() {
        for (int i = 0; i < 500; i++) {
            shard.intervalMs("g" + i, 3, true, false, CONFIGURED_MS);
            otherShard.intervalMs("h" + i, 3, true, false, CONFIGURED_MS);
        }
        int fairMs = 3_000 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND;
        assertThat(shard.intervalMs("g0", 3, true, false, CONFIGURED_MS)).isEqualTo(fairMs);
        assertThat(otherShard.intervalMs("h0", 3, true, false, CONFIGURED_MS)).isEqualTo(fairMs);
        // One of them reconciles: settled groups do not slow it down.
        assertThat(shard.intervalMs("g0", 3, false, true, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
        assertThat(shard.intervalMs("g1", 3, true, false, 1_000))
                .as("never longer than configured")
                .isEqualTo(1_000);
    }

    @Test
    void whatGroupsGiveBackIsThereForOthers() {
        shard.intervalMs("large", 2_000, true, false, CONFIGURED_MS);
        otherShard.intervalMs("also large", 2_000, true, false, CONFIGURED_MS);
        shard.resized("large", 1_000);
        shard.resized("never heard of", 1_000_000);
        assertThat(shard.intervalMs("g", 1, true, false, CONFIGURED_MS))
                .isEqualTo(3_001 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND);
        shard.resized("large", 0);
        otherShard.close();
        assertThat(shard.intervalMs("g", 1, true, false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
    }
}

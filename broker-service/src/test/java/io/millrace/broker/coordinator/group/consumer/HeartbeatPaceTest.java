package io.millrace.broker.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The heartbeats of a broker's groups, by one budget. */
class HeartbeatPaceTest {
    private static final int CONFIGURED_MS = 5_000;

    private final HeartbeatBudget budget = new HeartbeatBudget();
    private final HeartbeatPace shard = new HeartbeatPace(budget);
    private final HeartbeatPace otherShard = new HeartbeatPace(budget);

    private static HeartbeatPace.Members settled(int members) {
        return new HeartbeatPace.Members(members, 0, true);
    }

    private static HeartbeatPace.Members reconciling(int members, int waiting) {
        return new HeartbeatPace.Members(members, waiting, false);
    }

    @Test
    void aSmallGroupComesBackSoonAndSoonerWhileItReconciles() {
        assertThat(shard.intervalMs("g", settled(3), false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
        assertThat(shard.intervalMs("g", reconciling(3, 3), true, CONFIGURED_MS))
                .isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
    }

    @Test
    void theMoreReconcileTheLongerEachIsGivenToAnswer() {
        assertThat(shard.intervalMs("g", reconciling(20, 20), true, CONFIGURED_MS))
                .isEqualTo(100);
        assertThat(shard.intervalMs("g", reconciling(50, 50), true, CONFIGURED_MS))
                .isEqualTo(250);
        assertThat(shard.intervalMs("g", reconciling(400, 400), true, CONFIGURED_MS))
                .as("the budget has room for more")
                .isEqualTo(250);
    }

    @Test
    void fewOfManyThatWaitComeSoon() {
        assertThat(shard.intervalMs("g", reconciling(2_000, 200), true, CONFIGURED_MS))
                .as("those who do not wait take nothing of the budget")
                .isEqualTo(250);
        assertThat(shard.intervalMs("g", reconciling(2_000, 200), false, CONFIGURED_MS))
                .isEqualTo(1_000);
        assertThat(shard.intervalMs("g", reconciling(2_000, 1_600), true, CONFIGURED_MS))
                .isEqualTo(800);
    }

    @Test
    void whoWaitsForNobodyComesAsInASettledGroup() {
        assertThat(shard.intervalMs("g", reconciling(3, 0), false, CONFIGURED_MS))
                .isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
        assertThat(shard.intervalMs("large", reconciling(1_997, 1_997), true, CONFIGURED_MS))
                .isEqualTo(1_997 * 1_000 / HeartbeatBudget.RECONCILING_PER_SECOND);
        assertThat(shard.intervalMs("large", reconciling(1_997, 1_997), false, CONFIGURED_MS))
                .as("never sooner than if all of them waited")
                .isEqualTo(2_000 * 1_000 / HeartbeatBudget.RECONCILING_PER_SECOND);
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
            shard.intervalMs("g" + i, settled(3), false, CONFIGURED_MS);
            otherShard.intervalMs("h" + i, settled(3), false, CONFIGURED_MS);
        }
        int fairMs = 3_000 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND;
        assertThat(shard.intervalMs("g0", settled(3), false, CONFIGURED_MS)).isEqualTo(fairMs);
        assertThat(otherShard.intervalMs("h0", settled(3), false, CONFIGURED_MS))
                .isEqualTo(fairMs);
        // One of them reconciles: settled groups do not slow it down.
        assertThat(shard.intervalMs("g0", reconciling(3, 3), true, CONFIGURED_MS))
                .isEqualTo(HeartbeatBudget.MIN_RECONCILING_MS);
        assertThat(shard.intervalMs("g1", settled(3), false, 1_000))
                .as("never longer than configured")
                .isEqualTo(1_000);
    }

    @Test
    void whatGroupsGiveBackIsThereForOthers() {
        shard.intervalMs("large", settled(2_000), false, CONFIGURED_MS);
        otherShard.intervalMs("also large", settled(2_000), false, CONFIGURED_MS);
        shard.resized("large", 1_000);
        shard.resized("never heard of", 1_000_000);
        assertThat(shard.intervalMs("g", settled(1), false, CONFIGURED_MS))
                .isEqualTo(3_001 * 1_000 / HeartbeatBudget.SETTLED_PER_SECOND);
        shard.resized("large", 0);
        otherShard.close();
        assertThat(shard.intervalMs("g", settled(1), false, CONFIGURED_MS)).isEqualTo(HeartbeatBudget.MIN_SETTLED_MS);
    }
}

package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a throttle lets pass, on a clock of its own. */
class ReplicationThrottlesTest {

    private final ManualLoop clock = new ManualLoop(0);
    private final ReplicationThrottles throttles = new ReplicationThrottles(7, clock);

    @Test
    void bytesPassAtTheRateOfTheBroker() {
        throttles.configure(Map.of("leader.replication.throttled.rate", "1000"));
        Throttle throttle = throttles.of(0, Map.of("leader.replication.throttled.replicas", "*"));

        long passed = 0;
        for (int ms = 0; ms < 60_000; ms += 10) {
            if (!throttle.holdsLeaderBack()) {
                throttle.sent(700);
                passed += 700;
            }
            clock.pass(10);
        }

        assertThat(passed).isBetween(60_000L, 62_000L);
    }

    @Test
    void timeThatWasNotUsedIsMadeUpForUpToASecond() {
        throttles.configure(Map.of("follower.replication.throttled.rate", "1000"));
        Throttle throttle = throttles.of(0, Map.of("follower.replication.throttled.replicas", "0:7"));
        clock.pass(3_600_000);

        throttle.received(1_000);
        assertThat(throttle.followerDelayMs()).isZero();
        throttle.received(5_000);

        assertThat(throttle.followerDelayMs()).isBetween(5_000L, 5_001L);
    }

    @Test
    void onlyTheReplicasThatTheTopicNamesAreThrottled() {
        throttles.configure(
                Map.of("leader.replication.throttled.rate", "1", "follower.replication.throttled.rate", "1"));
        Map<String, String> topic = Map.of(
                "leader.replication.throttled.replicas", "0:7, 1:8",
                "follower.replication.throttled.replicas", "1:7");

        assertThat(throttles.of(0, topic).asLeader()).isNotNull();
        assertThat(throttles.of(0, topic).asFollower()).isNull();
        assertThat(throttles.of(1, topic).asLeader()).isNull();
        assertThat(throttles.of(1, topic).asFollower()).isNotNull();
        assertThat(throttles.of(2, topic)).isEqualTo(Throttle.NONE);
    }

    @Test
    void withoutARateNothingIsHeldBackAndARaisedOneHoldsAtOnce() {
        Throttle throttle = throttles.of(0, Map.of("leader.replication.throttled.replicas", "*"));
        throttle.sent(1_000_000);
        assertThat(throttle.holdsLeaderBack()).isFalse();

        throttles.configure(Map.of("leader.replication.throttled.rate", "1"));
        throttle.sent(1_000_000);
        assertThat(throttle.holdsLeaderBack()).isTrue();

        throttles.configure(Map.of("leader.replication.throttled.rate", "1000000"));
        assertThat(throttle.holdsLeaderBack()).isFalse();
    }
}

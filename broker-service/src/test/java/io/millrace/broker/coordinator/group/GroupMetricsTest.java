package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is measured while members of either protocol come and go, on simulated time. */
class GroupMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final GroupMetrics metrics = new GroupMetrics(registry);
    private final GroupBench bench = new GroupBench(1, GroupBench.onePartition());

    GroupMetricsTest() {
        bench.image.add("t0", 2);
        bench.image.add("t1", 2);
    }

    private void live(Stream<Runnable> members, int seconds) {
        var all = members.toList();
        for (int i = 0; i < seconds * 10; i++) {
            all.forEach(Runnable::run);
            bench.simulation.advance(100);
        }
        bench.events.forEach(metrics);
        bench.events.clear();
    }

    private double count(String name, String tag, String value) {
        return registry.get(name).tag(tag, value).counter().count();
    }

    private long millis(String timer) {
        return (long) registry.get(timer).timer().totalTime(TimeUnit.MILLISECONDS);
    }

    @Test
    void aClassicGroupCountsCausesGenerationsMembersAndTimes() {
        var a = new ClassicClient(bench, "a", null, false);
        var b = new ClassicClient(bench, "b", null, false);
        live(Stream.of(a::proceed, b::proceed), 8);
        assertThat(registry.get("millrace.group.generation.members").summary().count())
                .isEqualTo(1);
        assertThat(registry.get("millrace.group.generation.members").summary().max())
                .isEqualTo(2);
        assertThat(millis("millrace.group.join.duration"))
                .as("the initial delay, twice as somebody came")
                .isBetween(3_000L, 6_000L);
        assertThat(millis("millrace.group.rebalance.duration")).isBetween(3_000L, 6_500L);
        assertThat(count("millrace.group.joins", "kind", "new")).isEqualTo(2);

        b.leave();
        live(Stream.of(a::proceed), 5);
        assertThat(count("millrace.group.departures", "departure", "LEFT")).isEqualTo(1);
        assertThat(count("millrace.group.rebalances", "cause", "MEMBER_LEFT")).isEqualTo(1);
        assertThat(registry.get("millrace.group.generation.members").summary().count())
                .isEqualTo(2);
        assertThat(registry.get("millrace.group.partition.standstill").timer().count())
                .as("everything stands still in an eager rebalance")
                .isEqualTo(4);
    }

    @Test
    void aConsumerGroupCountsTheEpochsThatItsMembersCameTo() {
        var a = new ConsumerClient(bench, new SplittableRandom(1), "a", null);
        var b = new ConsumerClient(bench, new SplittableRandom(2), "b", null);
        live(Stream.of(a::proceed), 2);
        live(Stream.of(a::proceed, b::proceed), 3);
        var members = registry.get("millrace.group.generation.members").summary();
        assertThat(members.count()).isEqualTo(2);
        assertThat(members.totalAmount()).as("one, then two").isEqualTo(3);
        assertThat(registry.get("millrace.group.rebalance.duration").timer().count())
                .isEqualTo(2);
        assertThat(registry.get("millrace.group.partition.standstill").timer().count())
                .as("only what moves stands still")
                .isEqualTo(2);

        b.paused = true;
        live(Stream.of(a::proceed), 50);
        assertThat(count("millrace.group.departures", "departure", "SESSION_EXPIRED"))
                .isEqualTo(1);
        assertThat(count("millrace.group.rebalances", "cause", "SESSION_EXPIRED"))
                .isEqualTo(1);
    }

    @Test
    void loadingIsTimed() {
        bench.failOver();
        live(Stream.of(), 1);
        assertThat(registry.get("millrace.group.coordinator.load.duration")
                        .timer()
                        .count())
                .isEqualTo(2);
    }
}

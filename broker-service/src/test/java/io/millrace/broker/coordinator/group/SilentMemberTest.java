package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.group.journal.GroupEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How soon the others have what a member had that has fallen silent, on simulated time: they come right when its session ends. */
class SilentMemberTest {
    private static final int SESSION_MS = 10_000;
    private static final int MEMBERS = 50;

    private final GroupBench bench = new GroupBench(
            1,
            GroupBench.configWith(Map.of(
                    "group.consumer.session.timeout.ms", Integer.toString(SESSION_MS),
                    "group.consumer.min.session.timeout.ms", Integer.toString(SESSION_MS))));
    private final List<ConsumerClient> members = new ArrayList<>();
    private final List<Long> dueMs = new ArrayList<>();
    private int beats;

    /** Everybody comes when it was told to. */
    private void live(long ms) {
        long endMs = bench.simulation.nowMs() + ms;
        while (bench.simulation.nowMs() < endMs) {
            for (int i = 0; i < members.size(); i++) {
                ConsumerClient member = members.get(i);
                if (bench.simulation.nowMs() >= dueMs.get(i) && !member.paused) {
                    member.proceed();
                    bench.simulation.settle();
                    beats++;
                    dueMs.set(i, bench.simulation.nowMs() + (member.ownedChanged ? 1 : member.intervalMs));
                }
            }
            bench.simulation.advance(1);
        }
    }

    @Test
    void whatASilentMemberHadIsAnothersAsSoonAsItsSessionEnds() {
        bench.image.add("t0", MEMBERS);
        bench.image.add("t1", MEMBERS);
        for (int i = 0; i < MEMBERS; i++) {
            members.add(new ConsumerClient(bench, new SplittableRandom(i), "m" + i, null));
            dueMs.add(bench.simulation.nowMs() + 10L * i);
        }
        live(8_000);
        beats = 0;
        live(5_000);
        assertThat(beats / 5).as("heartbeats a second while nothing happens").isBetween(95, 105);

        ConsumerClient silent = members.get(7);
        long lastMs = dueMs.get(7) - silent.intervalMs;
        silent.paused = true;
        bench.events.clear();
        live(lastMs + SESSION_MS + 40 - bench.simulation.nowMs());

        List<GroupEvent.Assigned> assigned = bench.events.stream()
                .filter(GroupEvent.Assigned.class::isInstance)
                .map(GroupEvent.Assigned.class::cast)
                .toList();
        assertThat(assigned).as("everybody has come to the new assignment").hasSize(1);
        assertThat(assigned.getFirst().standstillMs().values())
                .hasSize(2)
                .allSatisfy(standstillMs -> assertThat(standstillMs).isLessThan(30));

        // The others go on as before.
        live(3_000);
        beats = 0;
        live(2 * SESSION_MS);
        assertThat(beats / 20).as("heartbeats a second afterwards").isBetween(90, 105);
    }
}

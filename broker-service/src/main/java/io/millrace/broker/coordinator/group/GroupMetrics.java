package io.millrace.broker.coordinator.group;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.coordinator.CoordinatorLoaded;
import io.millrace.broker.coordinator.group.journal.GroupEvent;
import io.millrace.broker.coordinator.group.journal.GroupJournal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What is measured of group coordination, from its events. Any thread; the loops that coordinate tell it. */
public final class GroupMetrics implements Consumer<CoordinatorEvent> {
    private final MeterRegistry registry;
    private final Timer rebalances;
    private final Timer joins;
    private final Timer standstills;
    private final Timer loads;
    private final DistributionSummary members;

    public GroupMetrics(MeterRegistry registry) {
        this.registry = registry;
        rebalances =
                timer("millrace.group.rebalance.duration", "From the start of a rebalance to its stored assignment");
        joins = timer("millrace.group.join.duration", "How long the join barrier of a generation stood");
        standstills = timer("millrace.group.partition.standstill", "How long partitions had no owner");
        loads = timer(
                "millrace.group.coordinator.load.duration",
                "How long a partition of the coordinator's topic took to load");
        members = DistributionSummary.builder("millrace.group.generation.members")
                .description(
                        "Members of the generations that began, of the epochs that everybody came to; their count is that of generations")
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(1))
                .register(registry);
    }

    /** Adds what became of the journal's events. */
    public void register(GroupJournal journal) {
        FunctionCounter.builder("millrace.group.journal.written", journal, GroupJournal::writtenCount)
                .description("Events of the group journal that are in its topic")
                .register(registry);
        FunctionCounter.builder("millrace.group.journal.lost", journal, GroupJournal::lostCount)
                .description("Events of the group journal that could not be kept")
                .register(registry);
    }

    @Override
    public void accept(CoordinatorEvent event) {
        switch (event) {
            case GroupEvent.RebalanceStarted started ->
                counter("millrace.group.rebalances", "cause", started.cause()).increment();
            case GroupEvent.MemberLeft left ->
                counter(
                                "millrace.group.departures",
                                "departure",
                                left.departure().name())
                        .increment();
            case GroupEvent.MemberJoined _ ->
                counter("millrace.group.joins", "kind", "new").increment();
            case GroupEvent.StaticMemberReplaced _ ->
                counter("millrace.group.joins", "kind", "static-replaced").increment();
            case GroupEvent.MemberFenced _ ->
                counter("millrace.group.joins", "kind", "fenced").increment();
            case GroupEvent.GenerationBegun begun -> {
                joins.record(begun.joinMs(), TimeUnit.MILLISECONDS);
                members.record(begun.members());
            }
            case GroupEvent.Assigned assigned -> {
                rebalances.record(assigned.durationMs(), TimeUnit.MILLISECONDS);
                assigned.standstillMs().values().forEach(ms -> standstills.record(ms, TimeUnit.MILLISECONDS));
                var partitions = assigned.partitions();
                if (assigned.header().protocol().equals("consumer") && partitions != null) {
                    // Groups of this protocol have no barrier that would begin a generation.
                    members.record(partitions.size());
                }
            }
            case CoordinatorLoaded loaded -> loads.record(loaded.durationMs(), TimeUnit.MILLISECONDS);
            default -> {}
        }
    }

    /** The registry finds the one that is there: causes are few. */
    private Counter counter(String name, String tag, String value) {
        return registry.counter(name, tag, value);
    }
}

package io.millrace.broker.coordinator.group.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.group.journal.GroupEvent.Header;
import io.millrace.broker.coordinator.group.journal.GroupEvent.StaticMemberReplaced;
import io.millrace.broker.runtime.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of events when the place they are written to is well, slow, or broken. */
class GroupJournalTest {

    private static GroupEvent event(int generation) {
        return new StaticMemberReplaced(
                new Header("g", "classic", 0, generation),
                new GroupEvent.Member("b", "i", "c", "h", 10_000, 60_000),
                "a");
    }

    private static void until(String what, java.util.function.BooleanSupplier condition) {
        long limitNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s for " + what).isLessThan(limitNs);
            Thread.onSpinWait();
        }
    }

    @Test
    void eventsReachTheSinkInOrder() throws Exception {
        List<Integer> seen = new CopyOnWriteArrayList<>();
        try (var journal = new GroupJournal(
                sink((event, outcome) -> {
                    seen.add(event.header().generation());
                    outcome.written();
                }),
                Clock.system())) {
            for (int i = 0; i < 100; i++) {
                journal.accept(event(i));
            }
            until("all events", () -> journal.writtenCount() == 100);
            assertThat(seen).isSorted().hasSize(100);
            assertThat(journal.lostCount()).isZero();
        }
    }

    @Test
    void whoTellsNeverWaitsForASinkThatStandsStillAndWhatFindsNoRoomIsCounted() throws Exception {
        var stuck = new CountDownLatch(1);
        var entered = new CountDownLatch(1);
        try (var journal = new GroupJournal(
                sink((event, outcome) -> {
                    entered.countDown();
                    stuck.await();
                    outcome.written();
                }),
                Clock.system())) {
            journal.accept(event(0));
            entered.await();
            for (int i = 1; i <= GroupJournal.CAPACITY + 7; i++) {
                journal.accept(event(i));
            }
            assertThat(journal.lostCount()).isEqualTo(7);
            stuck.countDown();
            until("the sink to catch up", () -> journal.writtenCount() == GroupJournal.CAPACITY + 1);
        }
    }

    @Test
    void aSinkThatFailsCostsItsEventsAndNothingElse() throws Exception {
        try (var journal = new GroupJournal(
                sink((event, outcome) -> {
                    switch (event.header().generation() % 3) {
                        case 0 -> throw new IllegalStateException("no disk");
                        case 1 -> outcome.lost("no leader");
                        default -> outcome.written();
                    }
                }),
                Clock.system())) {
            for (int i = 0; i < 9; i++) {
                journal.accept(event(i));
            }
            until("all events", () -> journal.writtenCount() == 3 && journal.lostCount() == 6);
        }
    }

    @Test
    void closingDoesNotWaitForAStuckSink() throws Exception {
        var entered = new CountDownLatch(1);
        var journal = new GroupJournal(
                sink((event, outcome) -> {
                    entered.countDown();
                    new CountDownLatch(1).await();
                }),
                Clock.system());
        journal.accept(event(0));
        entered.await();
        journal.close();
        assertThat(journal.writtenCount()).isZero();
    }

    private interface Write {
        void write(GroupEvent event, GroupJournal.Outcome outcome) throws InterruptedException;
    }

    private static GroupJournal.Sink sink(Write write) {
        return new GroupJournal.Sink() {
            @Override
            public void write(GroupEvent event, GroupJournal.Outcome outcome) throws InterruptedException {
                write.write(event, outcome);
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }
}

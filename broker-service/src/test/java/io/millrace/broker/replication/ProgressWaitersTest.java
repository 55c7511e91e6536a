package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.LogSnapshot;
import io.millrace.broker.replication.Partition.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressWaitersTest {

    private final ManualLoop loop = new ManualLoop(0);
    private final AtomicLong end = new AtomicLong();
    private final ProgressWaiters waiters =
            new ProgressWaiters(loop, (seen, progress) -> progress.applyAsLong(snapshot(end.get())) > seen);

    private static LogSnapshot snapshot(long endOffset) {
        return new LogSnapshot(0, endOffset, endOffset, endOffset, 0);
    }

    private void grow() {
        waiters.progressed(snapshot(end.incrementAndGet()));
    }

    private Waiter add(long seen, Runnable onChange) {
        return waiters.add(seen, LogSnapshot::logEndOffset, onChange);
    }

    @Test
    void nobodyIsCalledBeforeThereIsNewsOrTwice() {
        List<String> called = new ArrayList<>();
        Waiter first = add(0, () -> called.add("first"));
        add(1, () -> called.add("second"));
        grow();
        assertThat(called).containsExactly("first");
        assertThat(first.waits()).isFalse();
        grow();
        grow();
        assertThat(called).containsExactly("first", "second");
    }

    @Test
    void whoeverAddsOrCancelsWhileBeingCalledDisturbsNobody() {
        List<String> called = new ArrayList<>();
        Waiter[] other = new Waiter[1];
        add(0, () -> {
            called.add("first");
            other[0].cancel();
            add(1, () -> called.add("again"));
        });
        add(0, () -> called.add("second"));
        other[0] = add(1, () -> called.add("cancelled"));
        grow();
        assertThat(called).containsExactlyInAnyOrder("first", "second");
        grow();
        assertThat(called).containsExactlyInAnyOrder("first", "second", "again");
    }

    @Test
    void theRoleWakesEverybodyThatStillWaits() {
        List<String> called = new ArrayList<>();
        add(5, () -> called.add("waiting"));
        add(5, () -> called.add("cancelled")).cancel();
        waiters.fireAll();
        assertThat(called).containsExactly("waiting");
    }

    @Test
    void rowsOfThoseWhoGaveUpGoAwayWithoutProgress() {
        Waiter patient = add(0, () -> {});
        for (int i = 0; i < 10_000; i++) {
            add(0, () -> {}).cancel();
            loop.drain();
            assertThat(waiters.rows()).isLessThanOrEqualTo(17);
        }
        assertThat(patient.waits()).isTrue();
    }

    /** One thread grows the log while another, as fast as it can, waits for what comes after what it has seen. */
    @Test
    void noProgressIsLost() throws InterruptedException {
        int rounds = 200_000;
        AtomicInteger called = new AtomicInteger();
        Thread consumer = Thread.ofPlatform().start(() -> {
            for (int round = 0; round < rounds; round++) {
                int before = called.get();
                add(end.get(), called::incrementAndGet);
                while (called.get() == before) {
                    Thread.onSpinWait();
                }
            }
        });
        while (consumer.isAlive()) {
            grow();
        }
        consumer.join();
        assertThat(called).hasValue(rounds);
    }
}

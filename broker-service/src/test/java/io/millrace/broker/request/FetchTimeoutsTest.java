package io.millrace.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.replication.ManualLoop;
import io.millrace.broker.runtime.EventLoop.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FetchTimeoutsTest {

    private final ManualLoop loop = new ManualLoop(0);
    private final FetchTimeouts timeouts = new FetchTimeouts(loop, loop);

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(loop.monotonicNs());
    }

    @Test
    void nobodyWaitsLongerThanAskedOrMuchLess() {
        for (int delayMs : new int[] {1, 5, 31, 100, 500, 30_000}) {
            for (int start = 0; start < 40; start++) {
                loop.pass(1);
                long begunMs = nowMs();
                long[] endedMs = new long[1];
                Timer _ = timeouts.schedule(() -> endedMs[0] = nowMs(), delayMs);
                loop.pass(2L * delayMs + 2);
                assertThat(endedMs[0] - begunMs).isBetween(Math.max(1L, delayMs - Math.max(1, delayMs / 8)), (long)
                        delayMs);
            }
        }
    }

    @Test
    void thoseWhoWaitEquallyLongShareWakeUps() {
        for (int i = 0; i < 100; i++) {
            Timer _ = timeouts.schedule(() -> {}, 500);
            loop.pass(5);
        }
        // Every 5 ms one came, and their ends are 62 ms apart.
        assertThat(loop.pendingTimers()).isLessThanOrEqualTo(9);
    }

    @Test
    void whoWasAnsweredIsNotCalledAndOneMayAnswerAnother() {
        List<String> ended = new ArrayList<>();
        Timer answered = timeouts.schedule(() -> ended.add("answered"), 500);
        Timer[] other = new Timer[1];
        Timer _ = timeouts.schedule(
                () -> {
                    ended.add("first");
                    other[0].cancel();
                    Timer _ = timeouts.schedule(() -> ended.add("again"), 500);
                },
                500);
        other[0] = timeouts.schedule(() -> ended.add("other"), 500);
        answered.cancel();
        loop.pass(520);
        assertThat(ended).containsExactly("first");
        answered.cancel();
        loop.pass(520);
        assertThat(ended).containsExactly("first", "again");
    }
}

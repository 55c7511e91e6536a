package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.runtime.Clock;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class SteadyTimeTest {

    private long wallMs = 1_000_000;
    private long monotonicNs = 77;

    private final Clock clock = new Clock() {
        @Override
        public long wallClockMs() {
            return wallMs;
        }

        @Override
        public long monotonicNs() {
            return monotonicNs;
        }
    };

    @Test
    void itBeginsWithTheWallClockAndDoesNotJumpWithIt() {
        SteadyTime time = new SteadyTime(clock);
        assertThat(time.milliseconds()).isEqualTo(1_000_000);

        wallMs -= TimeUnit.HOURS.toMillis(1);
        monotonicNs += TimeUnit.MILLISECONDS.toNanos(250);
        assertThat(time.milliseconds()).isEqualTo(1_000_250);
        assertThat(time.timer(100).isExpired()).isFalse();

        wallMs += TimeUnit.DAYS.toMillis(1);
        assertThat(time.milliseconds()).isEqualTo(1_000_250);
    }

    @Test
    void aWaitEndsWithItsConditionOrItsDeadline() throws Exception {
        SteadyTime time = new SteadyTime(clock);
        time.waitObject(this, () -> true, time.milliseconds());
        assertThatThrownBy(() -> time.waitObject(this, () -> false, time.milliseconds()))
                .isInstanceOf(TimeoutException.class);
    }
}

package io.millrace.admin.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.group.LagSeries.LagPoint;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagSeriesTest {
    private final LagSeries series = new LagSeries(60_000, 5);

    @Test
    void aStepKeepsItsWorst() {
        series.add(60_000, 10, 1f);
        series.add(90_000, 30, Float.NaN);
        series.add(119_000, 20, 4f);
        assertThat(series.points()).containsExactly(new LagPoint(Instant.ofEpochSecond(60), 30, 4.0));
    }

    @Test
    void stepsThatNobodySawAreFilledWithTheLastOne() {
        series.add(0, 7, 2f);
        series.add(180_000, 1, 0f);
        assertThat(series.points().stream().map(LagPoint::lag)).containsExactly(7L, 7L, 7L, 1L);
        assertThat(series.points().get(1).lagSeconds()).isNull();
    }

    @Test
    void theOldestGoFirst() {
        for (int minute = 0; minute < 9; minute++) series.add(minute * 60_000L, minute, 0f);
        List<LagPoint> points = series.points();
        assertThat(points.stream().map(LagPoint::lag)).containsExactly(4L, 5L, 6L, 7L, 8L);
        assertThat(points.getFirst().time()).isEqualTo(Instant.ofEpochSecond(240));
    }

    @Test
    void aLongSilenceLeavesNothingButTheSpan() {
        series.add(0, 3, 1f);
        series.add(3_600_000L * 24, 9, 1f);
        assertThat(series.points()).hasSize(5);
        assertThat(series.points().getLast().lag()).isEqualTo(9);
    }
}

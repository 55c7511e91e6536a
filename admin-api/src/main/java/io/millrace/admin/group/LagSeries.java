package io.millrace.admin.group;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group's lag over a fixed span: the worst of every step, in arrays that never grow past their capacity.
 *
 * <p>Not safe for threads; {@link LagHistory} locks.
 */
final class LagSeries {
    private final long stepMs;
    private final int capacity;
    private long[] lags = new long[4];
    /** NaN: not known. */
    private float[] seconds = new float[4];

    private int size;
    private long newestStep = -1;

    LagSeries(long stepMs, int capacity) {
        this.stepMs = stepMs;
        this.capacity = capacity;
    }

    /** The worst of one step that begins at {@code time}; the seconds are absent while unknown. */
    record LagPoint(Instant time, long lag, @Nullable Double lagSeconds) {}

    void add(long nowMs, long lag, float lagSeconds) {
        long step = nowMs / stepMs;
        if (newestStep >= 0 && step > newestStep) {
            // A step in which nobody looked has what the one before it had.
            for (long missed = Math.min(step - newestStep, capacity); missed > 1; missed--)
                push(lags[size - 1], Float.NaN);
        }
        if (step > newestStep) {
            push(lag, lagSeconds);
            newestStep = step;
        } else {
            lags[size - 1] = Math.max(lags[size - 1], lag);
            seconds[size - 1] = Float.isNaN(seconds[size - 1]) ? lagSeconds : Math.max(seconds[size - 1], lagSeconds);
        }
    }

    private void push(long lag, float lagSeconds) {
        if (size == capacity) {
            System.arraycopy(lags, 1, lags, 0, size - 1);
            System.arraycopy(seconds, 1, seconds, 0, size - 1);
            size--;
        } else if (size == lags.length) {
            int larger = Math.min(capacity, size * 2);
            lags = Arrays.copyOf(lags, larger);
            seconds = Arrays.copyOf(seconds, larger);
        }
        lags[size] = lag;
        seconds[size++] = lagSeconds;
    }

    List<LagPoint> points() {
        List<LagPoint> points = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Instant time = Instant.ofEpochMilli((newestStep - (size - 1 - i)) * stepMs);
            points.add(new LagPoint(time, lags[i], Float.isNaN(seconds[i]) ? null : (Double) (double) seconds[i]));
        }
        return points;
    }
}

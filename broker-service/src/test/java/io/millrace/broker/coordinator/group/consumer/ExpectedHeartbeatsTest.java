package io.millrace.broker.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectedHeartbeatsTest {
    private static final int INTERVAL_MS = 2_000;

    private final ExpectedHeartbeats expected = new ExpectedHeartbeats();

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20, 500, 2_000})
    void membersThatWereToldOfSomethingTogetherSoonComeEvenlyAndNoMoreOften(int members) {
        var due = new PriorityQueue<Long>();
        for (int i = 0; i < members; i++) {
            due.add((long) expected.toNextPlaceMs(INTERVAL_MS, members, at(0)));
        }
        List<Long> arrivals = new ArrayList<>();
        while (due.element() < 10 * INTERVAL_MS) {
            long nowMs = due.remove();
            arrivals.add(nowMs);
            due.add(nowMs + expected.toNextPlaceMs(INTERVAL_MS, members, at(nowMs)));
        }
        List<Long> later =
                arrivals.stream().filter(atMs -> atMs >= 4 * INTERVAL_MS).toList();
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < later.size(); i++) {
            gaps.add(later.get(i) - later.get(i - 1));
        }
        assertThat(Collections.max(gaps))
                .as("somebody comes soon")
                .isLessThanOrEqualTo(2 * INTERVAL_MS / Math.min(members, 8));
        assertThat(later)
                .as("about a whole interval each")
                .hasSizeBetween(members * 6 * 8 / 10, members * 6 * 12 / 10 + 1);
        assertThat(new TreeSet<>(later))
                .as("large groups come in batches")
                .hasSizeLessThanOrEqualTo(members > 8 ? 6 * 8 + 1 : members * 7);
    }

    @Test
    void whoHasJustComeIsFirstAndWhoIsOverdueOrUnknownLast() {
        expected.expect("late", 90);
        expected.expect("soon", 120);
        expected.expect("later", 300);
        expected.expect("asking", 50);
        expected.expect("gone", 101);
        assertThat(expected.order(members("later", "unknown", "late", "asking", "soon"), "asking", at(100)))
                .containsExactly("asking", "soon", "later", "late", "unknown");
        assertThat(expected.order(members("later", "soon", "asking"), null, at(100)))
                .containsExactly("soon", "later", "asking");
    }

    private static Set<String> members(String... ids) {
        return new TreeSet<>(List.of(ids));
    }

    private static Moment at(long monotonicMs) {
        return new Moment(monotonicMs, 1_700_000_000_000L + monotonicMs);
    }
}

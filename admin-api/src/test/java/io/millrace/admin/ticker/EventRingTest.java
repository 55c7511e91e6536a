package io.millrace.admin.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.ticker.ClusterEvent.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The last events, and those that come. */
class EventRingTest {
    private final EventRing ring = new EventRing();

    private static ClusterEvent created(String topic, long atSecond) {
        return ClusterEvent.ofTopic(Instant.ofEpochSecond(atSecond), Kind.TOPIC_CREATED, topic, 1);
    }

    @Test
    void theNewestAreThoseThatHappenedLast() {
        ring.add(List.of(created("late", 9), created("early", 1), created("middle", 5)));
        assertThat(ring.newest(2)).extracting(ClusterEvent::topic).containsExactly("late", "middle");
    }

    @Test
    void whoComesBackGetsWhatWasMissed() throws InterruptedException {
        ring.add(List.of(created("a", 1), created("b", 2), created("c", 3)));
        assertThat(ring.awaitAfter(1, 0)).extracting(ClusterEvent::topic).containsExactly("b", "c");
        assertThat(ring.awaitAfter(3, 0)).isEmpty();
    }

    @Test
    void onlySoManyAreKept() throws InterruptedException {
        for (int i = 0; i < 2_000; i++) ring.add(List.of(created("t" + i, i)));
        assertThat(ring.newest(10_000)).hasSize(500);
        assertThat(ring.awaitAfter(0, 0).getFirst().sequence()).isEqualTo(1_501);
    }

    @Test
    void anEventWakesWhoWaits() throws InterruptedException {
        Thread.ofVirtual().start(() -> ring.add(List.of(created("a", 1))));
        assertThat(ring.awaitAfter(0, 10_000)).hasSize(1);
    }
}

package io.millrace.admin.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetHistoryTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private final OffsetHistory history = new OffsetHistory();

    @Test
    void tellsWhenAnOffsetWasAppended() {
        history.record(PARTITION, 10, 1_000);
        history.record(PARTITION, 10, 2_000);
        history.record(PARTITION, 15, 3_000);
        history.record(PARTITION, 20, 4_000);
        assertThat(history.appendedAtMs(PARTITION, 9))
                .as("before the first look")
                .isNull();
        assertThat(history.appendedAtMs(PARTITION, 10)).isEqualTo(3_000);
        assertThat(history.appendedAtMs(PARTITION, 14)).isEqualTo(3_000);
        assertThat(history.appendedAtMs(PARTITION, 15)).isEqualTo(4_000);
        assertThat(history.appendedAtMs(PARTITION, 20)).as("not written yet").isNull();
        assertThat(history.recentEnds(PARTITION, 1_500, 4_000)).containsExactly(10, 15, 20);
    }

    @Test
    void aTopicMadeAnewStartsAnew() {
        history.record(PARTITION, 100, 1_000);
        history.record(PARTITION, 3, 2_000);
        history.record(PARTITION, 4, 3_000);
        assertThat(history.appendedAtMs(PARTITION, 3)).isEqualTo(3_000);
        assertThat(history.recentEnds(PARTITION, 10_000, 3_000)).containsExactly(3, 4);
    }

    /** With very many partitions each has few samples: the old ones become coarse, the new ones stay exact. */
    @Test
    void whatIsLongAgoIsThinnedOut() {
        Set<TopicPartition> many = new HashSet<>();
        for (int i = 0; i < 60_000; i++) many.add(new TopicPartition("orders", i));
        history.retainOnly(many);
        for (int i = 0; i < 1_000; i++) history.record(PARTITION, i, i * 1_000L);
        assertThat(history.recentEnds(PARTITION, Long.MAX_VALUE / 2, 999_000)).hasSizeLessThanOrEqualTo(25);
        assertThat(history.appendedAtMs(PARTITION, 998)).isEqualTo(999_000);
        assertThat(history.appendedAtMs(PARTITION, 500)).isBetween(501_000L, 700_000L);
        assertThat(history.appendRatePerSecond(PARTITION, 60_000, 999_000)).isEqualTo(1.0);
    }
}

package io.millrace.admin.acks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.acks.AcksRun.Plan;
import io.millrace.admin.acks.AcksRun.Setting;
import io.millrace.admin.acks.LatencyHistogram.Bucket;
import io.millrace.admin.acks.LatencyHistogram.Latency;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a run may ask for, and how its times are counted. */
class AcksSettingTest {
    private static Plan plan(String acks, @Nullable Integer min, @Nullable Integer records, @Nullable Integer rate) {
        return new Setting(acks, min, records, rate, null, null).plan(3, 2);
    }

    @Test
    void whatIsNotSaidIsModest() {
        assertThat(plan("all", null, null, null)).isEqualTo(new Plan("all", 2, 500, 200, 100, false));
        assertThat(new Setting("all", null, 1, 1, 1, null).plan(1, 2).minInsyncReplicas())
                .as("a topic's own may be beyond its replicas")
                .isEqualTo(2);
    }

    @Test
    void everyWishIsBounded() {
        assertThatThrownBy(() -> plan("-1", 1, 1, 1)).hasMessage("acks is '-1'; it must be 0, 1 or all");
        assertThatThrownBy(() -> plan("all", 4, 1, 1)).hasMessageContaining("between 1 and 3");
        assertThatThrownBy(() -> plan("all", 1, 5_001, 1_000)).hasMessageContaining("between 1 and 5000");
        assertThatThrownBy(() -> plan("all", 1, 10, 1_001)).hasMessageContaining("between 0 and 1000");
        assertThatThrownBy(() -> plan("all", 1, 500, 1)).hasMessageContaining("longer than 30 s");
        assertThatThrownBy(() -> new Setting("1", 1, 1, 1, 1_000_000, null).plan(3, 1))
                .hasMessageContaining("sizeBytes is 1000000");
    }

    @Test
    void refusalsAreSeenAtOnceUnlessTheProducerMayTryAgain() {
        assertThat(AcksProducer.settings(plan("all", 1, 1, 1), 8_000)).containsEntry("retries", 0);
        Plan patient = new Setting("all", 1, 1, 1, 1, true).plan(3, 1);
        assertThat(AcksProducer.settings(patient, 8_000))
                .containsEntry("enable.idempotence", true)
                .doesNotContainKey("retries");
    }

    @Test
    void timesFallIntoBucketsThatEveryRunShares() {
        Latency latency = LatencyHistogram.of(List.of(50L, 99L, 100L, 450L, 20_000_000L));
        assertThat(latency.buckets())
                .startsWith(new Bucket(100, 2), new Bucket(200, 1), new Bucket(500, 1))
                .hasSize(17);
        assertThat(latency.buckets().getLast()).isEqualTo(new Bucket(Long.MAX_VALUE, 1));
        assertThat(latency.p50Micros()).isEqualTo(100);
        assertThat(latency.p99Micros()).isEqualTo(20_000_000);
        assertThat(LatencyHistogram.of(List.of())).isEqualTo(new Latency(0, 0, 0, 0, List.of()));
    }
}

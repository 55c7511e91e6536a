package io.millrace.broker.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubscriptionCountsTest {
    private final SubscriptionCounts counts = new SubscriptionCounts();

    private static Subscription wants(@Nullable String regex, String... topics) {
        return new Subscription(30_000, Set.of(topics), regex, null);
    }

    @Test
    void whatAnotherMemberWantsTooStaysWhenOneGoes() {
        counts.change(null, wants("t.*", "orders", "payments"));
        counts.change(null, wants("t.*", "orders"));

        counts.change(wants("t.*", "orders", "payments"), null);

        assertThat(counts.topics()).containsExactly("orders");
        assertThat(counts.regexes()).containsExactly("t.*");
        counts.change(wants("t.*", "orders"), null);
        assertThat(counts.topics()).isEmpty();
        assertThat(counts.regexes()).isEmpty();
    }

    @Test
    void aMemberThatChangesItsMindCountsOnce() {
        counts.change(null, wants("t.*", "orders"));

        counts.change(wants("t.*", "orders"), wants("", "payments"));

        assertThat(counts.topics()).containsExactly("payments");
        assertThat(counts.regexes()).as("an empty expression is none").isEmpty();
    }

    @Test
    void aCopyGoesItsOwnWay() {
        counts.change(null, wants(null, "orders"));

        counts.copy().change(wants(null, "orders"), null);

        assertThat(counts.topics()).containsExactly("orders");
    }
}

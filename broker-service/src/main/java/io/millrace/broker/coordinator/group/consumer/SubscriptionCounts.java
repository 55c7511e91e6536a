package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many members of a group want each topic by its name, and each expression: thousands of members need not be asked whenever one of
 * them comes.
 */
final class SubscriptionCounts {
    private final Map<String, Integer> topics;
    private final Map<String, Integer> regexes;

    SubscriptionCounts() {
        this(Map.of(), Map.of());
    }

    private SubscriptionCounts(Map<String, Integer> topics, Map<String, Integer> regexes) {
        this.topics = new HashMap<>(topics);
        this.regexes = new HashMap<>(regexes);
    }

    SubscriptionCounts copy() {
        return new SubscriptionCounts(topics, regexes);
    }

    /** A member has another subscription; null if it is new, or gone. */
    void change(@Nullable Subscription before, @Nullable Subscription after) {
        if (before != null) {
            count(before, -1);
        }
        if (after != null) {
            count(after, 1);
        }
    }

    private void count(Subscription subscription, int change) {
        subscription.topics().forEach(topic -> count(topics, topic, change));
        String regex = subscription.regex();
        if (regex != null && !regex.isEmpty()) {
            count(regexes, regex, change);
        }
    }

    private static void count(Map<String, Integer> counts, String name, int change) {
        counts.merge(name, change, (before, more) -> before + more == 0 ? null : before + more);
    }

    /** Topics that somebody wants by name. */
    Set<String> topics() {
        return Collections.unmodifiableSet(topics.keySet());
    }

    /** Expressions that somebody has; no empty ones. */
    Set<String> regexes() {
        return Collections.unmodifiableSet(regexes.keySet());
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Moment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** When the members of a group were told to come next; not durable. On the shard's loop. */
final class ExpectedHeartbeats {
    /** Of a settled group's interval: members come in so many batches, cheaper than one by one. */
    private static final int BATCHES = 8;

    /** Monotonic time by member id. */
    private final Map<String, Long> dueMs = new HashMap<>();
    /** Monotonic time of the place that was given last. */
    private long placeUs = Long.MIN_VALUE / 2;

    /**
     * The interval to the next free place for a heartbeat: the whole one, or less, down to half of it where many members have been told of
     * something together, so that they do not come together for ever and there is always somebody who comes soon; half a batch more or less.
     */
    int toNextPlaceMs(int intervalMs, int members, Moment now) {
        long nowMs = now.monotonicMs();
        long soonestMs = nowMs + (intervalMs + intervalMs / members) / 2;
        placeUs = Math.clamp(placeUs + intervalMs * 1_000L / members, soonestMs * 1_000, (nowMs + intervalMs) * 1_000);
        long placeMs = placeUs / 1_000;
        long batchMs = members > BATCHES ? Math.max(1, intervalMs / BATCHES) : 1;
        return (int) Math.max(1, Math.floorDiv(placeMs + batchMs / 2, batchMs) * batchMs - nowMs);
    }

    void expect(String memberId, long atMs) {
        dueMs.put(memberId, atMs);
    }

    /**
     * Members in the order in which they will come; last those that are overdue, who may have died, and those of whom nothing is known.
     *
     * @param heard who has just come; null if nobody has
     */
    Set<String> order(Set<String> memberIds, @Nullable String heard, Moment now) {
        dueMs.keySet().retainAll(memberIds);
        var sorted = new ArrayList<>(memberIds);
        sorted.sort(Comparator.comparingLong(memberId -> {
            long atMs = dueMs.getOrDefault(memberId, Long.MAX_VALUE);
            return memberId.equals(heard) ? Long.MIN_VALUE : atMs < now.monotonicMs() ? Long.MAX_VALUE : atMs;
        }));
        return new LinkedHashSet<>(sorted);
    }
}

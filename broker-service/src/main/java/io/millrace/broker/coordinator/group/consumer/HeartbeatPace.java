package io.millrace.broker.coordinator.group.consumer;

import java.util.HashMap;
import java.util.Map;

/** What the groups of one shard take of their broker's {@link HeartbeatBudget}, and how soon their members shall come back. On the shard's loop. */
final class HeartbeatPace {
    private record Counted(int members, boolean settled) {}

    private static final Counted NOBODY = new Counted(0, true);

    private final HeartbeatBudget budget;
    private final Map<String, Counted> groups = new HashMap<>();

    HeartbeatPace(HeartbeatBudget budget) {
        this.budget = budget;
    }

    /**
     * The interval to answer a member with.
     *
     * @param members of the group, this one included
     * @param configuredMs {@code group.consumer.heartbeat.interval.ms}: never longer than this
     */
    int intervalMs(String groupId, int members, boolean settled, int configuredMs) {
        count(groupId, new Counted(members, settled));
        return budget.intervalMs(settled, configuredMs);
    }

    /** A group has another number of members; a group that was not heard of counts for nothing. */
    void resized(String groupId, int members) {
        Counted counted = groups.get(groupId);
        if (counted != null) {
            count(groupId, new Counted(members, counted.settled()));
        }
    }

    private void count(String groupId, Counted now) {
        Counted before = now.members() == 0 ? groups.remove(groupId) : groups.put(groupId, now);
        if (!now.equals(before)) {
            give(before == null ? NOBODY : before, -1);
            give(now, 1);
        }
    }

    private void give(Counted counted, int sign) {
        budget.add(sign * counted.members(), counted.settled());
    }

    /** The shard goes away, and its groups with it. */
    void close() {
        groups.values().forEach(counted -> give(counted, -1));
        groups.clear();
    }
}

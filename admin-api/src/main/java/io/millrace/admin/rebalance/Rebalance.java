package io.millrace.admin.rebalance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One rebalance, from the event that began it to the assignment that ended it.
 *
 * @param endedAt absent while it goes on, or when another one overtook it
 * @param cause of the coordinator, or UNKNOWN
 * @param member who is behind it, as people call it
 * @param waitedFor the member that joined last, if others had to wait for it
 * @param moved partitions that got another owner
 * @param longestStandstillMs the longest that a partition had no owner, as far as that is known
 */
record Rebalance(
        String groupId,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Integer durationMs,
        int generation,
        String cause,
        @Nullable String reason,
        @Nullable String member,
        @Nullable String waitedFor,
        int moved,
        @Nullable Integer longestStandstillMs) {

    /** A wait for the last member that is worth a word. */
    private static final int NOTABLE_WAIT_MS = 500;

    /** The rebalances in a group's events, which are in order. */
    static List<Rebalance> in(List<GroupEvent> events) {
        List<Rebalance> found = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        Map<String, String> owners = Map.of();
        GroupEvent started = null;
        GroupEvent begun = null;
        for (GroupEvent event : events) {
            if (event.member() != null)
                names.put(event.member().memberId(), event.member().name());
            switch (event.type()) {
                case REBALANCE_STARTED -> {
                    if (started != null) found.add(unfinished(started, names));
                    started = event;
                    begun = null;
                }
                case GENERATION_BEGUN -> {
                    begun = event;
                    if (started != null && event.members() != null && event.members() == 0) {
                        found.add(finished(started, event, event, 0, names));
                        started = null;
                        owners = Map.of();
                    }
                }
                case ASSIGNED -> {
                    Map<String, String> now = owners(event);
                    int moved = moved(owners, now);
                    owners = now;
                    if (GroupEvent.FIRST_LOOK.equals(event.cause())) continue;
                    found.add(finished(started == null ? event : started, begun, event, moved, names));
                    started = null;
                }
                case MEMBER_JOINED,
                        MEMBER_LEFT,
                        STATIC_MEMBER_REPLACED,
                        MEMBER_FENCED,
                        SUBSCRIPTION_CHANGED,
                        PARTITIONS_CHANGED,
                        OTHER -> {}
            }
        }
        if (started != null) found.add(unfinished(started, names));
        return found;
    }

    private static Rebalance unfinished(GroupEvent started, Map<String, String> names) {
        return new Rebalance(
                started.groupId(),
                started.at(),
                null,
                null,
                started.generation(),
                causeOf(started),
                started.reason(),
                nameOf(started.memberId(), names),
                null,
                0,
                null);
    }

    private static Rebalance finished(
            GroupEvent started, @Nullable GroupEvent begun, GroupEvent ended, int moved, Map<String, String> names) {
        Integer joinMs = begun == null ? null : begun.joinMs();
        boolean waited = joinMs != null && joinMs >= NOTABLE_WAIT_MS;
        Map<String, Integer> standstills = ended.standstillMs();
        Collection<Integer> times = standstills == null ? List.of() : standstills.values();
        return new Rebalance(
                started.groupId(),
                started.at(),
                ended.at(),
                ended.durationMs() != null ? ended.durationMs() : ended.joinMs(),
                ended.generation(),
                causeOf(started),
                started.reason(),
                nameOf(started.memberId(), names),
                waited && begun != null ? nameOf(begun.lastToJoin(), names) : null,
                moved,
                times.isEmpty() ? null : times.stream().max(Integer::compare).orElseThrow());
    }

    private static String causeOf(GroupEvent started) {
        return started.cause() == null ? GroupEvent.UNKNOWN : started.cause();
    }

    private static @Nullable String nameOf(@Nullable String memberId, Map<String, String> names) {
        return memberId == null ? null : names.getOrDefault(memberId, memberId);
    }

    private static Map<String, String> owners(GroupEvent assigned) {
        Map<String, String> owners = new HashMap<>();
        if (assigned.partitions() != null) {
            assigned.partitions().forEach((member, list) -> list.forEach(partition -> owners.put(partition, member)));
        }
        return owners;
    }

    private static int moved(Map<String, String> before, Map<String, String> now) {
        return (int) now.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
                .count();
    }
}

package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Moment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who has which partition of a classic consumer group, and since when nobody has it. For the journal: nothing is decided by it, and a
 * group that was loaded from its log knows nothing until its next assignment. Partitions are {@code topic-partition}. On the shard's loop.
 *
 * <p>A member gives up, at the latest when it joins again, what it does not list as owned (eager members list nothing, KIP-429); when it
 * is removed; and when it gets an assignment without it.
 */
final class ClassicOwnership {

    /**
     * What an assignment changed.
     *
     * @param revoked what members that are still here had and have not any more, by member id
     * @param standstillMs how long a partition that has an owner again had none
     */
    record Handover(Map<String, List<String>> revoked, Map<String, Long> standstillMs) {}

    private final Map<String, List<String>> ownedByMember = new HashMap<>();
    private final Map<String, Long> releasedAtMs = new HashMap<>();
    private boolean revoking;

    /** Whether the last assignment took partitions from members that nobody could have before they had given them up. */
    boolean isRevoking() {
        return revoking;
    }

    /** A member came to the join barrier and keeps only {@code stillOwned}. */
    void joined(String memberId, Set<String> stillOwned, Moment now) {
        List<String> owned = ownedByMember.get(memberId);
        if (owned == null) {
            return;
        }
        var kept = new ArrayList<String>();
        for (String partition : owned) {
            if (stillOwned.contains(partition)) {
                kept.add(partition);
            } else {
                releasedAtMs.putIfAbsent(partition, now.monotonicMs());
            }
        }
        ownedByMember.put(memberId, kept);
    }

    /** A member is gone; returns what it had. */
    List<String> left(String memberId, Moment now) {
        List<String> owned = ownedByMember.remove(memberId);
        if (owned == null) {
            return List.of();
        }
        owned.forEach(partition -> releasedAtMs.putIfAbsent(partition, now.monotonicMs()));
        return owned;
    }

    /** Partitions have lost an owner that was no member of this protocol. */
    void released(Collection<String> partitions, Moment now) {
        partitions.forEach(partition -> releasedAtMs.putIfAbsent(partition, now.monotonicMs()));
    }

    void renamed(String oldMemberId, String newMemberId) {
        List<String> owned = ownedByMember.remove(oldMemberId);
        if (owned != null) {
            ownedByMember.put(newMemberId, owned);
        }
    }

    /** A new assignment holds from now on. */
    Handover assigned(Map<String, List<String>> partitionsByMember, Moment now) {
        Map<String, List<String>> revoked = new TreeMap<>();
        partitionsByMember.forEach((memberId, partitions) -> {
            List<String> lost = new ArrayList<>(ownedByMember.getOrDefault(memberId, List.of()));
            lost.removeAll(Set.copyOf(partitions));
            if (!lost.isEmpty()) {
                revoked.put(memberId, lost);
                lost.forEach(partition -> releasedAtMs.putIfAbsent(partition, now.monotonicMs()));
            }
        });
        Map<String, Long> standstillMs = new TreeMap<>();
        partitionsByMember.values().stream().flatMap(Collection::stream).forEach(partition -> {
            Long sinceMs = releasedAtMs.remove(partition);
            if (sinceMs != null) {
                standstillMs.put(partition, now.monotonicMs() - sinceMs);
            }
        });
        revoking = revoked.values().stream().flatMap(Collection::stream).anyMatch(releasedAtMs::containsKey);
        ownedByMember.clear();
        ownedByMember.putAll(partitionsByMember);
        return new Handover(revoked, standstillMs);
    }
}

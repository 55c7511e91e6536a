package io.millrace.admin.rebalance;

import io.millrace.admin.rebalance.GroupEvent.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.jspecify.annotations.Nullable;

/**
 * Makes events out of the differences between two looks at a group, for clusters that have no journal. What came and went between two
 * looks is not seen, and nobody says why anything happened. One thread.
 */
final class GroupLooks {
    private record Look(Map<String, MemberDescription> members, Map<String, List<String>> partitions) {}

    private final Map<String, Look> last = new HashMap<>();
    private long count;

    /** The first look at a group tells who is there; the next ones what changed. */
    List<GroupEvent> look(ConsumerGroupDescription group, Instant at) {
        Look now = take(group);
        Look before = last.put(group.groupId(), now);
        List<GroupEvent> events = new ArrayList<>();
        if (before != null) {
            before.members().forEach((id, member) -> {
                if (!now.members().containsKey(id)) {
                    events.add(event(
                            group,
                            GroupEvent.Type.MEMBER_LEFT,
                            at,
                            member,
                            before.partitions().get(id),
                            null));
                }
            });
        }
        now.members().forEach((id, member) -> {
            if (before == null || !before.members().containsKey(id)) {
                events.add(event(group, GroupEvent.Type.MEMBER_JOINED, at, member, null, null));
            }
        });
        if (before == null ? !now.partitions().isEmpty() : !before.partitions().equals(now.partitions())) {
            events.add(event(group, GroupEvent.Type.ASSIGNED, at, null, null, now.partitions())
                    .withCause(before == null ? GroupEvent.FIRST_LOOK : GroupEvent.UNKNOWN));
        }
        return events;
    }

    private static Look take(ConsumerGroupDescription group) {
        Map<String, MemberDescription> members = new TreeMap<>();
        Map<String, List<String>> partitions = new TreeMap<>();
        for (MemberDescription member : group.members()) {
            members.put(member.consumerId(), member);
            partitions.put(
                    member.consumerId(),
                    member.assignment().topicPartitions().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList());
        }
        return new Look(members, partitions);
    }

    private GroupEvent event(
            ConsumerGroupDescription group,
            GroupEvent.Type type,
            Instant at,
            @Nullable MemberDescription member,
            @Nullable List<String> owned,
            @Nullable Map<String, List<String>> partitions) {
        return new GroupEvent(
                "look-" + count++,
                type,
                group.groupId(),
                group.type().toString().toLowerCase(java.util.Locale.ROOT),
                at,
                0,
                member == null
                        ? null
                        : new Member(
                                member.consumerId(),
                                member.groupInstanceId().orElse(null),
                                member.clientId(),
                                member.host(),
                                null,
                                null),
                null,
                null,
                null,
                type == GroupEvent.Type.MEMBER_LEFT ? GroupEvent.UNKNOWN : null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                partitions,
                null,
                null,
                owned,
                null,
                null,
                null,
                null,
                null);
    }
}

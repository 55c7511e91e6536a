package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.journal.GroupEvent;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Header;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the classic protocol tells the group journal. */
final class ClassicEvents {
    private ClassicEvents() {}

    private static Header header(ClassicGroup group, Moment now) {
        return new Header(group.groupId(), "classic", now.wallClockMs(), group.generation());
    }

    private static GroupEvent.Member member(ClassicMember member) {
        return new GroupEvent.Member(
                member.memberId(),
                member.instanceId(),
                member.profile().clientId(),
                member.profile().clientHost(),
                member.profile().sessionTimeoutMs(),
                member.profile().rebalanceTimeoutMs());
    }

    static GroupEvent joined(ClassicGroup group, ClassicMember member, @Nullable String reason, Moment now) {
        return new GroupEvent.MemberJoined(header(group, now), member(member), sortedTopics(group, member), reason);
    }

    static GroupEvent left(
            ClassicGroup group,
            ClassicMember member,
            Departure departure,
            List<String> owned,
            @Nullable String reason,
            Moment now) {
        return new GroupEvent.MemberLeft(header(group, now), member(member), departure, owned, reason);
    }

    static GroupEvent replaced(ClassicGroup group, ClassicMember member, String oldMemberId, Moment now) {
        return new GroupEvent.StaticMemberReplaced(header(group, now), member(member), oldMemberId);
    }

    static GroupEvent fenced(
            ClassicGroup group, String memberId, @Nullable String instanceId, String operation, Moment now) {
        return new GroupEvent.MemberFenced(header(group, now), memberId, instanceId, operation);
    }

    static GroupEvent subscriptionChanged(
            ClassicGroup group, ClassicMember member, Set<String> before, Set<String> after, Moment now) {
        return new GroupEvent.SubscriptionChanged(header(group, now), member(member), sorted(before), sorted(after));
    }

    static GroupEvent partitionsChanged(ClassicGroup group, String topic, int before, int after, Moment now) {
        return new GroupEvent.PartitionsChanged(header(group, now), topic, before, after);
    }

    private static @Nullable List<String> sortedTopics(ClassicGroup group, ClassicMember member) {
        Set<String> topics = group.usesConsumerProtocol() ? member.subscribedTopics() : null;
        return topics == null ? null : sorted(topics);
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    static GroupEvent started(ClassicGroup group, Trigger trigger, Moment now) {
        return new GroupEvent.RebalanceStarted(
                header(group, now), trigger.cause().name(), trigger.reason(), trigger.memberId());
    }

    static GroupEvent begun(ClassicGroup group, Moment now) {
        return new GroupEvent.GenerationBegun(
                header(group, now),
                group.size(),
                group.leaderId(),
                group.protocolName(),
                now.monotonicMs() - group.rebalanceStartedMs,
                group.isEmpty() ? null : group.lastToJoin);
    }

    static GroupEvent assigned(ClassicGroup group, Moment now) {
        Map<String, List<String>> partitions = partitions(group);
        var handover = group.ownership.assigned(partitions == null ? Map.of() : partitions, now);
        return new GroupEvent.Assigned(
                header(group, now),
                now.monotonicMs() - group.rebalanceStartedMs,
                partitions,
                handover.revoked(),
                handover.standstillMs());
    }

    /** The group was taken up with the assignments of its record. */
    static void takenUp(ClassicGroup group, Moment now) {
        Map<String, List<String>> partitions = partitions(group);
        if (partitions != null) {
            var _ = group.ownership.assigned(partitions, now);
        }
    }

    private static @Nullable Map<String, List<String>> partitions(ClassicGroup group) {
        if (!group.usesConsumerProtocol()) {
            return null;
        }
        var byMember = new LinkedHashMap<String, List<String>>();
        for (ClassicMember member : group.members().all()) {
            List<String> partitions = EmbeddedProtocol.partitionNamesOf(member.assignment());
            if (partitions == null) {
                return null;
            }
            byMember.put(member.memberId(), partitions);
        }
        return byMember;
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.journal.GroupEvent;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the consumer groups of one shard tell the journal, of those that something happened to since they were loaded. On the shard's loop. */
final class ConsumerStories {
    private final Map<String, ConsumerStory> stories = new HashMap<>();

    private ConsumerStory of(ConsumerGroup group) {
        return stories.computeIfAbsent(group.groupId(), ConsumerStory::new);
    }

    void forget(String groupId) {
        stories.remove(groupId);
    }

    /** What a member's request has brought about. */
    void heard(
            ConsumerGroup group,
            GroupDraft draft,
            ConsumerMember after,
            int sessionTimeoutMs,
            TopicMetadata topics,
            Moment now,
            Decision decision) {
        ConsumerStory story = of(group);
        ConsumerMember before = group.member(after.id());
        String instanceId = after.identity().instanceId();
        ConsumerMember holder = before != null || instanceId == null ? null : group.staticMember(instanceId);
        int epoch = group.epoch();
        String cause = "PARTITIONS_CHANGED";
        if (holder != null) {
            story.replaced(after, holder.id(), sessionTimeoutMs, epoch, now, decision);
            cause = "STATIC_MEMBER_CHANGED";
        } else if (before == null) {
            story.joined(after, draft.topicsOf(after), sessionTimeoutMs, epoch, now, decision);
            cause = "MEMBER_JOINED";
        } else if (MemberUpdate.wantsOther(before.subscription(), after.subscription())) {
            story.subscriptionChanged(
                    after, group.topicsOf(before), draft.topicsOf(after), sessionTimeoutMs, epoch, now, decision);
            cause = "SUBSCRIPTION_CHANGED";
        }
        if (draft.epoch() > epoch) {
            story.started(cause, "group epoch " + draft.epoch(), after.id(), epoch, now, decision);
        }
        if (!story.rebalancing()) {
            return;
        }
        ConsumerMember known = before != null ? before : holder;
        story.moved(
                after.id(),
                known == null ? ConsumerMember.Progress.NEW : known.progress(),
                after.progress(),
                topics,
                now);
        int target = draft.targetEpoch();
        boolean settled =
                draft.epoch() == target && after.isAt(target) && group.othersAreAt(target, after.id(), holder);
        if (settled) {
            List<ConsumerMember> members = Stream.concat(Stream.of(after), others(group, after, holder))
                    .toList();
            story.settled(members, target, topics, now, decision);
        }
    }

    private static Stream<ConsumerMember> others(
            ConsumerGroup group, ConsumerMember member, @Nullable ConsumerMember replaced) {
        return group.members().stream()
                .filter(other -> !other.id().equals(member.id()))
                .filter(other -> replaced == null || !other.id().equals(replaced.id()));
    }

    /** Members are gone. */
    void left(
            ConsumerGroup group,
            GroupDraft draft,
            Collection<ConsumerMember> gone,
            Departure departure,
            int sessionTimeoutMs,
            TopicMetadata topics,
            Moment now,
            Decision decision) {
        ConsumerStory story = of(group);
        String cause = departure == Departure.LEFT ? "MEMBER_LEFT" : "SESSION_EXPIRED";
        for (ConsumerMember member : gone) {
            story.left(member, departure, sessionTimeoutMs, group.epoch(), topics, now, decision);
            story.started(cause, "group epoch " + draft.epoch(), member.id(), group.epoch(), now, decision);
        }
        if (draft.size() == 0) {
            story.emptied(draft.epoch(), now, decision);
        }
    }

    /** A classic group becomes a consumer group because a member of this protocol has come; {@code generation} becomes the group epoch. */
    static void becameConsumer(String groupId, int generation, String memberId, Moment now, Decision decision) {
        var header = new GroupEvent.Header(groupId, "classic", now.wallClockMs(), generation);
        decision.event(new GroupEvent.ProtocolChanged(header, "consumer", memberId));
    }

    /** Members are gone, and the others go on in the classic protocol. */
    void leftClassic(
            ConsumerGroup group,
            Collection<ConsumerMember> gone,
            Departure departure,
            int sessionTimeoutMs,
            TopicMetadata topics,
            Moment now,
            Decision decision) {
        ConsumerStory story = of(group);
        for (ConsumerMember member : gone) {
            story.left(member, departure, sessionTimeoutMs, group.epoch(), topics, now, decision);
            story.becameClassic(member.id(), group.epoch(), now, decision);
        }
    }

    /** The last member of the consumer protocol came back in the classic one, and the group with it. */
    void replacedClassic(
            ConsumerGroup group,
            ConsumerMember before,
            ConsumerMember member,
            int sessionTimeoutMs,
            Moment now,
            Decision decision) {
        ConsumerStory story = of(group);
        story.replaced(member, before.id(), sessionTimeoutMs, group.epoch(), now, decision);
        story.becameClassic(member.id(), group.epoch(), now, decision);
    }

    /** A topic of the group has another number of partitions; the next heartbeat takes it up. */
    void partitionsChanged(ConsumerGroup group, String topic, int before, int after, Moment now, Decision decision) {
        of(group).partitionsChanged(topic, before, after, group.epoch(), now, decision);
    }
}

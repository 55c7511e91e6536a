package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How members of consumer groups go: their partitions are given to the others at once, or the group becomes a classic one. On the shard's loop. */
final class Departures {
    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    private final GroupContext context;
    private final Map<String, Group> groups;
    private final Assignors assignors;
    private final Downgrade downgrade;
    private final ConsumerStories stories;
    private final MemberDeadlines deadlines;

    Departures(
            GroupContext context,
            Map<String, Group> groups,
            Assignors assignors,
            Downgrade downgrade,
            ConsumerStories stories) {
        this.context = context;
        this.groups = groups;
        this.assignors = assignors;
        this.downgrade = downgrade;
        this.stories = stories;
        this.deadlines = new MemberDeadlines(context.deadlines(), this::times, this::fence);
    }

    MemberDeadlines deadlines() {
        return deadlines;
    }

    /** The group's times, by the newest image. */
    GroupTimes times(ConsumerGroup group) {
        ClusterImage image = context.image().get();
        GroupTimes times = group.times;
        if (times == null || times.imageOffset() != image.offset()) {
            times = GroupTimes.of(context.config().consumer(), image, group.groupId());
            group.times = times;
        }
        return times;
    }

    /** Takes members off the group. */
    void remove(
            ConsumerGroup group, Collection<ConsumerMember> gone, Departure departure, Moment now, Decision decision) {
        Set<String> ids = new HashSet<>();
        gone.forEach(member -> ids.add(member.id()));
        List<ConsumerMember> remaining = group.members().stream()
                .filter(member -> !ids.contains(member.id()))
                .toList();
        var topics = new TopicMetadata(context.image().get());
        if (downgrade.isDue(group, remaining)) {
            stories.leftClassic(group, gone, departure, times(group).sessionTimeoutMs(), topics, now, decision);
            String memberId = gone.iterator().next().id();
            downgrade.convert(group, downgrade.snapshot(group, remaining, gone), memberId, true, decision);
            return;
        }
        var draft = new GroupDraft(group, topics, decision);
        gone.forEach(member -> draft.remove(member.id()));
        group.vacated = true;
        draft.resolveRegexes(false, now);
        draft.bumpEpoch();
        if (draft.mayAssign(times(group), now)) {
            draft.assign(assignors.find(draft.preferredAssignor()), null, now);
        }
        stories.left(group, draft, gone, departure, times(group).sessionTimeoutMs(), topics, now, decision);
    }

    /** A static member will be back: its partitions stay reserved for it until its session ends. */
    static void leaveForNow(ConsumerGroup group, ConsumerMember member, Decision decision) {
        Progress had = member.progress();
        Progress away = had.next(
                ConsumerGroup.LEFT_FOR_NOW,
                member.epoch(),
                MemberState.STABLE,
                had.assigned().plus(had.pendingRevocation()),
                TopicPartitions.NONE);
        decision.append(ConsumerRecords.progress(group.groupId(), member.id(), away));
    }

    private void fence(
            ConsumerGroup group,
            ConsumerMember member,
            Departure departure,
            String why,
            Moment now,
            Decision decision) {
        if (groups.get(group.groupId()) != group) {
            return;
        }
        LOG.info("[GroupId {}] Member {} fenced from the group because {}.", group.groupId(), member.id(), why);
        remove(group, List.of(member), departure, now, decision);
        // A removal that could not be written is tried again after another session.
        decision.afterwards((then, next) -> {
            if (group.member(member.id()) != null) {
                deadlines.watchSession(group, member, then);
            }
        });
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a request of a member makes of the group, in whichever protocol it came: subscription, epoch, assignment, the member's next step. */
final class MemberUpdate {
    private static final Logger LOG = LoggerFactory.getLogger(MemberUpdate.class);

    private final Assignors assignors;

    MemberUpdate(Assignors assignors) {
        this.assignors = assignors;
    }

    /**
     * Drafts the update; the member as it will be.
     *
     * @param before the member before the request; its predecessor if it took a static member's place; null if it is new
     * @param member the member as the request has it
     * @param reported what it says it owns; null if it did not say
     */
    ConsumerMember apply(
            ConsumerGroup group,
            GroupDraft draft,
            @Nullable ConsumerMember before,
            ConsumerMember member,
            @Nullable TopicPartitions reported,
            GroupTimes times,
            Moment now) {
        boolean subscriptionChanged = updateSubscription(group, before, member, draft);
        updateEpoch(group, before, subscriptionChanged, draft, now);
        if (draft.mayAssign(times, now)) {
            draft.assign(assignors.find(draft.preferredAssignor()), member.id(), now);
        }
        if (before == null) {
            // Who comes alone does not wait for itself.
            group.joinedAtMs = now.wallClockMs();
            if (group.joiningSinceMs <= group.assignedAtMs()) {
                group.joiningSinceMs = now.wallClockMs();
            }
        }
        Progress progress = Reconciliation.next(
                member.progress(),
                draft.targetEpoch(),
                draft.target(member.id()),
                reported,
                (topicId, partition) -> draft.isFree(member.id(), topicId, partition));
        if (!progress.equals(member.progress())) {
            draft.progress(member, progress);
            log(group, member.id(), progress);
        }
        return member.with(progress);
    }

    private static boolean updateSubscription(
            ConsumerGroup group, @Nullable ConsumerMember before, ConsumerMember member, GroupDraft draft) {
        boolean replaced = before != null && !before.id().equals(member.id());
        boolean same = before != null
                && before.subscription().equals(member.subscription())
                && before.identity().equals(member.identity())
                && Objects.equals(before.classic(), member.classic());
        if (!same && !replaced) {
            draft.put(member);
        }
        boolean wantsOther = before == null || wantsOther(before.subscription(), member.subscription());
        if (before != null) {
            logChange(group.groupId(), member.id(), before.subscription(), member.subscription());
        }
        return wantsOther;
    }

    private static void logChange(String groupId, String memberId, Subscription before, Subscription now) {
        if (!now.topics().equals(before.topics())) {
            LOG.info("[GroupId {}] Member {} updated its subscribed topics to: {}.", groupId, memberId, now.topics());
        }
        if (!Objects.equals(now.regex(), before.regex())) {
            LOG.info("[GroupId {}] Member {} updated its subscribed regex to: {}.", groupId, memberId, now.regex());
        }
    }

    /** Whether a subscription differs from an earlier one in what the assignment depends on. */
    static boolean wantsOther(Subscription before, Subscription now) {
        return !before.topics().equals(now.topics())
                || !Objects.equals(before.regex(), now.regex())
                || !Objects.equals(before.assignor(), now.assignor());
    }

    private static void updateEpoch(
            ConsumerGroup group,
            @Nullable ConsumerMember before,
            boolean subscriptionChanged,
            GroupDraft draft,
            Moment now) {
        boolean imageChanged = group.checkedImage != draft.imageOffset();
        if (subscriptionChanged || imageChanged || before == null) {
            draft.resolveRegexes(imageChanged, now);
            if (subscriptionChanged || draft.metadataHash() != group.metadataHash()) {
                draft.bumpEpoch();
            }
        }
    }

    private static void log(ConsumerGroup group, String memberId, Progress progress) {
        LOG.info(
                "[GroupId {}] Member {} new assignment state: epoch={}, previousEpoch={}, state={}, assignedPartitions={} and revokedPartitions={}.",
                group.groupId(),
                memberId,
                progress.epoch(),
                progress.previousEpoch(),
                progress.state(),
                progress.assigned(),
                progress.pendingRevocation());
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.CommitSender;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * A group of the consumer protocol. Everything but the deadlines is durable and changed by {@link #replay} alone.
 *
 * <pre>
 * Empty        no members
 * Assigning    the group epoch is ahead of the target assignment's
 * Reconciling  a member has not come to its target yet
 * Stable       every member owns its target
 * </pre>
 */
public final class ConsumerGroup implements Group {
    /** Epoch of a static member that said it will be back. */
    static final int LEFT_FOR_NOW = -2;

    /** The version of OffsetCommit that can carry a member epoch. */
    private static final short MEMBER_EPOCH_SINCE = 9;

    private final String groupId;
    private int epoch;
    private long metadataHash;
    private int targetEpoch;
    /** Wall clock of the newest target assignment. */
    private long assignedAtMs;

    private final Map<String, ConsumerMember> members = new LinkedHashMap<>();
    private final SubscriptionCounts subscriptions = new SubscriptionCounts();
    private final Map<String, String> memberIdByInstance = new HashMap<>();
    private final Map<String, TopicPartitions> targets = new HashMap<>();
    private final PartitionOwners owners = new PartitionOwners();
    /** Progress of members whose own record is still to come. */
    private final Map<String, Progress> early = new HashMap<>();
    /** Topics that each expression stands for. */
    private final Map<String, Set<String>> regexTopics = new HashMap<>();

    private final Stragglers stragglers = new Stragglers();

    final Map<String, Deadline> sessions = new HashMap<>();
    final FirstSession firstSession = new FirstSession(sessions);
    final ExpectedHeartbeats expected = new ExpectedHeartbeats();
    final Map<String, Deadline> revocations = new HashMap<>();
    /** Members of the classic protocol that are to rejoin or to sync. */
    final Map<String, Deadline> barriers = new HashMap<>();
    /** Number of the image by which expressions and partition counts were last looked at; not durable. */
    long checkedImage = -1;

    /** Wall clock of the newest join; not durable. */
    long joinedAtMs;

    /** Wall clock of the first join since the newest target assignment; not durable. */
    long joiningSinceMs;

    /** Whether a member has gone since the newest target assignment, so that partitions may have no owner; not durable. */
    boolean vacated;

    /** Its times by the image that was current when they were last asked for; not durable. */
    @Nullable
    GroupTimes times;

    ConsumerGroup(String groupId) {
        this.groupId = groupId;
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String type() {
        return "Consumer";
    }

    @Override
    public String protocolType() {
        return "consumer";
    }

    @Override
    public String state() {
        if (members.isEmpty()) {
            return "Empty";
        }
        if (epoch > targetEpoch) {
            return "Assigning";
        }
        return isReconciled() ? "Stable" : "Reconciling";
    }

    /** Whether every member has come to the newest target. */
    boolean isReconciled() {
        return epoch <= targetEpoch && !stragglers.anybody();
    }

    /**
     * Whether all members but one have come to a target.
     *
     * @param exceptId of the one; whoever it replaces does not count either
     * @param replaced null if it replaces nobody
     */
    boolean othersAreAt(int target, String exceptId, @Nullable ConsumerMember replaced) {
        if (target != targetEpoch) {
            return members.values().stream()
                    .filter(member -> !member.id().equals(exceptId))
                    .filter(member -> replaced == null || !member.id().equals(replaced.id()))
                    .allMatch(member -> member.isAt(target));
        }
        return stragglers.nobodyBut(members.get(exceptId), replaced, targetEpoch);
    }

    /** Members that wait for what others are still to give up. */
    int waiting() {
        return stragglers.waiting();
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    int epoch() {
        return epoch;
    }

    int targetEpoch() {
        return targetEpoch;
    }

    long assignedAtMs() {
        return assignedAtMs;
    }

    long metadataHash() {
        return metadataHash;
    }

    Collection<ConsumerMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    Map<String, ConsumerMember> membersById() {
        return Collections.unmodifiableMap(members);
    }

    /** Whoever changes them works on a copy. */
    SubscriptionCounts subscriptions() {
        return subscriptions;
    }

    int size() {
        return members.size();
    }

    @Nullable
    ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    ConsumerMember staticMember(String instanceId) {
        String memberId = memberIdByInstance.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    TopicPartitions target(String memberId) {
        return targets.getOrDefault(memberId, TopicPartitions.NONE);
    }

    @Nullable
    String owner(Uuid topicId, int partition) {
        return owners.of(topicId, partition);
    }

    /** Whether a member has more than its part, so that it will have to give something up. */
    boolean hasTooMuch(ConsumerMember member) {
        return member.progress().assigned().size() > 1 + owners.count() / Math.max(1, members.size());
    }

    /** Whether somebody else still has a partition that a member is to own. */
    boolean isWaitingForOthers(ConsumerMember member) {
        TopicPartitions wanted = target(member.id()).minus(member.progress().assigned());
        return !wanted.filter((topicId, partition) -> {
                    String owner = owner(topicId, partition);
                    return owner != null && !owner.equals(member.id());
                })
                .isEmpty();
    }

    @Nullable
    Set<String> topicsOf(String regex) {
        return regexTopics.get(regex);
    }

    Set<String> regexes() {
        return Collections.unmodifiableSet(regexTopics.keySet());
    }

    /** Names of the topics that a member is subscribed to, those of its expression included. */
    Set<String> topicsOf(ConsumerMember member) {
        String regex = member.subscription().regex();
        Set<String> matched = regex == null || regex.isEmpty() ? Set.of() : regexTopics.getOrDefault(regex, Set.of());
        if (matched.isEmpty()) {
            return member.subscription().topics();
        }
        var all = new HashSet<>(member.subscription().topics());
        all.addAll(matched);
        return all;
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscriptions.topics().contains(topic)
                || subscriptions.regexes().stream()
                        .anyMatch(regex ->
                                regexTopics.getOrDefault(regex, Set.of()).contains(topic));
    }

    // --- checks for other requests ---

    @Override
    public Errors checkCommit(CommitSender sender, List<OffsetCommitRequestTopic> topics, Moment now) {
        boolean noMember = sender.memberId().isEmpty() && sender.instanceId() == null;
        if (sender.generation() < 0 && (members.isEmpty() || (sender.transactional() && noMember))) {
            // An administrator who resets offsets, or a producer without a consumer.
            return Errors.NONE;
        }
        ConsumerMember member = members.get(sender.memberId());
        if (member == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        if (!sender.transactional() && member.classic() == null && sender.apiVersion() < MEMBER_EPOCH_SINCE) {
            return Errors.UNSUPPORTED_VERSION;
        }
        boolean upToDate = member.epoch() == sender.generation();
        if (upToDate || ownsSince(member, sender.generation(), topics)) {
            return Errors.NONE;
        }
        return member.classic() == null ? Errors.STALE_MEMBER_EPOCH : Errors.ILLEGAL_GENERATION;
    }

    /** Whether a member has had all these partitions since an earlier epoch of its own. */
    private static boolean ownsSince(ConsumerMember member, int earlierEpoch, List<OffsetCommitRequestTopic> topics) {
        if (earlierEpoch > member.epoch()) {
            return false;
        }
        PartitionEpochs since = member.progress().since();
        for (OffsetCommitRequestTopic topic : topics) {
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                if (since.of(topic.topicId(), partition.partitionIndex()) > earlierEpoch) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public Errors checkFetch(@Nullable String memberId, int memberEpoch) {
        return memberId == null && memberEpoch < 0
                ? Errors.NONE
                : checkEpoch(memberId == null ? "" : memberId, memberEpoch);
    }

    private Errors checkEpoch(String memberId, int memberEpoch) {
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        if (member.epoch() == memberEpoch) {
            return Errors.NONE;
        }
        return member.classic() == null ? Errors.STALE_MEMBER_EPOCH : Errors.ILLEGAL_GENERATION;
    }

    @Override
    public Errors checkOffsetDelete() {
        return Errors.NONE;
    }

    @Override
    public Errors checkDelete() {
        return members.isEmpty() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
    }

    @Override
    public OptionalLong retentionStartMs(String topic, long commitTimestampMs) {
        return isSubscribedTo(topic) ? OptionalLong.empty() : OptionalLong.of(commitTimestampMs);
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        var records = new ArrayList<CoordinatorRecord>();
        members.keySet().forEach(memberId -> records.addAll(ConsumerRecords.memberTombstones(groupId, memberId)));
        regexTopics.keySet().forEach(regex -> records.add(ConsumerRecords.regexTombstone(groupId, regex)));
        records.addAll(ConsumerRecords.groupTombstones(groupId));
        return records;
    }

    void dispose() {
        sessions.values().forEach(Deadline::cancel);
        revocations.values().forEach(Deadline::cancel);
        barriers.values().forEach(Deadline::cancel);
    }

    // --- replay ---

    void replay(ApiMessage key, @Nullable ApiMessage value) {
        switch (key) {
            case ConsumerGroupMetadataKey _ -> {
                var metadata = (ConsumerGroupMetadataValue) value;
                epoch = metadata == null ? 0 : metadata.epoch();
                metadataHash = metadata == null ? 0 : metadata.metadataHash();
            }
            case ConsumerGroupMemberMetadataKey k ->
                replayMember(k.memberId(), (ConsumerGroupMemberMetadataValue) value);
            case ConsumerGroupTargetAssignmentMetadataKey _ -> {
                var metadata = (ConsumerGroupTargetAssignmentMetadataValue) value;
                targetEpoch = metadata == null ? 0 : metadata.assignmentEpoch();
                assignedAtMs = metadata == null ? 0 : metadata.assignmentTimestamp();
                vacated = false;
                stragglers.retarget(members.values(), targetEpoch);
            }
            case ConsumerGroupTargetAssignmentMemberKey k -> {
                if (value == null) {
                    targets.remove(k.memberId());
                } else {
                    targets.put(
                            k.memberId(), ConsumerRecords.readTarget((ConsumerGroupTargetAssignmentMemberValue) value));
                }
            }
            case ConsumerGroupCurrentMemberAssignmentKey k ->
                replayProgress(
                        k.memberId(),
                        value == null
                                ? Progress.NEW
                                : ConsumerRecords.readProgress((ConsumerGroupCurrentMemberAssignmentValue) value));
            case ConsumerGroupRegularExpressionKey k -> {
                if (value == null) {
                    regexTopics.remove(k.regularExpression());
                } else {
                    regexTopics.put(
                            k.regularExpression(), Set.copyOf(((ConsumerGroupRegularExpressionValue) value).topics()));
                }
            }
            // Partition metadata of versions before 4.1 is not needed: the image says it.
            default -> {}
        }
    }

    private void replayMember(String memberId, @Nullable ConsumerGroupMemberMetadataValue value) {
        ConsumerMember old = members.get(memberId);
        if (value == null) {
            if (old != null) {
                members.remove(memberId);
                stragglers.moved(old, null, targetEpoch);
                subscriptions.change(old.subscription(), null);
                owners.release(old);
                String instanceId = old.identity().instanceId();
                if (instanceId != null) {
                    memberIdByInstance.remove(instanceId, memberId);
                }
            }
            early.remove(memberId);
            cancel(sessions, memberId);
            cancel(revocations, memberId);
            cancel(barriers, memberId);
            return;
        }
        Progress progress = early.remove(memberId);
        ConsumerMember member =
                ConsumerRecords.readMember(memberId, value, old == null ? Progress.NEW : old.progress());
        members.put(memberId, member);
        stragglers.moved(old, member, targetEpoch);
        subscriptions.change(old == null ? null : old.subscription(), member.subscription());
        if (progress != null) {
            replayProgress(memberId, progress);
        }
        if (value.instanceId() != null) {
            memberIdByInstance.put(value.instanceId(), memberId);
        }
    }

    private static void cancel(Map<String, Deadline> deadlines, String memberId) {
        Deadline deadline = deadlines.remove(memberId);
        if (deadline != null) {
            deadline.cancel();
        }
    }

    private void replayProgress(String memberId, Progress progress) {
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            // After compaction a member's own record may come later than what it had.
            early.put(memberId, progress);
            return;
        }
        owners.release(member);
        ConsumerMember moved = member.with(progress);
        members.put(memberId, moved);
        stragglers.moved(member, moved, targetEpoch);
        owners.own(moved);
    }
}

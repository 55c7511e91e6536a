package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.MemberSubscription;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer group as it will be once the records of one decision are replayed: the group underneath is not touched, every change is a
 * record.
 */
final class GroupDraft {
    private static final Logger LOG = LoggerFactory.getLogger(GroupDraft.class);

    private final ConsumerGroup group;
    private final TopicMetadata topics;
    private final Decision decision;
    /** Members that are new or have changed; thousands of others need not be copied for one that comes. */
    private final Map<String, ConsumerMember> changed = new LinkedHashMap<>();

    private final Set<String> removed = new HashSet<>();
    private int size;
    /** The group's own until something changes. */
    private SubscriptionCounts subscriptions;

    private final Map<String, TopicPartitions> targets = new HashMap<>();
    private final Map<String, Set<String>> regexTopics = new HashMap<>();
    private int epoch;
    private int targetEpoch;
    private long assignedAtMs;

    GroupDraft(ConsumerGroup group, TopicMetadata topics, Decision decision) {
        this.group = group;
        this.topics = topics;
        this.decision = decision;
        this.size = group.size();
        this.subscriptions = group.subscriptions();
        this.epoch = group.epoch();
        this.targetEpoch = group.targetEpoch();
        this.assignedAtMs = group.assignedAtMs();
    }

    long imageOffset() {
        return topics.image().offset();
    }

    int size() {
        return size;
    }

    int epoch() {
        return epoch;
    }

    /** Wall clock of the target assignment. */
    long assignedAtMs() {
        return assignedAtMs;
    }

    int targetEpoch() {
        return targetEpoch;
    }

    TopicPartitions target(String memberId) {
        TopicPartitions drafted = targets.get(memberId);
        return drafted != null ? drafted : group.target(memberId);
    }

    /** A member is new, has changed, or ({@code after} is null) is gone. */
    private void change(String memberId, @Nullable ConsumerMember after) {
        if (changed.isEmpty() && removed.isEmpty()) {
            subscriptions = subscriptions.copy();
        }
        ConsumerMember before = member(memberId);
        if (after == null) {
            changed.remove(memberId);
            removed.add(memberId);
        } else {
            changed.put(memberId, after);
            removed.remove(memberId);
        }
        size += (after == null ? 0 : 1) - (before == null ? 0 : 1);
        subscriptions.change(
                before == null ? null : before.subscription(), after == null ? null : after.subscription());
    }

    private @Nullable ConsumerMember member(String memberId) {
        ConsumerMember drafted = changed.get(memberId);
        return drafted != null || removed.contains(memberId) ? drafted : group.member(memberId);
    }

    /** All members as they will be. */
    private Map<String, ConsumerMember> members() {
        if (changed.isEmpty() && removed.isEmpty()) {
            return group.membersById();
        }
        var members = new LinkedHashMap<>(group.membersById());
        members.keySet().removeAll(removed);
        members.putAll(changed);
        return members;
    }

    void put(ConsumerMember member) {
        change(member.id(), member);
        decision.append(ConsumerRecords.member(group.groupId(), member));
    }

    void progress(ConsumerMember member, Progress progress) {
        // Nothing that is drafted after this looks at it: the assignment is made by then.
        decision.append(ConsumerRecords.progress(group.groupId(), member.id(), progress));
    }

    void remove(String memberId) {
        change(memberId, null);
        decision.append(ConsumerRecords.memberTombstones(group.groupId(), memberId));
    }

    /** Gives a static member's place to its new id. */
    void replace(ConsumerMember old, ConsumerMember successor) {
        TopicPartitions target = target(old.id());
        remove(old.id());
        put(successor);
        setTarget(successor.id(), target);
        progress(successor, successor.progress());
    }

    private void setTarget(String memberId, TopicPartitions target) {
        targets.put(memberId, target);
        decision.append(ConsumerRecords.target(group.groupId(), memberId, target));
    }

    /** Whether a partition has no owner but, possibly, this member. */
    boolean isFree(String memberId, Uuid topicId, int partition) {
        String owner = group.owner(topicId, partition);
        return owner == null || owner.equals(memberId) || removed.contains(owner);
    }

    // --- subscriptions ---

    /** Finds the topics of expressions: of those that are new and, if the image changed, of all. Drops those that nobody has. */
    void resolveRegexes(boolean all, Moment now) {
        Set<String> used = subscriptions.regexes();
        for (String regex : used) {
            Set<String> known = group.topicsOf(regex);
            if (known != null && !all) {
                continue;
            }
            Set<String> matching = topics.matching(regex);
            if (!matching.equals(known)) {
                regexTopics.put(regex, matching);
                decision.append(ConsumerRecords.regex(
                        group.groupId(), regex, matching, topics.image().offset(), now.wallClockMs()));
            }
        }
        for (String regex : group.regexes()) {
            if (!used.contains(regex)) {
                decision.append(ConsumerRecords.regexTombstone(group.groupId(), regex));
            }
        }
    }

    /** Names of the topics that a member is subscribed to, those of its expression included. */
    Set<String> topicsOf(ConsumerMember member) {
        String regex = member.subscription().regex();
        Set<String> drafted = regex == null ? null : regexTopics.get(regex);
        if (drafted == null) {
            return group.topicsOf(member);
        }
        var all = new HashSet<>(member.subscription().topics());
        all.addAll(drafted);
        return all;
    }

    long metadataHash() {
        var names = new HashSet<>(subscriptions.topics());
        for (String regex : subscriptions.regexes()) {
            Set<String> drafted = regexTopics.get(regex);
            Set<String> matching = drafted == null ? group.topicsOf(regex) : drafted;
            if (matching != null) {
                names.addAll(matching);
            }
        }
        return topics.hash(names);
    }

    void bumpEpoch() {
        long hash = metadataHash();
        epoch = group.epoch() + 1;
        decision.append(ConsumerRecords.groupEpoch(group.groupId(), epoch, hash));
        LOG.info("[GroupId {}] Bumped group epoch to {} with metadata hash {}.", group.groupId(), epoch, hash);
    }

    // --- assignment ---

    /** Whether the target assignment is behind and may be made now. */
    boolean mayAssign(GroupTimes times, Moment now) {
        return targetEpoch < epoch
                && size > 0
                && AssignmentTime.of(group, times, now).mayBeMade();
    }

    /**
     * Brings the target assignment up to the group epoch.
     *
     * @param heard the member that has asked: the first that can be told of it; null if none has
     */
    void assign(ConsumerGroupPartitionAssignor assignor, @Nullable String heard, Moment now) {
        Map<String, ConsumerMember> members = members();
        var spec = new Spec(this, members, group.expected.order(members.keySet(), heard, now));
        var assignment = assignor.assign(spec, topics).members();
        for (String memberId : members.keySet()) {
            MemberAssignment assigned = assignment.get(memberId);
            TopicPartitions target =
                    assigned == null ? TopicPartitions.NONE : TopicPartitions.of(assigned.partitions());
            if (!target.equals(target(memberId))) {
                setTarget(memberId, target);
            }
        }
        targetEpoch = epoch;
        assignedAtMs = now.wallClockMs();
        decision.append(ConsumerRecords.targetEpoch(group.groupId(), targetEpoch, now.wallClockMs()));
    }

    /** The assignor that most members prefer; null if none has a preference. */
    @Nullable
    String preferredAssignor() {
        var votes = new HashMap<String, Integer>();
        String winner = null;
        int most = 0;
        for (ConsumerMember member : members().values()) {
            String name = member.subscription().assignor();
            if (name != null) {
                int count = votes.merge(name, 1, Integer::sum);
                if (count > most) {
                    most = count;
                    winner = name;
                }
            }
        }
        return winner;
    }

    /** The draft as assignors see it. */
    private static final class Spec implements GroupSpec {
        private record Wants(Optional<String> rackId, Optional<String> instanceId, Set<Uuid> subscribedTopicIds)
                implements MemberSubscription {}

        private record Has(Map<Uuid, Set<Integer>> partitions) implements MemberAssignment {}

        private final GroupDraft draft;
        private final Set<String> memberIds;
        private final Map<String, Wants> subscriptions = new HashMap<>();
        private final boolean alike;

        Spec(GroupDraft draft, Map<String, ConsumerMember> members, Set<String> memberIds) {
            this.draft = draft;
            this.memberIds = memberIds;
            // Most groups have one subscription; its topics are looked up once.
            Map<Set<String>, Set<Uuid>> ids = new HashMap<>();
            members.values().forEach(member -> {
                Set<Uuid> topicIds = ids.computeIfAbsent(draft.topicsOf(member), draft.topics::ids);
                var identity = member.identity();
                subscriptions.put(
                        member.id(),
                        new Wants(
                                Optional.ofNullable(identity.rackId()),
                                Optional.ofNullable(identity.instanceId()),
                                topicIds));
            });
            alike = new HashSet<>(ids.values()).size() <= 1;
        }

        /** In the order in which they are expected, and so can be told. */
        @Override
        public Set<String> memberIds() {
            return memberIds;
        }

        @Override
        public SubscriptionType subscriptionType() {
            return alike ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        }

        @Override
        public boolean isPartitionAssigned(Uuid topicId, int partition) {
            return memberIds.stream()
                    .anyMatch(memberId -> draft.target(memberId).contains(topicId, partition));
        }

        @Override
        public boolean isPartitionAssignable(Uuid topicId, int partition) {
            return true;
        }

        @Override
        public MemberSubscription memberSubscription(String memberId) {
            return Objects.requireNonNull(subscriptions.get(memberId), memberId);
        }

        @Override
        public MemberAssignment memberAssignment(String memberId) {
            return new Has(draft.target(memberId).byTopic());
        }
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.journal.GroupEvent;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Header;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one consumer group tells the journal. A rebalance is what happens from a new group epoch until every member has come to it; partitions
 * move one by one meanwhile, and stand still from the heartbeat that gives them up to the one whose answer gives them away. Known since
 * the group was loaded; nothing is decided by it. On the shard's loop.
 */
final class ConsumerStory {
    private final String groupId;
    private final Map<String, Long> releasedAtMs = new HashMap<>();
    private final Map<String, Long> standstillMs = new TreeMap<>();
    private final Map<String, List<String>> revoked = new TreeMap<>();
    private boolean rebalancing;
    private long startedMs;

    ConsumerStory(String groupId) {
        this.groupId = groupId;
    }

    /** Whether a rebalance is under way, as far as is known. */
    boolean rebalancing() {
        return rebalancing;
    }

    private Header header(int epoch, Moment now) {
        return new Header(groupId, "consumer", now.wallClockMs(), epoch);
    }

    private static GroupEvent.Member who(ConsumerMember member, int sessionTimeoutMs) {
        ConsumerMember.Identity identity = member.identity();
        return new GroupEvent.Member(
                identity.memberId(),
                identity.instanceId(),
                identity.clientId(),
                identity.clientHost(),
                sessionTimeoutMs,
                member.subscription().rebalanceTimeoutMs());
    }

    void joined(
            ConsumerMember member, Set<String> topics, int sessionTimeoutMs, int epoch, Moment now, Decision decision) {
        decision.event(
                new GroupEvent.MemberJoined(header(epoch, now), who(member, sessionTimeoutMs), sorted(topics), null));
    }

    void replaced(
            ConsumerMember member, String oldMemberId, int sessionTimeoutMs, int epoch, Moment now, Decision decision) {
        decision.event(
                new GroupEvent.StaticMemberReplaced(header(epoch, now), who(member, sessionTimeoutMs), oldMemberId));
    }

    void subscriptionChanged(
            ConsumerMember member,
            Set<String> before,
            Set<String> after,
            int sessionTimeoutMs,
            int epoch,
            Moment now,
            Decision decision) {
        decision.event(new GroupEvent.SubscriptionChanged(
                header(epoch, now), who(member, sessionTimeoutMs), sorted(before), sorted(after)));
    }

    void partitionsChanged(String topic, int before, int after, int epoch, Moment now, Decision decision) {
        decision.event(new GroupEvent.PartitionsChanged(header(epoch, now), topic, before, after));
    }

    /** The group goes on in the other protocol. */
    void becameClassic(@Nullable String memberId, int epoch, Moment now, Decision decision) {
        decision.event(new GroupEvent.ProtocolChanged(header(epoch, now), "classic", memberId));
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    /** A member is gone, with everything it had. */
    void left(
            ConsumerMember member,
            Departure departure,
            int sessionTimeoutMs,
            int epoch,
            TopicMetadata topics,
            Moment now,
            Decision decision) {
        List<String> owned = names(member.progress().owned(), topics);
        owned.forEach(partition -> releasedAtMs.putIfAbsent(partition, now.monotonicMs()));
        decision.event(
                new GroupEvent.MemberLeft(header(epoch, now), who(member, sessionTimeoutMs), departure, owned, null));
    }

    /** A new epoch began; {@code oldEpoch} was current until then. */
    void started(String cause, String reason, @Nullable String memberId, int oldEpoch, Moment now, Decision decision) {
        rebalancing = true;
        startedMs = now.monotonicMs();
        decision.event(new GroupEvent.RebalanceStarted(header(oldEpoch, now), cause, reason, memberId));
    }

    /** Nobody is left. */
    void emptied(int epoch, Moment now, Decision decision) {
        rebalancing = false;
        standstillMs.clear();
        revoked.clear();
        decision.event(
                new GroupEvent.GenerationBegun(header(epoch, now), 0, null, null, now.monotonicMs() - startedMs, null));
    }

    /** A member's partitions change with the answer to its heartbeat. */
    void moved(
            String memberId,
            ConsumerMember.Progress before,
            ConsumerMember.Progress after,
            TopicMetadata topics,
            Moment now) {
        TopicPartitions had = before.owned();
        TopicPartitions has = after.owned();
        for (String partition : names(had.minus(has), topics)) {
            releasedAtMs.putIfAbsent(partition, now.monotonicMs());
            revoked.computeIfAbsent(memberId, id -> new ArrayList<>()).add(partition);
        }
        for (String partition : names(has.minus(had), topics)) {
            Long sinceMs = releasedAtMs.remove(partition);
            if (sinceMs != null) {
                standstillMs.put(partition, now.monotonicMs() - sinceMs);
            }
        }
    }

    /** Everybody has come to the newest epoch. */
    void settled(Iterable<ConsumerMember> members, int epoch, TopicMetadata topics, Moment now, Decision decision) {
        rebalancing = false;
        Map<String, List<String>> partitions = new TreeMap<>();
        members.forEach(
                member -> partitions.put(member.id(), names(member.progress().owned(), topics)));
        decision.event(new GroupEvent.Assigned(
                header(epoch, now),
                now.monotonicMs() - startedMs,
                partitions,
                Collections.unmodifiableMap(new TreeMap<>(revoked)),
                Collections.unmodifiableMap(new TreeMap<>(standstillMs))));
        revoked.clear();
        standstillMs.clear();
    }

    private static List<String> names(TopicPartitions partitions, TopicMetadata topics) {
        var names = new ArrayList<String>();
        partitions
                .byTopic()
                .forEach((topicId, numbers) ->
                        numbers.stream().sorted().forEach(number -> names.add(topics.name(topicId) + "-" + number)));
        return names;
    }
}

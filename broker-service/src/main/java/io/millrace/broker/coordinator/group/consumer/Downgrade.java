package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.group.ClassicSide;
import io.millrace.broker.coordinator.group.ClassicSnapshot;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Classic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a classic group of a consumer group when only members of the classic protocol are left in it. On the shard's loop. */
final class Downgrade {
    private static final Logger LOG = LoggerFactory.getLogger(Downgrade.class);

    private final GroupContext context;
    private final Map<String, Group> groups;
    private final ClassicSide classic;

    Downgrade(GroupContext context, Map<String, Group> groups, ClassicSide classic) {
        this.context = context;
        this.groups = groups;
        this.classic = classic;
    }

    /** Whether a group of these members is to be a classic one. */
    boolean isDue(ConsumerGroup group, Collection<ConsumerMember> remaining) {
        if (remaining.isEmpty() || remaining.stream().anyMatch(member -> member.classic() == null)) {
            return false;
        }
        if (!context.config().consumer().migrationPolicy().allowsDowngrade()) {
            LOG.info(
                    "[GroupId {}] Cannot downgrade the consumer group to classic: group.consumer.migration.policy does not allow it.",
                    group.groupId());
            return false;
        }
        if (remaining.size() > context.config().classic().maxSize()) {
            LOG.info(
                    "[GroupId {}] Cannot downgrade the consumer group to classic: its {} members are more than group.max.size.",
                    group.groupId(),
                    remaining.size());
            return false;
        }
        return true;
    }

    /** The group with these members, all of the classic protocol; their assignments are what they own, which nobody else does. */
    ClassicSnapshot snapshot(
            ConsumerGroup group, Collection<ConsumerMember> remaining, Collection<ConsumerMember> gone) {
        var topics = new TopicMetadata(context.image().get());
        return new ClassicSnapshot(
                group.groupId(),
                group.epoch(),
                remaining.stream().map(member -> member(member, topics)).toList(),
                gone.stream()
                        .flatMap(member -> named(member.progress().owned(), topics).stream())
                        .toList());
    }

    private static ClassicSnapshot.Member member(ConsumerMember member, TopicMetadata topics) {
        Classic said = member.classic();
        if (said == null) {
            throw new IllegalStateException("member " + member.id() + " does not speak the classic protocol");
        }
        return new ClassicSnapshot.Member(
                member.id(),
                member.identity().instanceId(),
                member.identity().clientId(),
                member.identity().clientHost(),
                member.subscription().rebalanceTimeoutMs(),
                said.sessionTimeoutMs(),
                said.protocols(),
                named(member.progress().assigned(), topics));
    }

    /** By name; topics that are gone are left out. */
    static List<TopicPartition> named(TopicPartitions partitions, TopicMetadata topics) {
        var named = new ArrayList<TopicPartition>();
        partitions.byTopic().forEach((topicId, numbers) -> {
            String name = topics.name(topicId);
            if (!name.isEmpty()) {
                new TreeSet<>(numbers).forEach(number -> named.add(new TopicPartition(name, number)));
            }
        });
        return named;
    }

    /** Drafts the change, which a member brought about; returns the assignor that the members agree on. */
    String convert(
            ConsumerGroup group, ClassicSnapshot snapshot, String memberId, boolean rebalance, Decision decision) {
        LOG.info("[GroupId {}] Converted the consumer group to a classic group.", group.groupId());
        ClassicSide.Converted converted = classic.convert(snapshot);
        decision.append(group.tombstones());
        decision.append(converted.record());
        decision.afterwards((then, next) -> {
            Group now = groups.get(group.groupId());
            if (now != null && now != group) {
                classic.takeUp(now, snapshot, memberId, rebalance, then, next);
            }
        });
        return converted.protocolName();
    }
}

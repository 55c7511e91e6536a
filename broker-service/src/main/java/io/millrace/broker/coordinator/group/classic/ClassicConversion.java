package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.ClassicSide;
import io.millrace.broker.coordinator.group.ClassicSnapshot;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.classic.ClassicMember.Profile;
import io.millrace.broker.coordinator.group.classic.Trigger.Cause;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/** Takes classic groups apart for the consumer protocol, and makes classic groups of consumer groups. On the shard's loop. */
final class ClassicConversion implements ClassicSide {
    private static final String PROTOCOL_TYPE = "consumer";

    private final ClassicRebalance rebalance;

    ClassicConversion(ClassicRebalance rebalance) {
        this.rebalance = rebalance;
    }

    @Override
    public ClassicSnapshot snapshot(Group classicGroup) {
        var group = (ClassicGroup) classicGroup;
        return new ClassicSnapshot(
                group.groupId(),
                group.generation(),
                group.members().all().stream().map(ClassicConversion::snapshot).toList(),
                List.of());
    }

    private static ClassicSnapshot.Member snapshot(ClassicMember member) {
        return new ClassicSnapshot.Member(
                member.memberId(),
                member.instanceId(),
                member.profile().clientId(),
                member.profile().clientHost(),
                member.profile().rebalanceTimeoutMs(),
                member.profile().sessionTimeoutMs(),
                member.protocols(),
                EmbeddedProtocol.partitionsOf(member.assignment()));
    }

    @Override
    public void release(Group classicGroup, Errors error, Decision decision) {
        var group = (ClassicGroup) classicGroup;
        for (ClassicMember member : List.copyOf(group.members().all())) {
            rebalance.answerWaiting(group, member, error, decision);
        }
    }

    @Override
    public Converted convert(ClassicSnapshot snapshot) {
        var group = new ClassicGroup(snapshot.groupId(), -1);
        List<ClassicMember> members =
                snapshot.members().stream().map(ClassicConversion::member).toList();
        members.forEach(member -> group.members().add(member, PROTOCOL_TYPE));
        String protocol = group.members().electProtocol();
        group.continueFrom(snapshot.generation(), protocol);
        Map<String, byte[]> assignments = new HashMap<>();
        for (ClassicSnapshot.Member member : snapshot.members()) {
            ClassicMember made = group.member(member.memberId());
            if (made != null && member.partitions() != null) {
                assignments.put(
                        member.memberId(), EmbeddedProtocol.assignment(member.partitions(), made.metadata(protocol)));
            }
        }
        return new Converted(ClassicRecords.metadata(group, assignments), protocol);
    }

    private static ClassicMember member(ClassicSnapshot.Member member) {
        return new ClassicMember(
                member.memberId(),
                member.instanceId(),
                new Profile(
                        member.clientId(), member.clientHost(), member.rebalanceTimeoutMs(), member.sessionTimeoutMs()),
                member.protocols(),
                false);
    }

    @Override
    public void takeUp(
            Group present,
            ClassicSnapshot snapshot,
            String memberId,
            boolean withRebalance,
            Moment now,
            Decision decision) {
        if (!(present instanceof ClassicGroup group)) {
            // It has changed again meanwhile.
            return;
        }
        for (ClassicSnapshot.Member known : snapshot.members()) {
            ClassicMember member = group.member(known.memberId());
            if (member != null) {
                // The record has the elected protocol only.
                group.members().update(member, member.profile(), known.protocols());
            }
        }
        rebalance.loaded(group, now, decision);
        group.ownership.released(
                snapshot.released().stream().map(TopicPartition::toString).toList(), now);
        if (withRebalance) {
            String reason = "Downgrade group " + group.groupId() + " from consumer to classic.";
            rebalance.prepareOrComplete(group, new Trigger(Cause.PROTOCOL_CHANGED, reason, memberId), now, decision);
        }
    }
}

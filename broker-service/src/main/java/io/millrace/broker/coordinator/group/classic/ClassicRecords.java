package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.group.GroupRecords;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import io.millrace.broker.coordinator.group.classic.ClassicMember.Profile;
import java.util.List;
import java.util.Map;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue.MemberMetadata;
import org.jspecify.annotations.Nullable;

/** A classic group to and from its GroupMetadata record. */
final class ClassicRecords {
    private ClassicRecords() {}

    static CoordinatorRecord metadata(ClassicGroup group) {
        return metadata(group, Map.of());
    }

    /** With assignments that the group itself does not have yet. */
    static CoordinatorRecord metadata(ClassicGroup group, Map<String, byte[]> assignments) {
        var value = new GroupMetadataValue()
                .setProtocolType(group.protocolType())
                .setGeneration(group.generation())
                .setProtocol(group.protocolName())
                .setLeader(group.leaderId())
                .setCurrentStateTimestamp(group.stateTimestampMs())
                .setMembers(group.members().all().stream()
                        .map(member ->
                                member(group, member, assignments.getOrDefault(member.memberId(), member.assignment())))
                        .toList());
        return GroupRecords.groupMetadata(group.groupId(), value);
    }

    private static MemberMetadata member(ClassicGroup group, ClassicMember member, byte[] assignment) {
        return new MemberMetadata()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.instanceId())
                .setClientId(member.profile().clientId())
                .setClientHost(member.profile().clientHost())
                .setRebalanceTimeout(member.profile().rebalanceTimeoutMs())
                .setSessionTimeout(member.profile().sessionTimeoutMs())
                .setSubscription(member.metadata(group.protocolName()))
                .setAssignment(assignment);
    }

    static ClassicGroup restore(String groupId, GroupMetadataValue value) {
        var group = new ClassicGroup(groupId, value.currentStateTimestamp());
        String protocol = value.protocol();
        List<ClassicMember> members = value.members().stream()
                .map(member -> restoreMember(member, protocol))
                .toList();
        String protocolType = value.protocolType();
        group.restore(
                value.generation(), protocolType.isEmpty() ? null : protocolType, protocol, value.leader(), members);
        return group;
    }

    private static ClassicMember restoreMember(MemberMetadata stored, @Nullable String protocol) {
        // Records older than version 1 have no rebalance timeout; the session timeout was used for both.
        int rebalanceTimeoutMs = stored.rebalanceTimeout() == -1 ? stored.sessionTimeout() : stored.rebalanceTimeout();
        var member = new ClassicMember(
                stored.memberId(),
                stored.groupInstanceId(),
                new Profile(stored.clientId(), stored.clientHost(), rebalanceTimeoutMs, stored.sessionTimeout()),
                List.of(new OfferedProtocol(protocol == null ? "" : protocol, stored.subscription())),
                false);
        member.assign(stored.assignment());
        return member;
    }
}

package io.millrace.broker.coordinator.group.classic;

import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Responses of the classic protocol, in the newest version's terms. */
final class ClassicReplies {
    private ClassicReplies() {}

    static JoinGroupResponseData joinError(String memberId, Errors error) {
        return new JoinGroupResponseData()
                .setMemberId(memberId)
                .setErrorCode(error.code())
                .setProtocolName(null);
    }

    /** What a member that joined the current generation is told; the leader is told about everybody. */
    static JoinGroupResponseData joined(ClassicGroup group, String memberId) {
        return new JoinGroupResponseData()
                .setMemberId(memberId)
                .setGenerationId(group.generation())
                .setProtocolName(group.protocolName())
                .setProtocolType(group.protocolTypeOrNull())
                .setLeader(leaderOf(group))
                .setMembers(group.isLeader(memberId) ? membersFor(group) : List.of());
    }

    static String leaderOf(ClassicGroup group) {
        String leader = group.leaderId();
        return leader == null ? "" : leader;
    }

    static List<JoinGroupResponseMember> membersFor(ClassicGroup group) {
        return group.members().all().stream()
                .map(member -> new JoinGroupResponseMember()
                        .setMemberId(member.memberId())
                        .setGroupInstanceId(member.instanceId())
                        .setMetadata(member.metadata(group.protocolName())))
                .toList();
    }

    static SyncGroupResponseData syncError(Errors error) {
        return new SyncGroupResponseData().setErrorCode(error.code());
    }

    static SyncGroupResponseData synced(ClassicGroup group, ClassicMember member) {
        return new SyncGroupResponseData()
                .setProtocolType(group.protocolTypeOrNull())
                .setProtocolName(group.protocolName())
                .setAssignment(member.assignment());
    }
}

package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.group.OfferedProtocol;
import io.millrace.broker.coordinator.group.classic.ClassicMember.Profile;
import io.millrace.broker.protocol.ClientContext;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.jspecify.annotations.Nullable;

/**
 * A JoinGroup request, its version's peculiarities resolved.
 *
 * @param memberId empty if the member has none yet
 * @param memberIdRequired whether a new dynamic member must come back with the id it is given (KIP-394)
 * @param skipAssignmentSupported whether the leader can be told to leave the assignment as it is (KIP-814)
 */
record JoinRequest(
        String groupId,
        String memberId,
        @Nullable String instanceId,
        String clientId,
        Profile profile,
        String protocolType,
        List<OfferedProtocol> protocols,
        @Nullable String reason,
        boolean memberIdRequired,
        boolean skipAssignmentSupported) {

    private static final short MEMBER_ID_REQUIRED_SINCE = 4;
    private static final short SKIP_ASSIGNMENT_SINCE = 9;

    static JoinRequest of(ClientContext client, JoinGroupRequestData data) {
        // Version 0 has no rebalance timeout; its session timeout stands for both.
        int rebalanceTimeoutMs =
                client.apiVersion() == 0 ? data.sessionTimeoutMs() : Math.max(0, data.rebalanceTimeoutMs());
        return new JoinRequest(
                data.groupId(),
                data.memberId(),
                data.groupInstanceId(),
                client.clientId(),
                new Profile(
                        client.clientId(),
                        "/" + client.address().getHostAddress(),
                        rebalanceTimeoutMs,
                        data.sessionTimeoutMs()),
                data.protocolType(),
                data.protocols().stream()
                        .map(protocol -> new OfferedProtocol(protocol.name(), protocol.metadata()))
                        .toList(),
                data.reason(),
                client.apiVersion() >= MEMBER_ID_REQUIRED_SINCE,
                client.apiVersion() >= SKIP_ASSIGNMENT_SINCE);
    }

    int sessionTimeoutMs() {
        return profile.sessionTimeoutMs();
    }
}

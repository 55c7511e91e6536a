package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.jspecify.annotations.Nullable;

/** A member of a classic group, with the barrier it waits in. */
final class ClassicMember {
    static final byte[] NO_BYTES = new byte[0];

    /** Timeouts and identity as the member's last join gave them. */
    record Profile(String clientId, String clientHost, int rebalanceTimeoutMs, int sessionTimeoutMs) {}

    private final @Nullable String instanceId;
    private String memberId;
    private Profile profile;
    private List<OfferedProtocol> protocols;
    private byte[] assignment = NO_BYTES;
    /** Has not completed a join yet; it gets a long time for its first. */
    private boolean isNew;

    @Nullable
    Reply<JoinGroupResponseData> awaitingJoin;

    @Nullable
    Reply<SyncGroupResponseData> awaitingSync;

    /** Its heartbeat that waits for news. */
    WaitingHeartbeats.@Nullable Waiting awaitingNews;

    /** Passes when the member has not been heard of; null only before the first contact is noted. */
    @Nullable
    Deadline session;

    ClassicMember(
            String memberId,
            @Nullable String instanceId,
            Profile profile,
            List<OfferedProtocol> protocols,
            boolean isNew) {
        this.memberId = memberId;
        this.instanceId = instanceId;
        this.profile = profile;
        this.protocols = List.copyOf(protocols);
        this.isNew = isNew;
    }

    String memberId() {
        return memberId;
    }

    void replaceMemberId(String newMemberId) {
        memberId = newMemberId;
    }

    @Nullable
    String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    Profile profile() {
        return profile;
    }

    List<OfferedProtocol> protocols() {
        return protocols;
    }

    void update(Profile newProfile, List<OfferedProtocol> newProtocols) {
        profile = newProfile;
        protocols = List.copyOf(newProtocols);
    }

    byte[] assignment() {
        return assignment;
    }

    void assign(byte[] newAssignment) {
        assignment = newAssignment;
    }

    boolean isNew() {
        return isNew;
    }

    void joined() {
        isNew = false;
    }

    /** Whether it waits in a barrier: the coordinator owes it an answer, so its silence is no sign of death. */
    boolean isWaiting() {
        return awaitingJoin != null || awaitingSync != null;
    }

    boolean offersExactly(List<OfferedProtocol> others) {
        return protocols.equals(others);
    }

    /** Its subscription for the protocol; empty bytes if it does not offer it. */
    byte[] metadata(@Nullable String protocolName) {
        for (OfferedProtocol protocol : protocols) {
            if (protocol.name().equals(protocolName)) {
                return protocol.metadata();
            }
        }
        return NO_BYTES;
    }

    /** The topics it subscribes to, if it is a consumer; each of its protocols says the same. */
    @Nullable
    Set<String> subscribedTopics() {
        return protocols.isEmpty()
                ? null
                : EmbeddedProtocol.topicsOf(protocols.getFirst().metadata());
    }

    /** The first of its protocols, by its own preference, that is among the candidates. */
    @Nullable
    String vote(Set<String> candidates) {
        for (OfferedProtocol protocol : protocols) {
            if (candidates.contains(protocol.name())) {
                return protocol.name();
            }
        }
        return null;
    }
}

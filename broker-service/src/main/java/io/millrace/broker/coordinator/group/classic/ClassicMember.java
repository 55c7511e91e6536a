package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.jspecify.annotations.Nullable;

/** A member of a classic group, with the barrier it waits in. */
final class ClassicMember {
    static final byte[] NO_BYTES = new byte[0];

    /** One assignor that the member offers, with its subscription in that assignor's own format. */
    static final class Protocol {
        private final String name;
        private final byte[] metadata;

        Protocol(String name, byte[] metadata) {
            this.name = name;
            this.metadata = metadata;
        }

        String name() {
            return name;
        }

        byte[] metadata() {
            return metadata;
        }

        boolean sameAs(Protocol other) {
            return name.equals(other.name) && Arrays.equals(metadata, other.metadata);
        }
    }

    /** Timeouts and identity as the member's last join gave them. */
    record Profile(String clientId, String clientHost, int rebalanceTimeoutMs, int sessionTimeoutMs) {}

    private final @Nullable String instanceId;
    private String memberId;
    private Profile profile;
    private List<Protocol> protocols;
    private byte[] assignment = NO_BYTES;
    /** Has not completed a join yet; it gets a long time for its first. */
    private boolean isNew;

    @Nullable
    Reply<JoinGroupResponseData> awaitingJoin;

    @Nullable
    Reply<SyncGroupResponseData> awaitingSync;

    /** Passes when the member has not been heard of; null only before the first contact is noted. */
    @Nullable
    Deadline session;

    ClassicMember(
            String memberId, @Nullable String instanceId, Profile profile, List<Protocol> protocols, boolean isNew) {
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

    List<Protocol> protocols() {
        return protocols;
    }

    void update(Profile newProfile, List<Protocol> newProtocols) {
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

    boolean offersExactly(List<Protocol> others) {
        if (protocols.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < protocols.size(); i++) {
            if (!protocols.get(i).sameAs(others.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Its subscription for the protocol; empty bytes if it does not offer it. */
    byte[] metadata(@Nullable String protocolName) {
        for (Protocol protocol : protocols) {
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
                : Subscriptions.topicsOf(protocols.getFirst().metadata());
    }

    /** The first of its protocols, by its own preference, that is among the candidates. */
    @Nullable
    String vote(Set<String> candidates) {
        for (Protocol protocol : protocols) {
            if (candidates.contains(protocol.name())) {
                return protocol.name();
            }
        }
        return null;
    }
}

package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of a classic group: who they are, who leads, who waits at the join barrier, and what protocols they have in common. */
final class ClassicMembers {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicMembers.class);

    private final String groupId;
    private final LinkedHashMap<String, ClassicMember> members = new LinkedHashMap<>();
    private final Map<String, String> memberIdByInstance = new HashMap<>();
    /** How many members offer each protocol. */
    private final Map<String, Integer> supporters = new LinkedHashMap<>();

    private @Nullable String protocolType;
    private @Nullable String leaderId;
    private int awaitingJoinCount;

    ClassicMembers(String groupId) {
        this.groupId = groupId;
    }

    Collection<ClassicMember> all() {
        return Collections.unmodifiableCollection(members.values());
    }

    int size() {
        return members.size();
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    int staticCount() {
        return memberIdByInstance.size();
    }

    @Nullable
    ClassicMember get(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    String idOf(String instanceId) {
        return memberIdByInstance.get(instanceId);
    }

    @Nullable
    String leaderId() {
        return leaderId;
    }

    /** What the first of them said that they are; kept when they have gone. */
    @Nullable
    String protocolType() {
        return protocolType;
    }

    void restore(List<ClassicMember> stored, @Nullable String storedProtocolType, @Nullable String storedLeaderId) {
        stored.forEach(member -> add(member, storedProtocolType));
        protocolType = storedProtocolType;
        leaderId = storedLeaderId;
    }

    void add(ClassicMember member, @Nullable String itsProtocolType) {
        if (members.isEmpty()) {
            protocolType = itsProtocolType;
        }
        if (leaderId == null) {
            leaderId = member.memberId();
        }
        members.put(member.memberId(), member);
        String instanceId = member.instanceId();
        if (instanceId != null) {
            memberIdByInstance.put(instanceId, member.memberId());
        }
        count(member, 1);
        if (member.awaitingJoin != null) {
            awaitingJoinCount++;
        }
    }

    void remove(ClassicMember member) {
        members.remove(member.memberId());
        String instanceId = member.instanceId();
        if (instanceId != null) {
            memberIdByInstance.remove(instanceId, member.memberId());
        }
        count(member, -1);
        if (member.awaitingJoin != null) {
            awaitingJoinCount--;
        }
        if (member.memberId().equals(leaderId)) {
            leaderId = members.isEmpty() ? null : members.firstEntry().getKey();
        }
    }

    /** Gives a static member another id; who waited under the old one must have been answered. */
    void replaceId(ClassicMember member, String newMemberId) {
        String oldMemberId = member.memberId();
        members.remove(oldMemberId);
        member.replaceMemberId(newMemberId);
        members.put(newMemberId, member);
        String instanceId = member.instanceId();
        if (instanceId != null) {
            memberIdByInstance.put(instanceId, newMemberId);
        }
        if (oldMemberId.equals(leaderId)) {
            leaderId = newMemberId;
        }
    }

    void update(ClassicMember member, ClassicMember.Profile profile, List<OfferedProtocol> protocols) {
        count(member, -1);
        member.update(profile, protocols);
        count(member, 1);
    }

    private void count(ClassicMember member, int by) {
        for (OfferedProtocol protocol : member.protocols()) {
            if (supporters.merge(protocol.name(), by, Integer::sum) == 0) {
                supporters.remove(protocol.name());
            }
        }
    }

    /** Lets a member wait in the join barrier; whoever waited for it before must have been answered. */
    void awaitJoin(ClassicMember member, @Nullable Reply<JoinGroupResponseData> reply) {
        if ((member.awaitingJoin == null) != (reply == null)) {
            awaitingJoinCount += reply == null ? -1 : 1;
        }
        member.awaitingJoin = reply;
    }

    int awaitingJoinCount() {
        return awaitingJoinCount;
    }

    /** Makes sure that the leader is somebody who has joined; false if nobody has. */
    boolean electJoinedLeader() {
        ClassicMember leader = leaderId == null ? null : members.get(leaderId);
        if (leader == null || leader.awaitingJoin != null) {
            return true;
        }
        for (ClassicMember candidate : members.values()) {
            if (candidate.awaitingJoin != null) {
                leaderId = candidate.memberId();
                LOG.info(
                        "Group leader [memberId: {}, groupInstanceId: {}] failed to join before the rebalance timeout. Member {} was elected as the new leader.",
                        leader.memberId(),
                        leader.instanceId(),
                        leaderId);
                return true;
            }
        }
        LOG.info(
                "Group leader [memberId: {}, groupInstanceId: {}] failed to join before the rebalance timeout and the group couldn't proceed to the next generation because no member joined.",
                leader.memberId(),
                leader.instanceId());
        return false;
    }

    /** The longest rebalance timeout of a member: how long the join barrier stands at most. */
    int rebalanceTimeoutMs() {
        int longest = 0;
        for (ClassicMember member : members.values()) {
            longest = Math.max(longest, member.profile().rebalanceTimeoutMs());
        }
        return longest;
    }

    /** Whether somebody who offers these could be a member beside all others. */
    boolean supports(String itsProtocolType, List<OfferedProtocol> protocols) {
        if (members.isEmpty()) {
            return !itsProtocolType.isEmpty() && !protocols.isEmpty();
        }
        if (!itsProtocolType.equals(protocolType)) {
            return false;
        }
        for (OfferedProtocol protocol : protocols) {
            if (supporters.getOrDefault(protocol.name(), 0) == members.size()) {
                return true;
            }
        }
        return false;
    }

    /** The protocol that most members prefer among those that all support; the leader's order breaks a tie. */
    String electProtocol() {
        var candidates = new LinkedHashSet<String>();
        supporters.forEach((name, count) -> {
            if (count == members.size()) {
                candidates.add(name);
            }
        });
        var votes = new HashMap<String, Integer>();
        for (ClassicMember member : members.values()) {
            String vote = member.vote(candidates);
            if (vote == null) {
                throw new IllegalStateException("group '" + groupId + "': member '" + member.memberId()
                        + "' supports no protocol that all others support");
            }
            votes.merge(vote, 1, Integer::sum);
        }
        ClassicMember leader = leaderId == null ? null : members.get(leaderId);
        List<OfferedProtocol> order = (leader == null ? members.firstEntry().getValue() : leader).protocols();
        String elected = "";
        int most = 0;
        for (OfferedProtocol protocol : order) {
            int count = votes.getOrDefault(protocol.name(), 0);
            if (count > most) {
                elected = protocol.name();
                most = count;
            }
        }
        return elected;
    }

    /** The topics of all, if they are consumers; null if a subscription cannot be read. */
    @Nullable
    Set<String> subscribedTopics(String protocolName) {
        var topics = new HashSet<String>();
        for (ClassicMember member : members.values()) {
            Set<String> itsTopics = EmbeddedProtocol.topicsOf(member.metadata(protocolName));
            if (itsTopics == null) {
                LOG.warn(
                        "Failed to parse Consumer Protocol {}:{} of group {}. Consumer group coordinator is not aware of the subscribed topics.",
                        protocolType,
                        protocolName,
                        groupId);
                return null;
            }
            topics.addAll(itsTopics);
        }
        return topics;
    }

    /** Whether somebody is who it says it is. */
    Errors check(String memberId, @Nullable String instanceId, String operation) {
        if (instanceId != null) {
            String owner = memberIdByInstance.get(instanceId);
            if (owner == null) {
                return Errors.UNKNOWN_MEMBER_ID;
            }
            if (!owner.equals(memberId)) {
                LOG.info(
                        "Request memberId={} for static member with groupInstanceId={} is fenced by existing memberId={} during operation {}",
                        memberId,
                        instanceId,
                        owner,
                        operation);
                return Errors.FENCED_INSTANCE_ID;
            }
        }
        return members.containsKey(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
    }
}

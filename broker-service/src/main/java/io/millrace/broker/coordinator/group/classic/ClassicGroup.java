package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.CommitSender;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupRecords;
import io.millrace.broker.coordinator.group.OfferedProtocol;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group of the classic protocol: its members and where it stands. {@link ClassicState} has the legal transitions.
 *
 * <p>Durable are generation, protocol, leader and each member's subscription and assignment (one GroupMetadata record); barriers,
 * sessions and pending members are not: after a change of coordinator members find out by their next request.
 */
public final class ClassicGroup implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicGroup.class);

    private final String groupId;
    private ClassicState state = ClassicState.EMPTY;
    private int generation;
    private @Nullable String protocolType;
    private @Nullable String protocolName;
    private @Nullable String leaderId;
    private long stateTimestampMs;

    private final LinkedHashMap<String, ClassicMember> members = new LinkedHashMap<>();
    private final Map<String, String> memberIdByInstance = new HashMap<>();
    /** How many members offer each protocol. */
    private final Map<String, Integer> supporters = new LinkedHashMap<>();
    /** Topics of all members, if the subscriptions could be read; null if they could not, or there are no members. */
    private @Nullable Set<String> subscribedTopics;

    private int awaitingJoinCount;

    /** Dynamic members that were given an id and have not come back with it. */
    final Map<String, Deadline> pendingJoin = new LinkedHashMap<>();
    /** Members of this generation that have not sent SyncGroup. */
    final Set<String> pendingSync = new LinkedHashSet<>();

    /** Somebody joined since the initial delay was last extended. */
    boolean newMemberAdded;
    /** The join barrier's time; null while none stands. */
    @Nullable
    Deadline joinDeadline;
    /** While the first rebalance waits for more members, all being here does not end the barrier. */
    boolean initialDelay;

    @Nullable
    Deadline syncDeadline;

    long rebalanceStartedMs;

    // --- for the journal ---

    final ClassicOwnership ownership = new ClassicOwnership();

    @Nullable
    String lastToJoin;
    /** A topic that it subscribes to has got partitions that no assignment has covered yet. */
    boolean partitionsChanged;

    ClassicGroup(String groupId, long stateTimestampMs) {
        this.groupId = groupId;
        this.stateTimestampMs = stateTimestampMs;
    }

    // --- what it is ---

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String type() {
        return "Classic";
    }

    @Override
    public String protocolType() {
        return protocolType == null ? "" : protocolType;
    }

    @Nullable
    String protocolTypeOrNull() {
        return protocolType;
    }

    @Nullable
    String protocolName() {
        return protocolName;
    }

    @Override
    public String state() {
        return state.toString();
    }

    ClassicState currentState() {
        return state;
    }

    boolean isIn(ClassicState candidate) {
        return state == candidate;
    }

    int generation() {
        return generation;
    }

    @Nullable
    String leaderId() {
        return leaderId;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leaderId);
    }

    long stateTimestampMs() {
        return stateTimestampMs;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** Whether it has members, or has given out ids to some that are expected. */
    public boolean hasAnybody() {
        return !members.isEmpty() || !pendingJoin.isEmpty();
    }

    // --- members ---

    Collection<ClassicMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    int size() {
        return members.size();
    }

    int staticCount() {
        return memberIdByInstance.size();
    }

    @Nullable
    ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    String memberIdOf(String instanceId) {
        return memberIdByInstance.get(instanceId);
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
        if (member.session != null) {
            member.session.cancel();
        }
        pendingSync.remove(member.memberId());
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

    boolean allJoined() {
        return members.size() == awaitingJoinCount && pendingJoin.isEmpty();
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

    // --- protocols ---

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

    boolean usesConsumerProtocol() {
        return ConsumerProtocol.PROTOCOL_TYPE.equals(protocolType);
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribedTopics != null && subscribedTopics.contains(topic);
    }

    private @Nullable Set<String> readSubscribedTopics() {
        if (!usesConsumerProtocol() || members.isEmpty() || protocolName == null) {
            return usesConsumerProtocol() && members.isEmpty() ? Set.of() : null;
        }
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

    /** Removes the group from the shard's life: nobody may be waiting in it. */
    void dispose(long wallClockMs) {
        pendingJoin.values().forEach(Deadline::cancel);
        pendingJoin.clear();
        if (joinDeadline != null) {
            joinDeadline.cancel();
        }
        if (syncDeadline != null) {
            syncDeadline.cancel();
        }
        for (ClassicMember member : members.values()) {
            if (member.session != null) {
                member.session.cancel();
            }
            if (member.awaitingNews != null) {
                member.awaitingNews.deadline().cancel();
            }
        }
        become(ClassicState.DEAD, wallClockMs);
    }

    // --- transitions ---

    void become(ClassicState next, long wallClockMs) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("group '" + groupId + "' cannot go from " + state + " to " + next);
        }
        state = next;
        stateTimestampMs = wallClockMs;
    }

    /** Ends the join barrier: a new generation with those who are members now. */
    void beginGeneration(long wallClockMs) {
        generation++;
        pendingSync.clear();
        if (members.isEmpty()) {
            become(ClassicState.EMPTY, wallClockMs);
            protocolName = null;
        } else {
            protocolName = electProtocol();
            become(ClassicState.COMPLETING_REBALANCE, wallClockMs);
        }
        subscribedTopics = readSubscribedTopics();
    }

    /** Stands where a group of the other protocol stood. */
    void continueFrom(int itsGeneration, String itsProtocolName) {
        generation = itsGeneration;
        protocolName = itsProtocolName;
        state = ClassicState.STABLE;
    }

    /** Takes over what a GroupMetadata record says; while loading. */
    void restore(
            int storedGeneration,
            @Nullable String storedProtocolType,
            @Nullable String storedProtocol,
            @Nullable String storedLeader,
            List<ClassicMember> storedMembers) {
        generation = storedGeneration;
        for (ClassicMember member : storedMembers) {
            add(member, storedProtocolType);
        }
        protocolType = storedProtocolType;
        protocolName = storedProtocol;
        leaderId = storedLeader;
        state = storedMembers.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
        subscribedTopics = readSubscribedTopics();
    }

    // --- checks for other requests ---

    /** Whether somebody is who it says it is. */
    Errors checkMember(String memberId, @Nullable String instanceId, String operation) {
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

    @Override
    public Errors checkCommit(CommitSender sender, List<OffsetCommitRequestTopic> topics, Moment now) {
        String memberId = sender.memberId();
        int commitGeneration = sender.generation();
        boolean transactional = sender.transactional();
        if (state == ClassicState.DEAD) {
            return Errors.COORDINATOR_NOT_AVAILABLE;
        }
        if (commitGeneration < 0 && state == ClassicState.EMPTY) {
            // A simple consumer, or an administrator who resets offsets.
            return Errors.NONE;
        }
        if (commitGeneration >= 0 || !memberId.isEmpty() || sender.instanceId() != null) {
            Errors error =
                    checkMember(memberId, sender.instanceId(), transactional ? "txn-offset-commit" : "offset-commit");
            if (error != Errors.NONE) {
                return error;
            }
            if (commitGeneration != generation) {
                return Errors.ILLEGAL_GENERATION;
            }
        } else if (!transactional) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        if (transactional) {
            return Errors.NONE;
        }
        if (state == ClassicState.COMPLETING_REBALANCE) {
            return Errors.REBALANCE_IN_PROGRESS;
        }
        ClassicMember member = members.get(memberId);
        if (member != null) {
            heardOf(member, now);
        }
        return Errors.NONE;
    }

    /** Gives a member another session. */
    void heardOf(ClassicMember member, Moment now) {
        if (member.session != null) {
            member.session.moveTo(now.monotonicMs() + member.profile().sessionTimeoutMs());
        }
    }

    @Override
    public Errors checkFetch(@Nullable String memberId, int memberEpoch) {
        return state == ClassicState.DEAD ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE;
    }

    @Override
    public Errors checkOffsetDelete() {
        return switch (state) {
            case EMPTY -> Errors.NONE;
            case DEAD -> Errors.GROUP_ID_NOT_FOUND;
            case PREPARING_REBALANCE, COMPLETING_REBALANCE, STABLE ->
                usesConsumerProtocol() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
        };
    }

    @Override
    public Errors checkDelete() {
        return switch (state) {
            case EMPTY -> Errors.NONE;
            case DEAD -> Errors.GROUP_ID_NOT_FOUND;
            case PREPARING_REBALANCE, COMPLETING_REBALANCE, STABLE -> Errors.NON_EMPTY_GROUP;
        };
    }

    @Override
    public OptionalLong retentionStartMs(String topic, long commitTimestampMs) {
        if (protocolType == null) {
            return OptionalLong.of(commitTimestampMs);
        }
        if (state == ClassicState.EMPTY) {
            return OptionalLong.of(stateTimestampMs < 0 ? commitTimestampMs : stateTimestampMs);
        }
        boolean topicAbandoned = state == ClassicState.STABLE
                && usesConsumerProtocol()
                && subscribedTopics != null
                && !subscribedTopics.contains(topic);
        return topicAbandoned ? OptionalLong.of(commitTimestampMs) : OptionalLong.empty();
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return List.of(GroupRecords.groupMetadataTombstone(groupId));
    }
}

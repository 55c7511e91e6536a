package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.CommitSender;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupRecords;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A group of the classic protocol: its members and where it stands. {@link ClassicState} has the legal transitions.
 *
 * <p>Durable are generation, protocol, leader and each member's subscription and assignment (one GroupMetadata record); barriers,
 * sessions and pending members are not: after a change of coordinator members find out by their next request.
 */
public final class ClassicGroup implements Group {
    private final String groupId;
    private ClassicState state = ClassicState.EMPTY;
    private int generation;
    private @Nullable String protocolName;
    private long stateTimestampMs;

    private final ClassicMembers members;
    /** Topics of all members, if the subscriptions could be read; null if they could not, or there are no members. */
    private @Nullable Set<String> subscribedTopics;

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
        this.members = new ClassicMembers(groupId);
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
        String type = members.protocolType();
        return type == null ? "" : type;
    }

    @Nullable
    String protocolTypeOrNull() {
        return members.protocolType();
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
        return members.leaderId();
    }

    boolean isLeader(String memberId) {
        return memberId.equals(members.leaderId());
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

    ClassicMembers members() {
        return members;
    }

    int size() {
        return members.size();
    }

    @Nullable
    ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    /** Takes a member off; who waits in its place must have been answered. */
    void remove(ClassicMember member) {
        members.remove(member);
        pendingSync.remove(member.memberId());
        if (member.session != null) {
            member.session.cancel();
        }
    }

    /** Whether everybody who is expected waits in the join barrier. */
    boolean allJoined() {
        return members.size() == members.awaitingJoinCount() && pendingJoin.isEmpty();
    }

    boolean usesConsumerProtocol() {
        return ConsumerProtocol.PROTOCOL_TYPE.equals(members.protocolType());
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribedTopics != null && subscribedTopics.contains(topic);
    }

    private @Nullable Set<String> readSubscribedTopics() {
        if (!usesConsumerProtocol() || protocolName == null) {
            return usesConsumerProtocol() && members.isEmpty() ? Set.of() : null;
        }
        return members.subscribedTopics(protocolName);
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
        for (ClassicMember member : members.all()) {
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
            protocolName = members.electProtocol();
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
        members.restore(storedMembers, storedProtocolType, storedLeader);
        protocolName = storedProtocol;
        state = storedMembers.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
        subscribedTopics = readSubscribedTopics();
    }

    // --- checks for other requests ---

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
                    members.check(memberId, sender.instanceId(), transactional ? "txn-offset-commit" : "offset-commit");
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
        if (members.protocolType() == null) {
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

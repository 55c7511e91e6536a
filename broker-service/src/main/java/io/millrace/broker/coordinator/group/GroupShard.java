package io.millrace.broker.coordinator.group;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.CoordinatorShard;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.classic.ClassicGroup;
import io.millrace.broker.coordinator.group.classic.ClassicProtocol;
import io.millrace.broker.coordinator.group.consumer.ConsumerGroup;
import io.millrace.broker.coordinator.group.consumer.ConsumerProtocol;
import io.millrace.broker.coordinator.group.consumer.HeartbeatBudget;
import io.millrace.broker.coordinator.group.offset.OffsetCommits;
import io.millrace.broker.coordinator.group.offset.OffsetDeletes;
import io.millrace.broker.coordinator.group.offset.OffsetFetches;
import io.millrace.broker.coordinator.group.offset.OffsetReplay;
import io.millrace.broker.coordinator.group.offset.OffsetStore;
import io.millrace.broker.coordinator.group.offset.PendingOffsets;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.runtime.RandomSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups and committed offsets of one partition of {@code __consumer_offsets}: finds the group of a request and hands it to the
 * protocol that the group speaks. Pure; see {@link CoordinatorShard} for its threads.
 */
public final class GroupShard implements CoordinatorShard {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);
    private static final short GROUP_NOT_FOUND_IS_ERROR_SINCE = 6;
    private static final short COMMIT_GROUP_NOT_FOUND_SINCE = 9;
    /** Tombstones that one pass of the expiry appends before others have their turn. */
    private static final int MAX_EXPIRED_AT_ONCE = 1_000;

    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final OffsetStore offsets = new OffsetStore();
    private final PendingOffsets pendingOffsets = new PendingOffsets();
    private final Deadlines deadlines = new Deadlines();
    private final GroupConfig config;
    private final ClassicProtocol classic;
    private final ConsumerProtocol consumer;
    private final OffsetCommits commits;
    private final OffsetFetches fetches;
    private final OffsetDeletes deletes;
    private final OffsetReplay offsetReplay = new OffsetReplay(offsets, pendingOffsets);
    private boolean loading = true;

    public GroupShard(
            GroupConfig config, RandomSource random, Supplier<ClusterImage> image, HeartbeatBudget heartbeats) {
        this.config = config;
        var context = new GroupContext(config, deadlines, random, image, heartbeats);
        classic = new ClassicProtocol(context);
        consumer = new ConsumerProtocol(context, groups, classic.conversion());
        commits = new OffsetCommits(config.offsetMetadataMaxBytes());
        fetches = new OffsetFetches(offsets, pendingOffsets);
        deletes = new OffsetDeletes(offsets, pendingOffsets, config.offsetsRetentionMs());
    }

    /** The groups; a view. */
    public Collection<Group> groups() {
        return Collections.unmodifiableCollection(groups.values());
    }

    public OffsetStore offsets() {
        return offsets;
    }

    private @Nullable ClassicGroup classicGroup(String groupId) {
        return groups.get(groupId) instanceof ClassicGroup group ? group : null;
    }

    // --- classic protocol ---

    void join(
            ClientContext client,
            JoinGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        Group found = groups.get(request.groupId());
        if (found instanceof ClassicGroup group) {
            classic.join(group, client, request, now, decision, reply);
        } else if (found instanceof ConsumerGroup old && old.isEmpty()) {
            if (request.memberId().isEmpty()) {
                joinConverted(old, client, request, now, decision, reply);
            } else {
                // It got its id while others were here; it comes back without one, and turns the group.
                decision.reply(reply, ClassicProtocol.joinError(request.memberId(), Errors.UNKNOWN_MEMBER_ID));
            }
        } else if (found instanceof ConsumerGroup group) {
            consumer.join(group, client, request, now, decision, reply);
        } else if (!request.memberId().isEmpty()) {
            decision.reply(reply, ClassicProtocol.joinError(request.memberId(), Errors.UNKNOWN_MEMBER_ID));
        } else {
            ClassicGroup group = classic.newGroup(request.groupId(), now);
            classic.join(group, client, request, now, decision, reply);
            if (group.hasAnybody()) {
                groups.put(group.groupId(), group);
            }
        }
    }

    /** An empty group may change its protocol with its first member. */
    private void joinConverted(
            ConsumerGroup old,
            ClientContext client,
            JoinGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        ClassicGroup group = classic.newGroup(request.groupId(), now);
        classic.join(group, client, request, now, decision, reply);
        if (!group.hasAnybody()) {
            return;
        }
        LOG.info("[GroupId {}] Converted the empty consumer group to a classic group.", group.groupId());
        groups.put(group.groupId(), group);
        decision.append(old.tombstones());
        decision.afterRefusal(error -> (then, next) -> {
            classic.unload(group, error, next);
            classic.dispose(group);
            groups.put(old.groupId(), old);
        });
    }

    void sync(SyncGroupRequestData request, Moment now, Decision decision, Reply<SyncGroupResponseData> reply) {
        switch (groups.get(request.groupId())) {
            case ClassicGroup group -> classic.sync(group, request, now, decision, reply);
            case ConsumerGroup group -> decision.reply(reply, consumer.sync(group, request, now, decision));
            case null, default ->
                decision.reply(reply, new SyncGroupResponseData().setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()));
        }
    }

    void heartbeat(
            HeartbeatRequestData request,
            boolean mayWait,
            Moment now,
            Decision decision,
            Reply<HeartbeatResponseData> reply) {
        switch (groups.get(request.groupId())) {
            case ClassicGroup group -> classic.heartbeat(group, request, mayWait, now, decision, reply);
            case ConsumerGroup group -> decision.reply(reply, consumer.heartbeat(group, request, now));
            case null, default ->
                decision.reply(reply, new HeartbeatResponseData().setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()));
        }
    }

    /** Answers a heartbeat that waits, if one does. */
    void hurryHeartbeat(String groupId, String memberId, Decision decision) {
        ClassicGroup group = classicGroup(groupId);
        if (group != null) {
            classic.hurry(group, memberId, decision);
        }
    }

    LeaveGroupResponseData leave(String groupId, List<MemberIdentity> members, Moment now, Decision decision) {
        return switch (groups.get(groupId)) {
            case ClassicGroup group -> classic.leave(group, members, now, decision);
            case ConsumerGroup group -> consumer.leave(group, members, now, decision);
            case null, default -> new LeaveGroupResponseData().setErrorCode(Errors.UNKNOWN_MEMBER_ID.code());
        };
    }

    // --- consumer protocol ---

    ConsumerGroupHeartbeatResponseData consumerHeartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request, Moment now, Decision decision) {
        return consumer.heartbeat(client, request, now, decision);
    }

    ConsumerGroupDescribeResponseData.DescribedGroup describeConsumer(String groupId) {
        return consumer.describe(groupId);
    }

    // --- offsets ---

    OffsetCommitResponseData commit(short version, OffsetCommitRequestData request, Moment now, Decision decision) {
        var sender = new CommitSender(
                request.memberId(), request.groupInstanceId(), request.generationIdOrMemberEpoch(), false, version);
        Errors error = checkCommit(request, sender, now);
        if (error == Errors.FENCED_INSTANCE_ID && groups.get(request.groupId()) instanceof ClassicGroup group) {
            classic.commitFenced(group, request.memberId(), request.groupInstanceId(), now, decision);
        }
        return error == Errors.NONE ? commits.commit(request, now, decision) : OffsetCommits.refusal(request, error);
    }

    private Errors checkCommit(OffsetCommitRequestData request, CommitSender sender, Moment now) {
        Group group = groups.get(request.groupId());
        if (group != null) {
            return group.checkCommit(sender, request.topics(), now);
        }
        if (sender.generation() < 0) {
            // Who has no generation commits for itself, which makes a group without members.
            return Errors.NONE;
        }
        return sender.apiVersion() < COMMIT_GROUP_NOT_FOUND_SINCE
                ? Errors.ILLEGAL_GENERATION
                : Errors.GROUP_ID_NOT_FOUND;
    }

    OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request, boolean requireStable) {
        Group group = groups.get(request.groupId());
        Errors error = group == null ? Errors.NONE : group.checkFetch(request.memberId(), request.memberEpoch());
        if (error != Errors.NONE) {
            return new OffsetFetchResponseGroup().setGroupId(request.groupId()).setErrorCode(error.code());
        }
        return group == null ? OffsetFetches.nothing(request) : fetches.fetch(request, requireStable);
    }

    OffsetDeleteResponseData deleteOffsets(OffsetDeleteRequestData request, Decision decision) {
        Group group = groups.get(request.groupId());
        Errors error = group == null ? Errors.GROUP_ID_NOT_FOUND : group.checkOffsetDelete();
        return group == null || error != Errors.NONE
                ? new OffsetDeleteResponseData().setErrorCode(error.code())
                : deletes.delete(group, request, decision);
    }

    // --- groups ---

    DescribedGroup describe(String groupId, short version) {
        ClassicGroup group = classicGroup(groupId);
        if (group != null) {
            return classic.describe(group);
        }
        var missing = new DescribedGroup().setGroupId(groupId).setGroupState("Dead");
        if (version < GROUP_NOT_FOUND_IS_ERROR_SINCE) {
            return missing;
        }
        String message = groups.containsKey(groupId)
                ? "Group " + groupId + " is not a classic group."
                : "Group " + groupId + " not found.";
        return missing.setErrorCode(Errors.GROUP_ID_NOT_FOUND.code()).setErrorMessage(message);
    }

    DeletableGroupResult delete(String groupId, Decision decision) {
        Group group = groups.get(groupId);
        Errors error = group == null ? Errors.GROUP_ID_NOT_FOUND : group.checkDelete();
        if (group != null && error == Errors.NONE) {
            decision.append(deletes.tombstones(groupId));
            decision.append(group.tombstones());
        }
        return new DeletableGroupResult().setGroupId(groupId).setErrorCode(error.code());
    }

    /** Removes all offsets of topics that are gone. */
    void topicsDeleted(Set<String> topics, Decision decision) {
        for (String groupId : groups.keySet()) {
            decision.append(deletes.tombstonesOf(groupId, topics));
        }
    }

    /** Has the groups that subscribe to a topic note that it has another number of partitions. */
    void partitionsChanged(String topic, int before, int after, Moment now, Decision decision) {
        for (Group group : groups.values()) {
            if (group instanceof ClassicGroup classicGroup && classicGroup.isSubscribedTo(topic)) {
                classic.partitionsChanged(classicGroup, topic, before, after, now, decision);
            } else if (group instanceof ConsumerGroup consumerGroup && consumerGroup.isSubscribedTo(topic)) {
                consumer.partitionsChanged(consumerGroup, topic, before, after, now, decision);
            }
        }
    }

    // --- life of the shard ---

    @Override
    public void replay(long offset, long producerId, CoordinatorRecord record) {
        ApiMessage key = record.key();
        ApiMessage value = record.value();
        if (key instanceof GroupMetadataKey group) {
            replayGroup(group.group(), (GroupMetadataValue) value);
        } else if (!consumer.replay(key, value)) {
            String groupId = offsetReplay.replay(producerId, key, value);
            if (groupId != null && !groups.containsKey(groupId)) {
                groups.put(groupId, classic.restoreSimple(groupId));
            }
        }
    }

    private void replayGroup(String groupId, @Nullable GroupMetadataValue value) {
        if (value == null) {
            if (groups.get(groupId) instanceof ClassicGroup group) {
                groups.remove(groupId);
                classic.dispose(group);
            }
        } else if (loading || !(groups.get(groupId) instanceof ClassicGroup)) {
            groups.put(groupId, classic.restore(groupId, value));
        }
        // Otherwise the group itself is ahead of its record: it became what was written by the decision that wrote it.
    }

    @Override
    public void replayTransactionEnd(long producerId, boolean committed) {
        pendingOffsets.end(producerId, committed, offsets);
    }

    @Override
    public void loaded(Moment now, Decision decision) {
        loading = false;
        for (Group group : groups.values()) {
            if (group instanceof ClassicGroup classicGroup) {
                classic.loaded(classicGroup, now, decision);
            } else if (group instanceof ConsumerGroup consumerGroup) {
                consumer.loaded(consumerGroup, now);
            }
        }
        scheduleExpiry(now);
    }

    @Override
    public void unloaded(Decision decision) {
        consumer.unloaded();
        for (Group group : groups.values()) {
            if (group instanceof ClassicGroup classicGroup) {
                classic.unload(classicGroup, Errors.NOT_COORDINATOR, decision);
            }
        }
    }

    @Override
    public long nextDeadlineMs() {
        return deadlines.earliestMs();
    }

    @Override
    public @Nullable Decision expireNext(Moment now) {
        return deadlines.expireNext(now);
    }

    private void scheduleExpiry(Moment now) {
        deadlines.at(now.monotonicMs() + config.offsetsRetentionCheckIntervalMs(), (then, decision) -> {
            expireSome(new ArrayList<>(groups.keySet()).iterator(), then, decision);
        });
    }

    /** Goes on with the next groups; when there are many tombstones, the rest waits for its turn on the loop. */
    private void expireSome(Iterator<String> groupIds, Moment now, Decision decision) {
        while (groupIds.hasNext()) {
            Group group = groups.get(groupIds.next());
            if (group == null) {
                continue;
            }
            boolean nothingLeft = deletes.expire(group, now.wallClockMs(), decision);
            boolean anybody = group instanceof ClassicGroup classicGroup && classicGroup.hasAnybody();
            if (nothingLeft && group.isEmpty() && !anybody) {
                decision.append(group.tombstones());
            }
            if (decision.records().size() >= MAX_EXPIRED_AT_ONCE && groupIds.hasNext()) {
                deadlines.at(now.monotonicMs(), (then, next) -> expireSome(groupIds, then, next));
                return;
            }
        }
        scheduleExpiry(now);
    }
}

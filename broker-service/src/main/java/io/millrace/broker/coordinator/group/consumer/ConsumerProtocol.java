package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.CoordinatorRecord;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.ClassicSide;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import io.millrace.broker.protocol.ClientContext;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The consumer protocol as a shard uses it; on the shard's loop. */
public final class ConsumerProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerProtocol.class);
    private static final int LEAVE = -1;

    private final GroupContext context;
    private final Map<String, Group> groups;
    private final ClassicSide classicSide;
    private final Assignors assignors;
    private final ConsumerHeartbeat heartbeats;
    private final Departures departures;
    private final ClassicRequests classicRequests;
    private final ConsumerStories stories = new ConsumerStories();
    private final HeartbeatPace pace;

    /**
     * The protocol for one shard.
     *
     * @param groups the shard's groups; changed by its replay, through {@link #replay} too
     */
    public ConsumerProtocol(GroupContext context, Map<String, Group> groups, ClassicSide classicSide) {
        this.context = context;
        this.groups = groups;
        this.classicSide = classicSide;
        assignors = new Assignors(context.config().consumer().assignors());
        var update = new MemberUpdate(assignors);
        var downgrade = new Downgrade(context, groups, classicSide);
        pace = new HeartbeatPace(context.heartbeats());
        heartbeats = new ConsumerHeartbeat(context.config().consumer(), update, pace);
        departures = new Departures(context, groups, assignors, downgrade, stories);
        classicRequests = new ClassicRequests(context, update, downgrade, departures, stories);
    }

    // --- heartbeat ---

    public ConsumerGroupHeartbeatResponseData heartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request, Moment now, Decision decision) {
        // A request may turn out to be refused after records were drafted.
        var draft = new Decision();
        try {
            ApiException problem = HeartbeatCheck.problem(request, client.apiVersion(), assignors.names());
            if (problem != null) {
                throw problem;
            }
            ConsumerGroupHeartbeatResponseData response =
                    request.memberEpoch() < 0 ? leave(request, now, draft) : beat(client, request, now, draft);
            decision.adopt(draft);
            return response;
        } catch (ApiException e) {
            return ConsumerHeartbeat.refusal(Errors.forException(e), e.getMessage());
        }
    }

    private ConsumerGroupHeartbeatResponseData beat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request, Moment now, Decision decision) {
        ClusterImage image = context.image().get();
        var topics = new TopicMetadata(image);
        Group found = groups.get(request.groupId());
        String memberId =
                request.memberId().isEmpty() ? context.random().nextUuid().toString() : request.memberId();
        ConsumerGroup group = groupFor(found, request, topics, decision);
        if (group != found && group.epoch() > 0) {
            ConsumerStories.becameConsumer(group.groupId(), group.epoch(), memberId, now, decision);
        }
        int conversionRecords = decision.records().size();
        var draft = new GroupDraft(group, topics, decision);
        var outcome = heartbeats.beat(group, client, request, memberId, draft, departures.times(group), now);
        int sessionTimeoutMs = departures.times(group).sessionTimeoutMs();
        stories.heard(group, draft, outcome.member(), sessionTimeoutMs, topics, now, decision);
        if (decision.records().size() == conversionRecords) {
            // Only what has led to nothing more to write need not be looked at again.
            group.checkedImage = image.offset();
        }
        if (group == found) {
            departures.deadlines().watch(group, outcome.member(), now);
        } else {
            decision.afterwards((then, next) -> watchOnceThere(request.groupId(), then));
            if (found != null) {
                classicSide.release(found, Errors.REBALANCE_IN_PROGRESS, decision);
            }
        }
        return outcome.response();
    }

    /** A new group is there once its records are replayed, in time committed or not. */
    private void watchOnceThere(String groupId, Moment now) {
        if (groups.get(groupId) instanceof ConsumerGroup group) {
            for (ConsumerMember member : group.members()) {
                if (!group.sessions.containsKey(member.id())) {
                    departures.deadlines().watch(group, member, now);
                }
            }
        }
    }

    /** The group, or what it will be when the records that are drafted for it are replayed. */
    private ConsumerGroup groupFor(
            @Nullable Group found, ConsumerGroupHeartbeatRequestData request, TopicMetadata topics, Decision decision) {
        String groupId = request.groupId();
        if (found instanceof ConsumerGroup group) {
            return group;
        }
        if (request.memberEpoch() != 0) {
            String problem = found == null ? "Consumer group %s not found." : "Group %s is not a consumer group.";
            throw Errors.GROUP_ID_NOT_FOUND.exception(problem.formatted(groupId));
        }
        var group = new ConsumerGroup(groupId);
        if (found == null) {
            return group;
        }
        if (!found.isEmpty()) {
            List<CoordinatorRecord> records = Upgrade.records(
                    classicSide.snapshot(found),
                    found.protocolType(),
                    context.config().consumer(),
                    topics);
            decision.append(found.tombstones());
            decision.append(records);
            records.forEach(record -> group.replay(record.key(), record.value()));
            LOG.info("[GroupId {}] Converted the classic group to a consumer group.", groupId);
        } else {
            LOG.info("[GroupId {}] Converted the empty classic group to a consumer group.", groupId);
            decision.append(found.tombstones());
        }
        return group;
    }

    private ConsumerGroupHeartbeatResponseData leave(
            ConsumerGroupHeartbeatRequestData request, Moment now, Decision decision) {
        if (!(groups.get(request.groupId()) instanceof ConsumerGroup group)) {
            throw Errors.GROUP_ID_NOT_FOUND.exception("Consumer group %s not found.".formatted(request.groupId()));
        }
        String instanceId = request.instanceId();
        ConsumerMember member = group.member(request.memberId());
        if (instanceId != null) {
            ConsumerMember holder = group.staticMember(instanceId);
            if (holder == null) {
                throw Errors.UNKNOWN_MEMBER_ID.exception("Instance id " + instanceId + " is unknown.");
            }
            if (!holder.id().equals(request.memberId())) {
                throw Errors.FENCED_INSTANCE_ID.exception("Static member " + request.memberId() + " with instance id "
                        + instanceId + " was fenced by member " + holder.id() + ".");
            }
        }
        if (member == null) {
            throw Errors.UNKNOWN_MEMBER_ID.exception(
                    "Member %s is not a member of group %s.".formatted(request.memberId(), group.groupId()));
        }
        if (request.memberEpoch() == LEAVE) {
            LOG.info("[GroupId {}] Member {} left the consumer group.", group.groupId(), member.id());
            departures.remove(group, List.of(member), Departure.LEFT, now, decision);
        } else {
            LOG.info(
                    "[GroupId {}] Static member {} with instance id {} temporarily left the consumer group.",
                    group.groupId(),
                    member.id(),
                    instanceId);
            Departures.leaveForNow(group, member, decision);
        }
        return new ConsumerGroupHeartbeatResponseData()
                .setMemberId(request.memberId())
                .setMemberEpoch(request.memberEpoch());
    }

    // --- requests of the classic protocol for a consumer group ---

    public void join(
            ConsumerGroup group,
            ClientContext client,
            JoinGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        classicRequests.join(group, client, request, now, decision, reply);
    }

    public SyncGroupResponseData sync(
            ConsumerGroup group, SyncGroupRequestData request, Moment now, Decision decision) {
        return classicRequests.sync(group, request, now, decision);
    }

    public HeartbeatResponseData heartbeat(ConsumerGroup group, HeartbeatRequestData request, Moment now) {
        return new HeartbeatResponseData()
                .setErrorCode(classicRequests.heartbeat(group, request, now).code());
    }

    public LeaveGroupResponseData leave(
            ConsumerGroup group, List<MemberIdentity> members, Moment now, Decision decision) {
        return classicRequests.leave(group, members, now, decision);
    }

    /** Notes that a topic of the group has another number of partitions; the next heartbeat takes it up. */
    public void partitionsChanged(
            ConsumerGroup group, String topic, int before, int after, Moment now, Decision decision) {
        stories.partitionsChanged(group, topic, before, after, now, decision);
    }

    // --- describe ---

    public DescribedGroup describe(String groupId) {
        Group found = groups.get(groupId);
        return found instanceof ConsumerGroup group
                ? ConsumerDescription.describe(
                        group, assignors, new TopicMetadata(context.image().get()))
                : ConsumerDescription.missing(groupId, found != null);
    }

    // --- life of the shard ---

    /** Whether a record is one of this protocol's; then it is applied. */
    public boolean replay(ApiMessage key, @Nullable ApiMessage value) {
        String groupId = ConsumerKeys.groupId(key);
        if (groupId == null) {
            return false;
        }
        if (groups.get(groupId) instanceof ConsumerGroup group) {
            group.replay(key, value);
            pace.resized(groupId, group.size());
            if (value == null && key instanceof ConsumerGroupMetadataKey) {
                groups.remove(groupId);
                stories.forget(groupId);
                group.dispose();
            }
        } else if (value != null) {
            var group = new ConsumerGroup(groupId);
            groups.put(groupId, group);
            group.replay(key, value);
        }
        return true;
    }

    public void loaded(ConsumerGroup group, Moment now) {
        List.copyOf(group.members()).forEach(member -> departures.deadlines().watch(group, member, now));
    }

    /** The shard goes away. */
    public void unloaded() {
        pace.close();
    }

    /** The response to a heartbeat that its shard could not answer. */
    public static ConsumerGroupHeartbeatResponseData refusal(Errors error) {
        return ConsumerHeartbeat.refusal(error, error.message());
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.Group;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import io.millrace.broker.protocol.ClientContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
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
    private static final byte MEMBER_TYPE_CONSUMER = 1;

    private final GroupContext context;
    private final Map<String, Group> groups;
    private final Assignors assignors;
    private final ConsumerHeartbeat heartbeats;
    /** Of the groups that something happened to since they were loaded. */
    private final Map<String, ConsumerStory> stories = new HashMap<>();

    /**
     * The protocol for one shard.
     *
     * @param groups the shard's groups; changed by its replay, through {@link #replay} too
     */
    public ConsumerProtocol(GroupContext context, Map<String, Group> groups) {
        this.context = context;
        this.groups = groups;
        this.assignors = new Assignors(context.config().consumer().assignors());
        this.heartbeats = new ConsumerHeartbeat(context.config().consumer(), assignors);
    }

    // --- heartbeat ---

    public ConsumerGroupHeartbeatResponseData heartbeat(
            ClientContext client, ConsumerGroupHeartbeatRequestData request, Moment now, Decision decision) {
        ClusterImage image = context.image().get();
        // A request may turn out to be refused after records were drafted.
        var draft = new Decision();
        try {
            ApiException problem = HeartbeatCheck.problem(request, client.apiVersion(), assignors.names());
            if (problem != null) {
                throw problem;
            }
            ConsumerGroupHeartbeatResponseData response = answer(client, request, image, now, draft);
            decision.append(draft.records());
            draft.events().forEach(decision::event);
            if (!(groups.get(request.groupId()) instanceof ConsumerGroup)) {
                watchOnceThere(request.groupId(), response.memberId(), decision);
            }
            return response;
        } catch (ApiException e) {
            return ConsumerHeartbeat.refusal(Errors.forException(e), e.getMessage());
        }
    }

    private ConsumerGroupHeartbeatResponseData answer(
            ClientContext client,
            ConsumerGroupHeartbeatRequestData request,
            ClusterImage image,
            Moment now,
            Decision decision) {
        String groupId = request.groupId();
        Group found = groups.get(groupId);
        if (request.memberEpoch() < 0) {
            return leave(found, request, image, now, decision);
        }
        ConsumerGroup group = groupFor(found, request, decision);
        String memberId =
                request.memberId().isEmpty() ? context.random().nextUuid().toString() : request.memberId();
        var outcome = heartbeats.beat(
                group, client, request, memberId, new TopicMetadata(image), times(group, image), now, decision);
        tell(group, request, outcome, new TopicMetadata(image), now, decision);
        if (decision.records().isEmpty()) {
            // Only what has led to nothing more to write need not be looked at again.
            group.checkedImage = image.offset();
        }
        if (group == found) {
            watch(group, outcome.member(), now);
        }
        return outcome.response();
    }

    /** What a heartbeat has brought about, for the journal. */
    private void tell(
            ConsumerGroup group,
            ConsumerGroupHeartbeatRequestData request,
            ConsumerHeartbeat.Outcome outcome,
            TopicMetadata topics,
            Moment now,
            Decision decision) {
        ConsumerStory story = story(group);
        ConsumerMember after = outcome.member();
        ConsumerMember before = group.member(after.id());
        String instanceId = request.instanceId();
        ConsumerMember holder = before != null || instanceId == null ? null : group.staticMember(instanceId);
        int sessionTimeoutMs = times(group, topics.image()).sessionTimeoutMs();
        int epoch = group.epoch();
        String cause = "PARTITIONS_CHANGED";
        if (holder != null) {
            story.replaced(after, holder.id(), sessionTimeoutMs, epoch, now, decision);
        } else if (before == null) {
            story.joined(after, sessionTimeoutMs, epoch, now, decision);
            cause = "MEMBER_JOINED";
        } else if (!before.subscription().topics().equals(after.subscription().topics())) {
            story.subscriptionChanged(before, after, sessionTimeoutMs, epoch, now, decision);
            cause = "SUBSCRIPTION_CHANGED";
        }
        if (outcome.epoch() > epoch) {
            story.started(cause, "group epoch " + outcome.epoch(), after.id(), epoch, now, decision);
        }
        if (story.rebalancing()) {
            ConsumerMember known = before != null ? before : holder;
            story.moved(
                    after.id(),
                    known == null ? ConsumerMember.Progress.NEW : known.progress(),
                    after.progress(),
                    topics,
                    now);
            int target = outcome.targetEpoch();
            boolean settled = outcome.epoch() == target
                    && after.isAt(target)
                    && others(group, after, holder).allMatch(member -> member.isAt(target));
            if (settled) {
                var members = Stream.concat(Stream.of(after), others(group, after, holder));
                story.settled(members.toList(), target, topics, now, decision);
            }
        }
    }

    private static Stream<ConsumerMember> others(
            ConsumerGroup group, ConsumerMember member, @Nullable ConsumerMember replaced) {
        return group.members().stream()
                .filter(other -> !other.id().equals(member.id()))
                .filter(other -> replaced == null || !other.id().equals(replaced.id()));
    }

    /** Notes that a topic of the group has another number of partitions; the next heartbeat takes it up. */
    public void partitionsChanged(
            ConsumerGroup group, String topic, int before, int after, Moment now, Decision decision) {
        story(group).partitionsChanged(topic, before, after, group.epoch(), now, decision);
    }

    private ConsumerStory story(ConsumerGroup group) {
        return stories.computeIfAbsent(group.groupId(), ConsumerStory::new);
    }

    private GroupTimes times(ConsumerGroup group, ClusterImage image) {
        GroupTimes times = group.times;
        if (times == null || times.imageOffset() != image.offset()) {
            times = GroupTimes.of(context.config().consumer(), image, group.groupId());
            group.times = times;
        }
        return times;
    }

    /** A new group is there once its records are replayed, in time committed or not. */
    private void watchOnceThere(String groupId, String memberId, Decision decision) {
        Decision.Step watch = (then, next) -> {
            if (groups.get(groupId) instanceof ConsumerGroup group) {
                ConsumerMember member = group.member(memberId);
                if (member != null && !group.sessions.containsKey(memberId)) {
                    watch(group, member, then);
                }
            }
        };
        decision.afterCommit(watch);
        decision.afterRefusal(error -> watch);
    }

    private ConsumerGroup groupFor(
            @Nullable Group found, ConsumerGroupHeartbeatRequestData request, Decision decision) {
        if (found instanceof ConsumerGroup group) {
            return group;
        }
        if (found == null) {
            if (request.memberEpoch() != 0) {
                throw Errors.GROUP_ID_NOT_FOUND.exception("Consumer group %s not found.".formatted(request.groupId()));
            }
            return new ConsumerGroup(request.groupId());
        }
        if (!found.isEmpty() || request.memberEpoch() != 0) {
            throw Errors.GROUP_ID_NOT_FOUND.exception("Group %s is not a consumer group.".formatted(request.groupId()));
        }
        LOG.info("[GroupId {}] Converted the empty classic group to a consumer group.", request.groupId());
        decision.append(found.tombstones());
        return new ConsumerGroup(request.groupId());
    }

    private ConsumerGroupHeartbeatResponseData leave(
            @Nullable Group found,
            ConsumerGroupHeartbeatRequestData request,
            ClusterImage image,
            Moment now,
            Decision decision) {
        if (!(found instanceof ConsumerGroup group)) {
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
            remove(group, member, Departure.LEFT, image, now, decision);
        } else {
            LOG.info(
                    "[GroupId {}] Static member {} with instance id {} temporarily left the consumer group.",
                    group.groupId(),
                    member.id(),
                    instanceId);
            // Its partitions stay reserved for it until its session ends.
            Progress had = member.progress();
            Progress away = had.next(
                    ConsumerGroup.LEFT_FOR_NOW,
                    member.epoch(),
                    MemberState.STABLE,
                    had.assigned().plus(had.pendingRevocation()),
                    TopicPartitions.NONE);
            decision.append(ConsumerRecords.progress(group.groupId(), member.id(), away));
        }
        return new ConsumerGroupHeartbeatResponseData()
                .setMemberId(request.memberId())
                .setMemberEpoch(request.memberEpoch());
    }

    /** Takes a member off the group and gives its partitions to the others at once. */
    private void remove(
            ConsumerGroup group,
            ConsumerMember member,
            Departure departure,
            ClusterImage image,
            Moment now,
            Decision decision) {
        var draft = new GroupDraft(group, new TopicMetadata(image), decision);
        draft.remove(member.id());
        draft.resolveRegexes(false, now);
        draft.bumpEpoch();
        if (draft.mayAssign(times(group, image), now)) {
            draft.assign(assignors.find(draft.preferredAssignor()), now);
        }
        ConsumerStory story = story(group);
        int sessionTimeoutMs = times(group, image).sessionTimeoutMs();
        story.left(member, departure, sessionTimeoutMs, group.epoch(), new TopicMetadata(image), now, decision);
        String cause = departure == Departure.LEFT ? "MEMBER_LEFT" : "SESSION_EXPIRED";
        story.started(cause, "group epoch " + draft.epoch(), member.id(), group.epoch(), now, decision);
        if (draft.size() == 0) {
            story.emptied(draft.epoch(), now, decision);
        }
    }

    // --- deadlines ---

    private void watch(ConsumerGroup group, ConsumerMember member, Moment now) {
        String memberId = member.id();
        watchSession(group, memberId, now);
        var revocation = group.revocations.get(memberId);
        boolean revoking = member.progress().state() == MemberState.UNREVOKED_PARTITIONS;
        if (!revoking && revocation != null) {
            revocation.cancel();
            group.revocations.remove(memberId);
        } else if (revoking && revocation == null) {
            int timeoutMs = member.subscription().rebalanceTimeoutMs();
            int epoch = member.epoch();
            group.revocations.put(
                    memberId,
                    context.deadlines()
                            .at(
                                    now.monotonicMs() + timeoutMs,
                                    (then, decision) ->
                                            revocationOver(group, memberId, epoch, timeoutMs, then, decision)));
        }
    }

    private void watchSession(ConsumerGroup group, String memberId, Moment now) {
        int timeoutMs = times(group, context.image().get()).sessionTimeoutMs();
        long dueMs = now.monotonicMs() + timeoutMs;
        var session = group.sessions.get(memberId);
        if (session != null) {
            session.moveTo(dueMs);
            return;
        }
        group.sessions.put(
                memberId,
                context.deadlines().at(dueMs, (then, decision) -> sessionOver(group, memberId, then, decision)));
    }

    private void sessionOver(ConsumerGroup group, String memberId, Moment now, Decision decision) {
        group.sessions.remove(memberId);
        fence(group, memberId, "the member session expired", now, decision);
    }

    private void revocationOver(
            ConsumerGroup group, String memberId, int epoch, int timeoutMs, Moment now, Decision decision) {
        group.revocations.remove(memberId);
        ConsumerMember member = group.member(memberId);
        if (member == null
                || member.epoch() != epoch
                || member.progress().state() != MemberState.UNREVOKED_PARTITIONS) {
            return;
        }
        LOG.info(
                "[GroupId {}] Member {} fenced from the group because it failed to transition from epoch {} within {}ms.",
                group.groupId(),
                memberId,
                epoch,
                timeoutMs);
        removeOrRetry(group, member, Departure.MISSED_REVOCATION, now, decision);
    }

    private void fence(ConsumerGroup group, String memberId, String why, Moment now, Decision decision) {
        ConsumerMember member = group.member(memberId);
        if (member == null || groups.get(group.groupId()) != group) {
            return;
        }
        LOG.info("[GroupId {}] Member {} fenced from the group because {}.", group.groupId(), memberId, why);
        removeOrRetry(group, member, Departure.SESSION_EXPIRED, now, decision);
    }

    /** A member whose removal could not be written gets another session, so that it is tried again. */
    private void removeOrRetry(
            ConsumerGroup group, ConsumerMember member, Departure departure, Moment now, Decision decision) {
        remove(group, member, departure, context.image().get(), now, decision);
        decision.afterRefusal(error -> (then, next) -> watchSession(group, member.id(), then));
    }

    // --- describe ---

    public DescribedGroup describe(String groupId) {
        if (!(groups.get(groupId) instanceof ConsumerGroup group)) {
            String message = groups.containsKey(groupId)
                    ? "Group %s is not a consumer group.".formatted(groupId)
                    : "Group %s not found.".formatted(groupId);
            return new DescribedGroup()
                    .setGroupId(groupId)
                    .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
                    .setErrorMessage(message);
        }
        var topics = new TopicMetadata(context.image().get());
        String assignor = new GroupDraft(group, topics, new Decision()).preferredAssignor();
        return new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(group.state())
                .setGroupEpoch(group.epoch())
                .setAssignmentEpoch(group.targetEpoch())
                .setAssignorName(assignors.find(assignor).name())
                .setMembers(group.members().stream()
                        .map(member -> describe(group, member, topics))
                        .toList());
    }

    private static ConsumerGroupDescribeResponseData.Member describe(
            ConsumerGroup group, ConsumerMember member, TopicMetadata topics) {
        String regex = member.subscription().regex();
        return new ConsumerGroupDescribeResponseData.Member()
                .setMemberId(member.id())
                .setInstanceId(member.identity().instanceId())
                .setRackId(member.identity().rackId())
                .setMemberEpoch(member.epoch())
                .setClientId(member.identity().clientId())
                .setClientHost(member.identity().clientHost())
                .setSubscribedTopicNames(
                        member.subscription().topics().stream().sorted().toList())
                .setSubscribedTopicRegex(regex == null || regex.isEmpty() ? null : regex)
                .setAssignment(assignment(member.progress().assigned(), topics))
                .setTargetAssignment(assignment(group.target(member.id()), topics))
                .setMemberType(MEMBER_TYPE_CONSUMER);
    }

    private static ConsumerGroupDescribeResponseData.Assignment assignment(
            TopicPartitions partitions, TopicMetadata topics) {
        return new ConsumerGroupDescribeResponseData.Assignment()
                .setTopicPartitions(ConsumerRecords.map(
                        partitions,
                        (topicId, numbers) -> new ConsumerGroupDescribeResponseData.TopicPartitions()
                                .setTopicId(topicId)
                                .setTopicName(topics.name(topicId))
                                .setPartitions(numbers)));
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
            if (value == null && key instanceof ConsumerGroupMetadataKey) {
                groups.remove(groupId);
                stories.remove(groupId);
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
        List.copyOf(group.members()).forEach(member -> watch(group, member, now));
    }

    /** The response to a heartbeat that its shard could not answer. */
    public static ConsumerGroupHeartbeatResponseData refusal(Errors error) {
        return ConsumerHeartbeat.refusal(error, error.message());
    }
}

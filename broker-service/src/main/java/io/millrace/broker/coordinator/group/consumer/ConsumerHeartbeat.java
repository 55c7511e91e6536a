package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.group.GroupConfig;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Identity;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Progress;
import io.millrace.broker.coordinator.group.consumer.ConsumerMember.Subscription;
import io.millrace.broker.protocol.ClientContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member's heartbeat: join, change of subscription, next step of the reconciliation. On the shard's loop. */
final class ConsumerHeartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerHeartbeat.class);
    /** Who waits for others comes once in half of this at least. */
    private static final int MAX_WAITING_MS = 1_000;

    private final GroupConfig.Consumer config;
    private final MemberUpdate update;
    private final HeartbeatPace pace;

    ConsumerHeartbeat(GroupConfig.Consumer config, MemberUpdate update, HeartbeatPace pace) {
        this.config = config;
        this.update = update;
        this.pace = pace;
    }

    /** The member before the request, as far as there was one, and what the request makes of it. */
    private record Arrival(@Nullable ConsumerMember before, ConsumerMember now) {}

    /** The outcome: the member's state after the decision, and the response. */
    record Outcome(ConsumerMember member, ConsumerGroupHeartbeatResponseData response) {}

    /** Decides on a heartbeat; an {@link ApiException} is the refusal, and then nothing is to be appended. */
    Outcome beat(
            ConsumerGroup group,
            ClientContext client,
            ConsumerGroupHeartbeatRequestData request,
            String memberId,
            GroupDraft draft,
            GroupTimes times,
            Moment now) {
        Arrival arrival = arrive(group, client, request, memberId, draft);
        ConsumerMember after =
                update.apply(group, draft, arrival.before(), arrival.now(), reported(request), times, now);
        return new Outcome(after, respond(group, draft, request, arrival, after, times, now));
    }

    // --- who it is ---

    private Arrival arrive(
            ConsumerGroup group,
            ClientContext client,
            ConsumerGroupHeartbeatRequestData request,
            String memberId,
            GroupDraft draft) {
        String instanceId = request.instanceId();
        ConsumerMember known = group.member(memberId);
        ConsumerMember holder = instanceId == null ? null : group.staticMember(instanceId);
        if (request.memberEpoch() == 0) {
            if (holder != null && !holder.id().equals(memberId)) {
                return takeOver(group, client, request, memberId, holder, draft);
            }
            if (known == null && draft.size() >= config.maxSize()) {
                throw new GroupMaxSizeReachedException(
                        "The consumer group has reached its maximum capacity of " + config.maxSize() + " members.");
            }
            return join(group, client, request, memberId, known);
        }
        if (instanceId != null) {
            if (holder == null) {
                throw new UnknownMemberIdException("Instance id " + instanceId + " is unknown.");
            }
            if (!holder.id().equals(memberId)) {
                throw new FencedInstanceIdException("Static member " + memberId + " with instance id " + instanceId
                        + " was fenced by member " + holder.id() + ".");
            }
        }
        if (known == null) {
            throw new UnknownMemberIdException(
                    "Member %s is not a member of group %s.".formatted(memberId, group.groupId()));
        }
        checkEpoch(known, request);
        return new Arrival(known, withRequest(known, client, request));
    }

    private static Arrival join(
            ConsumerGroup group,
            ClientContext client,
            ConsumerGroupHeartbeatRequestData request,
            String memberId,
            @Nullable ConsumerMember known) {
        ConsumerMember fresh = newMember(client, request, memberId);
        if (known == null) {
            LOG.info(
                    "[GroupId {}] Member {} joins the consumer group using the {} protocol.",
                    group.groupId(),
                    memberId,
                    "consumer");
            return new Arrival(null, fresh);
        }
        // It starts anew and owns nothing; what it had stays reserved for it as far as its target says so.
        return new Arrival(known, fresh.with(restarted(known.progress())));
    }

    private static Progress restarted(Progress before) {
        return before.next(0, -1, MemberState.STABLE, before.assigned(), TopicPartitions.NONE);
    }

    /** A static member comes back under another id: after the old one has left for a while, or from the classic protocol. */
    private static Arrival takeOver(
            ConsumerGroup group,
            ClientContext client,
            ConsumerGroupHeartbeatRequestData request,
            String memberId,
            ConsumerMember holder,
            GroupDraft draft) {
        if (holder.classic() == null && holder.epoch() != ConsumerGroup.LEFT_FOR_NOW) {
            LOG.info(
                    "[GroupId {}] Static member {} with instance id {} cannot join the group because the instance id is owned by member {}.",
                    group.groupId(),
                    memberId,
                    request.instanceId(),
                    holder.id());
            throw new UnreleasedInstanceIdException("Static member " + memberId + " with instance id "
                    + request.instanceId() + " cannot join the group because the instance id is owned by "
                    + holder.id() + " member.");
        }
        LOG.info(
                "[GroupId {}] Static member with instance id {} re-joins the consumer group using the {} protocol. Created a new member {} to replace the existing member {}.",
                group.groupId(),
                request.instanceId(),
                "consumer",
                memberId,
                holder.id());
        ConsumerMember successor = newMember(client, request, memberId).with(restarted(holder.progress()));
        draft.replace(holder, successor);
        return new Arrival(holder, successor);
    }

    private static void checkEpoch(ConsumerMember member, ConsumerGroupHeartbeatRequestData request) {
        int said = request.memberEpoch();
        if (said > member.epoch()) {
            throw new FencedMemberEpochException("The consumer group member has a greater member epoch (" + said
                    + ") than the one known by the group coordinator (" + member.epoch()
                    + "). The member must abandon all its partitions and rejoin.");
        }
        if (said == member.epoch()) {
            return;
        }
        TopicPartitions owned = reported(request);
        boolean answerLost = said == member.progress().previousEpoch()
                && owned != null
                && member.progress().assigned().containsAll(owned);
        if (!answerLost) {
            throw new FencedMemberEpochException("The consumer group member has a smaller member epoch (" + said
                    + ") than the one known by the group coordinator (" + member.epoch()
                    + "). The member must abandon all its partitions and rejoin.");
        }
    }

    private static ConsumerMember newMember(
            ClientContext client, ConsumerGroupHeartbeatRequestData request, String memberId) {
        var subscription = new Subscription(
                request.rebalanceTimeoutMs(),
                request.subscribedTopicNames() == null ? Set.of() : Set.copyOf(request.subscribedTopicNames()),
                request.subscribedTopicRegex(),
                request.serverAssignor());
        var identity = new Identity(
                memberId,
                request.instanceId(),
                request.rackId(),
                client.clientId(),
                "/" + client.address().getHostAddress());
        return new ConsumerMember(identity, subscription, Progress.NEW, null);
    }

    /** What a request leaves out stays as it was. */
    private static ConsumerMember withRequest(
            ConsumerMember member, ClientContext client, ConsumerGroupHeartbeatRequestData request) {
        Subscription old = member.subscription();
        var subscription = new Subscription(
                request.rebalanceTimeoutMs() == -1 ? old.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                request.subscribedTopicNames() == null ? old.topics() : Set.copyOf(request.subscribedTopicNames()),
                request.subscribedTopicRegex() == null ? old.regex() : request.subscribedTopicRegex(),
                request.serverAssignor() == null ? old.assignor() : request.serverAssignor());
        Identity was = member.identity();
        var identity = new Identity(
                was.memberId(),
                was.instanceId(),
                request.rackId() == null ? was.rackId() : request.rackId(),
                client.clientId(),
                "/" + client.address().getHostAddress());
        return new ConsumerMember(identity, subscription, member.progress(), null);
    }

    private static @Nullable TopicPartitions reported(ConsumerGroupHeartbeatRequestData request) {
        if (request.topicPartitions() == null) {
            return null;
        }
        Map<Uuid, Set<Integer>> byTopic = new HashMap<>();
        request.topicPartitions()
                .forEach(topic -> byTopic.computeIfAbsent(topic.topicId(), id -> new HashSet<>())
                        .addAll(topic.partitions()));
        return TopicPartitions.of(byTopic);
    }

    // --- what it is told ---

    private ConsumerGroupHeartbeatResponseData respond(
            ConsumerGroup group,
            GroupDraft draft,
            ConsumerGroupHeartbeatRequestData request,
            Arrival arrival,
            ConsumerMember after,
            GroupTimes times,
            Moment now) {
        int intervalMs = intervalMs(group, draft, after, times, now);
        group.expected.expect(after.id(), now.monotonicMs() + intervalMs);
        var response = new ConsumerGroupHeartbeatResponseData()
                .setMemberId(after.id())
                .setMemberEpoch(after.epoch())
                .setHeartbeatIntervalMs(intervalMs);
        ConsumerMember before = arrival.before();
        boolean changed = before == null
                || request.memberEpoch() != before.epoch()
                || !before.progress().assigned().equals(after.progress().assigned());
        if (changed || isFull(request)) {
            response.setAssignment(assignment(after.progress().assigned()));
        }
        return response;
    }

    /** When a member shall come again: when there may be news for it. */
    private int intervalMs(ConsumerGroup group, GroupDraft draft, ConsumerMember member, GroupTimes times, Moment now) {
        MemberState state = member.progress().state();
        boolean settled = group.isReconciled() && draft.epoch() == group.epoch() && state == MemberState.STABLE;
        boolean waits = state == MemberState.UNRELEASED_PARTITIONS;
        int configuredMs = times.heartbeatIntervalMs();
        int members = draft.size();
        int waiting = Math.max(group.waiting(), waits ? 1 : 0);
        int intervalMs = pace.intervalMs(
                group.groupId(), new HeartbeatPace.Members(members, waiting, settled), waits, configuredMs);
        if (waits) {
            // Longer the longer it waits: members without news take the processor from those who have to give up.
            int waitedMs = Math.clamp(now.wallClockMs() - draft.assignedAtMs(), 0, MAX_WAITING_MS);
            return Math.min(configuredMs, Math.max(intervalMs, waitedMs / 2));
        }
        if (draft.targetEpoch() < draft.epoch()) {
            // Who has too much comes first: the others wait for what it gives up.
            int turns = group.hasTooMuch(member) ? 0 : members;
            return Math.min(configuredMs, HeartbeatPace.toAssignmentMs(AssignmentTime.of(group, times, now), turns));
        }
        int placeMs = Math.min(configuredMs, group.expected.toNextPlaceMs(intervalMs, members, now));
        long sessionEndsInMs =
                group.firstSession.endsBefore(now.monotonicMs() + placeMs, member.id()) - now.monotonicMs();
        return sessionEndsInMs >= placeMs
                ? placeMs
                : Math.min(placeMs, HeartbeatPace.rightAfterMs(sessionEndsInMs, placeMs, members));
    }

    /** A request that says everything asks for everything. */
    private static boolean isFull(ConsumerGroupHeartbeatRequestData request) {
        return request.rebalanceTimeoutMs() != -1
                && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
                && request.topicPartitions() != null;
    }

    private static ConsumerGroupHeartbeatResponseData.Assignment assignment(TopicPartitions partitions) {
        return new ConsumerGroupHeartbeatResponseData.Assignment()
                .setTopicPartitions(ConsumerRecords.map(
                        partitions,
                        (topicId, numbers) -> new ConsumerGroupHeartbeatResponseData.TopicPartitions()
                                .setTopicId(topicId)
                                .setPartitions(numbers)));
    }

    static ConsumerGroupHeartbeatResponseData refusal(Errors error, @Nullable String message) {
        return new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}

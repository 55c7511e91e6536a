package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.EmbeddedProtocol;
import io.millrace.broker.coordinator.group.GroupContext;
import io.millrace.broker.coordinator.group.journal.GroupEvent.Departure;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests of the classic protocol for a consumer group, which has members of both while it changes: nobody leads, every join is answered
 * at once with the member epoch as generation, SyncGroup hands out what the coordinator has assigned. On the shard's loop.
 */
final class ClassicRequests {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicRequests.class);

    private final GroupContext context;
    private final ClassicMemberJoin join;
    private final Departures departures;

    ClassicRequests(
            GroupContext context,
            MemberUpdate update,
            Downgrade downgrade,
            Departures departures,
            ConsumerStories stories) {
        this.context = context;
        this.join = new ClassicMemberJoin(context, update, downgrade, departures, stories);
        this.departures = departures;
    }

    void join(
            ConsumerGroup group,
            ClientContext client,
            JoinGroupRequestData request,
            Moment now,
            Decision decision,
            Reply<JoinGroupResponseData> reply) {
        var draft = new Decision();
        try {
            JoinGroupResponseData response = join.join(group, client, request, now, draft);
            decision.adopt(draft);
            decision.reply(reply, response);
        } catch (ApiException e) {
            LOG.info("[GroupId {}] A join of the classic protocol is refused: {}", group.groupId(), e.getMessage());
            decision.reply(
                    reply,
                    new JoinGroupResponseData()
                            .setMemberId(request.memberId())
                            .setErrorCode(Errors.forException(e).code())
                            .setProtocolName(null));
        }
    }

    SyncGroupResponseData sync(ConsumerGroup group, SyncGroupRequestData request, Moment now, Decision decision) {
        Errors error = check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        ConsumerMember member = group.member(request.memberId());
        if (error != Errors.NONE || member == null || member.classic() == null) {
            return new SyncGroupResponseData().setErrorCode(error.code());
        }
        String protocol = member.classic().first().name();
        boolean consistent =
                agrees(request.protocolType(), group.protocolType()) && agrees(request.protocolName(), protocol);
        if (!consistent) {
            return new SyncGroupResponseData().setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
        }
        boolean overtaken =
                group.targetEpoch() > member.epoch() && member.progress().state() != MemberState.UNREVOKED_PARTITIONS;
        if (overtaken) {
            departures.deadlines().expectJoin(group, member, now);
            return new SyncGroupResponseData().setErrorCode(Errors.REBALANCE_IN_PROGRESS.code());
        }
        departures.deadlines().synced(group, member);
        departures.deadlines().watch(group, member, now);
        decision.readsCommitted();
        ClusterImage image = context.image().get();
        return new SyncGroupResponseData()
                .setProtocolType(group.protocolType())
                .setProtocolName(protocol)
                .setAssignment(EmbeddedProtocol.assignment(
                        Downgrade.named(member.progress().assigned(), new TopicMetadata(image)),
                        member.classic().first().metadata()));
    }

    private static boolean agrees(@Nullable String said, String known) {
        return said == null || said.equals(known);
    }

    Errors heartbeat(ConsumerGroup group, HeartbeatRequestData request, Moment now) {
        Errors error = check(group, request.memberId(), request.groupInstanceId(), request.generationId());
        ConsumerMember member = group.member(request.memberId());
        if (error != Errors.NONE || member == null) {
            return error;
        }
        departures.deadlines().watch(group, member, now);
        boolean mayGoOn = switch (member.progress().state()) {
            case STABLE -> false;
            case UNREVOKED_PARTITIONS -> true;
            case UNRELEASED_PARTITIONS -> !group.isWaitingForOthers(member);
        };
        if (member.epoch() < group.targetEpoch() || mayGoOn) {
            departures.deadlines().expectJoin(group, member, now);
            return Errors.REBALANCE_IN_PROGRESS;
        }
        return Errors.NONE;
    }

    private static Errors check(ConsumerGroup group, String memberId, @Nullable String instanceId, int generation) {
        Errors identity = checkIdentity(group, memberId, instanceId);
        if (identity != Errors.NONE) {
            return identity;
        }
        ConsumerMember member = group.member(memberId);
        if (member == null || member.classic() == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return member.epoch() == generation ? Errors.NONE : Errors.ILLEGAL_GENERATION;
    }

    private static Errors checkIdentity(ConsumerGroup group, String memberId, @Nullable String instanceId) {
        if (instanceId == null) {
            return Errors.NONE;
        }
        ConsumerMember holder = group.staticMember(instanceId);
        if (holder == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return holder.id().equals(memberId) ? Errors.NONE : Errors.FENCED_INSTANCE_ID;
    }

    /** Members of the classic protocol leave by themselves; an administrator removes static members of either protocol. */
    LeaveGroupResponseData leave(ConsumerGroup group, List<MemberIdentity> identities, Moment now, Decision decision) {
        Map<String, ConsumerMember> gone = new LinkedHashMap<>();
        var responses = new ArrayList<MemberResponse>();
        for (MemberIdentity identity : identities) {
            ConsumerMember member = leaving(group, identity);
            Errors error = checkLeave(group, identity, member);
            if (error == Errors.NONE && member != null) {
                gone.put(member.id(), member);
                LOG.info(
                        "[GroupId {}] Member {} has left group through explicit `LeaveGroup` request; client reason: {}",
                        group.groupId(),
                        member.id(),
                        identity.reason() == null ? "not provided" : identity.reason());
            }
            responses.add(new MemberResponse()
                    .setMemberId(identity.memberId())
                    .setGroupInstanceId(identity.groupInstanceId())
                    .setErrorCode(error.code()));
        }
        if (!gone.isEmpty()) {
            departures.remove(group, gone.values(), Departure.LEFT, now, decision);
        }
        return new LeaveGroupResponseData().setMembers(responses);
    }

    private static @Nullable ConsumerMember leaving(ConsumerGroup group, MemberIdentity identity) {
        String instanceId = identity.groupInstanceId();
        boolean byInstance = identity.memberId().isEmpty() && instanceId != null;
        return byInstance ? group.staticMember(instanceId) : group.member(identity.memberId());
    }

    private static Errors checkLeave(ConsumerGroup group, MemberIdentity identity, @Nullable ConsumerMember member) {
        if (member == null) {
            Errors identityError = checkIdentity(group, identity.memberId(), identity.groupInstanceId());
            return identityError == Errors.NONE ? Errors.UNKNOWN_MEMBER_ID : identityError;
        }
        if (identity.memberId().isEmpty()) {
            return Errors.NONE;
        }
        if (member.classic() == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return checkIdentity(group, identity.memberId(), identity.groupInstanceId());
    }
}

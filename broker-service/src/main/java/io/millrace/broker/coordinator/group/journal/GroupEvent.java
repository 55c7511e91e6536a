package io.millrace.broker.coordinator.group.journal;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonAppend;
import io.millrace.broker.coordinator.CoordinatorEvent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that happened in a group. The records' components are the fields of the journal's JSON; {@code docs/group-journal.md} explains them. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
@JsonAppend(prepend = true, attrs = @JsonAppend.Attr(GroupEventJson.VERSION))
public sealed interface GroupEvent extends CoordinatorEvent {

    /**
     * What every event says.
     *
     * @param protocol {@code classic} or {@code consumer}
     * @param atMs wall clock
     * @param generation generation, or group epoch, that was current when it happened
     */
    record Header(String groupId, String protocol, long atMs, int generation) {}

    /**
     * Who a member is.
     *
     * @param sessionTimeoutMs how long it may be silent; null where the member does not choose it
     * @param rebalanceTimeoutMs how long others wait for it in a rebalance: {@code max.poll.interval.ms} of a Java consumer
     */
    record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            @Nullable Integer sessionTimeoutMs,
            int rebalanceTimeoutMs) {}

    /** Why a member is no longer one. */
    enum Departure {
        LEFT,
        SESSION_EXPIRED,
        MISSED_JOIN,
        MISSED_SYNC,
        /** Consumer protocol: did not give up, within its rebalance timeout, what others shall have. */
        MISSED_REVOCATION,
        OVER_CAPACITY
    }

    @JsonUnwrapped
    Header header();

    /**
     * A new member was taken in.
     *
     * @param topics that it subscribes to; null where that is not for the coordinator to know
     * @param reason the client's own (KIP-800)
     */
    record MemberJoined(
            Header header,
            Member member,
            @Nullable List<String> topics,
            @Nullable String reason) implements GroupEvent {}

    /**
     * A member is gone.
     *
     * @param owned what it had until then, as {@code topic-partition}, as far as that is known
     * @param reason the client's own, if it left by itself and said one
     */
    record MemberLeft(
            Header header,
            Member member,
            Departure departure,
            List<String> owned,
            @Nullable String reason) implements GroupEvent {}

    /** A static member came back under another id; the old one is fenced from here on. */
    record StaticMemberReplaced(Header header, Member member, String oldMemberId) implements GroupEvent {}

    /** Somebody spoke under an id of a static member that is not the current one any more, and was refused. */
    record MemberFenced(
            Header header, String memberId, @Nullable String instanceId, String operation) implements GroupEvent {}

    /**
     * A group that has members changed its protocol, from that of the header to the other; the generation becomes the group epoch, or the epoch the
     * generation.
     *
     * @param to {@code classic} or {@code consumer}
     * @param memberId who brought it about: the first member of the consumer protocol, or the last
     */
    record ProtocolChanged(
            Header header, String to, @Nullable String memberId) implements GroupEvent {}

    /** A member subscribes to other topics than before. */
    record SubscriptionChanged(Header header, Member member, List<String> before, List<String> after)
            implements GroupEvent {}

    /** A topic that the group subscribes to has another number of partitions; the group has not reacted yet. */
    record PartitionsChanged(Header header, String topic, int before, int after) implements GroupEvent {}

    /**
     * A round began: partitions may stand still from here on.
     *
     * @param cause the kind of cause
     * @param reason the sentence of the log
     * @param memberId who is behind it, if it is one member
     */
    record RebalanceStarted(
            Header header,
            String cause,
            String reason,
            @Nullable String memberId) implements GroupEvent {}

    /**
     * All who came have joined; the generation in the header begins.
     *
     * @param joinMs how long the join barrier stood
     * @param lastToJoin id of the member that everybody waited for last
     */
    record GenerationBegun(
            Header header,
            int members,
            @Nullable String leaderId,
            @Nullable String assignor,
            long joinMs,
            @Nullable String lastToJoin)
            implements GroupEvent {}

    /**
     * The assignment is stored and handed out.
     *
     * @param durationMs since the round began
     * @param partitions what each member has now, as {@code topic-partition}; null where the assignment is not a consumer's
     * @param revoked what members that are still here had and have not any more
     * @param standstillMs how long each partition that has an owner again had none, as far as that is known
     */
    record Assigned(
            Header header,
            long durationMs,
            @Nullable Map<String, List<String>> partitions,
            Map<String, List<String>> revoked,
            Map<String, Long> standstillMs)
            implements GroupEvent {}
}

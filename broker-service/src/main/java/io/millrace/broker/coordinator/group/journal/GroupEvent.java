package io.millrace.broker.coordinator.group.journal;

import io.millrace.broker.coordinator.CoordinatorEvent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something that happened in a group. The records' components are the fields of the journal's JSON; {@code docs/group-journal.md} explains them. */
public sealed interface GroupEvent extends CoordinatorEvent {

    /**
     * What every event says.
     *
     * @param protocol {@code classic} or {@code consumer}
     * @param atMs wall clock
     * @param generation generation, or group epoch, that was current when it happened
     */
    record Header(String groupId, String protocol, long atMs, int generation) {}

    /** Who a member is. */
    record Member(String memberId, @Nullable String instanceId, String clientId, String clientHost) {}

    /** Why a member is no longer one. */
    enum Departure {
        LEFT,
        SESSION_EXPIRED,
        MISSED_JOIN,
        MISSED_SYNC,
        OVER_CAPACITY
    }

    Header header();

    /** A new member was taken in. {@code reason} is the client's own (KIP-800). */
    record MemberJoined(
            Header header, Member member, @Nullable String reason) implements GroupEvent {}

    /** A member is gone. {@code reason} is the client's own, if it left by itself and said one. */
    record MemberLeft(
            Header header,
            Member member,
            Departure departure,
            @Nullable String reason) implements GroupEvent {}

    /** A static member came back under another id; the old one is fenced from here on. */
    record StaticMemberReplaced(Header header, Member member, String oldMemberId) implements GroupEvent {}

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

    /** All who came have joined; the generation in the header begins. {@code joinMs} is how long the join barrier stood. */
    record GenerationBegun(
            Header header,
            int members,
            @Nullable String leaderId,
            @Nullable String assignor,
            long joinMs) implements GroupEvent {}

    /**
     * The assignment is stored and handed out.
     *
     * @param durationMs since the round began
     * @param partitions what each member has now, as {@code topic-partition}; null where the assignment is not a consumer's
     */
    record Assigned(
            Header header, long durationMs, @Nullable Map<String, List<String>> partitions) implements GroupEvent {}
}

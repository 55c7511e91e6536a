package io.millrace.broker.coordinator.group.classic;

import org.jspecify.annotations.Nullable;

/**
 * Why a group rebalances.
 *
 * @param reason the sentence for the log, the client's own reason included
 * @param memberId who is behind it, if it is one member
 */
record Trigger(Cause cause, String reason, @Nullable String memberId) {

    /** The kinds of causes that an operator tells apart. */
    enum Cause {
        MEMBER_JOINED,
        MEMBER_LEFT,
        SESSION_EXPIRED,
        SYNC_TIMEOUT,
        SUBSCRIPTION_CHANGED,
        PARTITIONS_CHANGED,
        /** Cooperative members have given up what they had to; now others can have it. */
        COOPERATIVE_FOLLOW_UP,
        METADATA_CHANGED,
        LEADER_REJOINED,
        STATIC_MEMBER_CHANGED,
        ASSIGNMENT_NOT_STORED,
        OVER_CAPACITY,
        PROTOCOL_CHANGED
    }

    /** A client's reason (KIP-800) as the log shows it. */
    static String clientReason(@Nullable String reason) {
        return reason == null || reason.isEmpty() ? "not provided" : reason;
    }
}

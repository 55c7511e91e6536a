package io.millrace.broker.coordinator.group.consumer;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How many members of a group have not come to its target assignment, and how many of these wait for what others are still to give up; counted,
 * because every heartbeat asks. On the shard's loop.
 */
final class Stragglers {
    private int behind;
    private int waiting;

    /** The group has another target. */
    void retarget(Collection<ConsumerMember> members, int targetEpoch) {
        behind = members.stream()
                .mapToInt(member -> isBehind(member, targetEpoch))
                .sum();
    }

    /** A member has moved; null before it is there and once it is gone. */
    void moved(@Nullable ConsumerMember before, @Nullable ConsumerMember after, int targetEpoch) {
        behind += isBehind(after, targetEpoch) - isBehind(before, targetEpoch);
        waiting += isWaiting(after) - isWaiting(before);
    }

    boolean anybody() {
        return behind > 0;
    }

    /** Whether all have come but, possibly, these two. */
    boolean nobodyBut(@Nullable ConsumerMember one, @Nullable ConsumerMember other, int targetEpoch) {
        return behind == isBehind(one, targetEpoch) + isBehind(other, targetEpoch);
    }

    int waiting() {
        return waiting;
    }

    private static int isBehind(@Nullable ConsumerMember member, int targetEpoch) {
        return member == null || member.isAt(targetEpoch) ? 0 : 1;
    }

    private static int isWaiting(@Nullable ConsumerMember member) {
        return member != null && member.progress().state() == MemberState.UNRELEASED_PARTITIONS ? 1 : 0;
    }
}

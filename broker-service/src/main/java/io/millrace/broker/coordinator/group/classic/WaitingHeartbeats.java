package io.millrace.broker.coordinator.group.classic;

import io.millrace.broker.coordinator.Decision;
import io.millrace.broker.coordinator.Moment;
import io.millrace.broker.coordinator.Reply;
import io.millrace.broker.coordinator.group.Deadlines;
import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Heartbeats of members of stable groups that wait for news, so that a member hears of a rebalance when it begins and not by its next
 * heartbeat. At most one of a member waits; it counts for the session from when it came. On the shard's loop.
 */
final class WaitingHeartbeats {
    /** As long as Java's consumers leave between two heartbeats by default, and far less than they wait for an answer. */
    private static final int MAX_WAIT_MS = 3_000;
    /** A wait is at most this part of the session, which the client counts from the answer before. */
    private static final int PART_OF_SESSION = 3;

    /** One of them; its deadline is when it is answered without news. */
    record Waiting(Reply<HeartbeatResponseData> reply, Deadline deadline) {}

    private final Deadlines deadlines;

    WaitingHeartbeats(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    void keep(ClassicMember member, Reply<HeartbeatResponseData> reply, Moment now, Decision decision) {
        answer(member, Errors.NONE, decision);
        int waitMs = Math.min(MAX_WAIT_MS, member.profile().sessionTimeoutMs() / PART_OF_SESSION);
        member.awaitingNews = new Waiting(
                reply, deadlines.at(now.monotonicMs() + waitMs, (then, next) -> answer(member, Errors.NONE, next)));
    }

    /** Answers a member's heartbeat if one waits. */
    static void answer(ClassicMember member, Errors error, Decision decision) {
        Waiting waiting = member.awaitingNews;
        if (waiting != null) {
            member.awaitingNews = null;
            waiting.deadline().cancel();
            decision.reply(waiting.reply(), response(error));
        }
    }

    static HeartbeatResponseData response(Errors error) {
        return new HeartbeatResponseData().setErrorCode(error.code());
    }
}

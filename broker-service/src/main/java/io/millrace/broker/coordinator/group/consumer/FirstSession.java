package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.Deadlines.Deadline;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which session of a group ends first. Every heartbeat asks, so not all sessions are looked at each time: as they only move away, none ends
 * before the one that was found to be the first, and that one need not be searched for while it has not moved. On the shard's loop.
 */
final class FirstSession {
    private final Map<String, Deadline> sessions;
    private @Nullable Deadline first;
    /** No session ends before this. */
    private long notBeforeMs = Long.MAX_VALUE;

    FirstSession(Map<String, Deadline> sessions) {
        this.sessions = sessions;
    }

    /** A session ends at this time now. */
    void setTo(long endMs) {
        notBeforeMs = Math.min(notBeforeMs, endMs);
    }

    /** When the first session of all members but one ends, if that is before {@code limitMs}; else {@link Long#MAX_VALUE}. */
    long endsBefore(long limitMs, String exceptMemberId) {
        if (notBeforeMs >= limitMs) {
            return Long.MAX_VALUE;
        }
        Deadline exception = sessions.get(exceptMemberId);
        Deadline known = first;
        if (known == null || known == exception || known.isOver() || known.dueMs() != notBeforeMs) {
            search(exception);
        }
        return notBeforeMs < limitMs ? notBeforeMs : Long.MAX_VALUE;
    }

    private void search(@Nullable Deadline exception) {
        first = null;
        notBeforeMs = Long.MAX_VALUE;
        for (Deadline session : sessions.values()) {
            if (session != exception && session.dueMs() < notBeforeMs) {
                first = session;
                notBeforeMs = session.dueMs();
            }
        }
    }
}

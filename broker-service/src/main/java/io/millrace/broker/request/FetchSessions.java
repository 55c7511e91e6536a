package io.millrace.broker.request;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.RandomSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The fetch sessions of the connections of one event loop (KIP-227); on that loop. A client that comes back on another loop is told
 * that its session is not known, and starts a new one.
 *
 * <p>At most {@code slots} sessions; a new one takes the place of one that was not used for two minutes, or that is privileged less,
 * or smaller.
 */
final class FetchSessions {

    private static final long EVICTION_NS = TimeUnit.MINUTES.toNanos(2);

    private final Map<Integer, FetchSession> sessions = new HashMap<>();
    private final int slots;
    private final Clock clock;
    private final RandomSource random;

    FetchSessions(int slots, Clock clock, RandomSource random) {
        this.slots = slots;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What a request turned out to be.
     *
     * @param session the session it belongs to; null without
     * @param incremental whether the response names only what changed
     */
    record Resolution(Errors error, @Nullable FetchSession session, boolean incremental) {
        static Resolution refused(Errors error) {
            return new Resolution(error, null, false);
        }

        static final Resolution SESSIONLESS = new Resolution(Errors.NONE, null, false);
    }

    Resolution resolve(FetchRequestData request, TopicNames names, boolean fromFollower) {
        int epoch = request.sessionEpoch();
        if (epoch == FetchMetadata.INITIAL_EPOCH || epoch == FetchMetadata.FINAL_EPOCH) {
            if (request.sessionId() != FetchMetadata.INVALID_SESSION_ID) {
                sessions.remove(request.sessionId());
            }
            return epoch == FetchMetadata.FINAL_EPOCH ? Resolution.SESSIONLESS : begin(request, names, fromFollower);
        }
        FetchSession session = sessions.get(request.sessionId());
        if (session == null) {
            return Resolution.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.nextEpoch() != epoch || session.inUse()) {
            return Resolution.refused(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.byTopicId() != names.byTopicId()) {
            return Resolution.refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        session.update(request, names);
        session.advanceEpoch();
        if (session.size() == 0) {
            sessions.remove(session.id());
            return Resolution.SESSIONLESS;
        }
        session.begin(clock.monotonicNs());
        return new Resolution(Errors.NONE, session, true);
    }

    private Resolution begin(FetchRequestData request, TopicNames names, boolean fromFollower) {
        long nowNs = clock.monotonicNs();
        FetchSession session = new FetchSession(newId(), names.byTopicId(), fromFollower, nowNs);
        session.update(request, names);
        if (session.size() == 0 || !makeRoomFor(session, nowNs)) {
            return Resolution.SESSIONLESS;
        }
        sessions.put(session.id(), session);
        session.begin(nowNs);
        return new Resolution(Errors.NONE, session, false);
    }

    private boolean makeRoomFor(FetchSession newcomer, long nowNs) {
        if (sessions.size() < slots) {
            return true;
        }
        FetchSession victim = null;
        for (FetchSession session : sessions.values()) {
            if (!session.inUse() && mayEvict(session, newcomer, nowNs) && (victim == null || before(session, victim))) {
                victim = session;
            }
        }
        if (victim != null) {
            sessions.remove(victim.id());
        }
        return victim != null;
    }

    private static boolean mayEvict(FetchSession session, FetchSession newcomer, long nowNs) {
        if (nowNs - session.lastUsedNs() > EVICTION_NS) {
            return true;
        }
        if (session.privileged() != newcomer.privileged()) {
            return newcomer.privileged();
        }
        return session.size() < newcomer.size() && nowNs - session.createdNs() > EVICTION_NS;
    }

    /** The least useful first: of consumers, small, long unused. */
    private static boolean before(FetchSession a, FetchSession b) {
        if (a.privileged() != b.privileged()) {
            return !a.privileged();
        }
        return a.size() != b.size() ? a.size() < b.size() : a.lastUsedNs() - b.lastUsedNs() < 0;
    }

    private int newId() {
        int id;
        do {
            id = random.nextInt(1, Integer.MAX_VALUE);
        } while (sessions.containsKey(id));
        return id;
    }

    int size() {
        return sessions.size();
    }
}

package io.millrace.broker.coordinator;

import io.millrace.broker.coordinator.CoordinatorLog.Appended;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard together with its log: carries out the shard's decisions and wakes it at its deadlines. Lives on the partition's loop.
 *
 * <pre>LOADING → ACTIVE → CLOSED, LOADING → CLOSED</pre>
 *
 * <p>Decisions that wait for the high watermark leave in the order in which they were taken. Decisions of {@linkplain #gather gathered}
 * operations share one append with their neighbours; anything else that reaches the shard writes the gathered ones first, so the shard
 * always decides on what is in the log.
 */
final class ShardHost<S extends CoordinatorShard> {
    private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);
    /** Bound on the records that one append gathers; about half of the default largest batch with metadata-free offset commits. */
    private static final int MAX_GATHERED_RECORDS = 4_000;
    /** Bound on deadlines handled before other tasks of the loop have their turn. */
    private static final int MAX_DEADLINES_AT_ONCE = 500;

    /** A decision that waits for the high watermark, and for all decisions before it. */
    private static final class Waiting {
        private final Decision decision;
        private final long endOffsetExclusive;
        private @Nullable Errors outcome;

        Waiting(Decision decision, long endOffsetExclusive, @Nullable Errors outcome) {
            this.decision = decision;
            this.endOffsetExclusive = endOffsetExclusive;
            this.outcome = outcome;
        }
    }

    private enum State {
        LOADING,
        ACTIVE,
        CLOSED
    }

    private final String name;
    private final S shard;
    private final CoordinatorLog log;
    private final EventLoop loop;
    private final Clock clock;
    private final RuntimeOptions options;
    private final RecordBatchWriter writer;
    private final Consumer<CoordinatorEvent> events;

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final List<Decision> gathered = new ArrayList<>();
    private int gatheredRecords;
    private boolean flushScheduled;
    private State state = State.LOADING;
    /** End of what this host appended; everything below is replayed into the shard. */
    private long replayedUpTo;

    private EventLoop.@Nullable Timer timer;
    private long timerDueMs = Long.MAX_VALUE;

    ShardHost(
            String name,
            S shard,
            CoordinatorLog log,
            Clock clock,
            RuntimeOptions options,
            Consumer<CoordinatorEvent> events) {
        this.name = name;
        this.shard = shard;
        this.log = log;
        this.loop = log.loop();
        this.clock = clock;
        this.options = options;
        this.writer = new RecordBatchWriter(options.compression());
        this.events = events;
    }

    EventLoop loop() {
        return loop;
    }

    S shard() {
        return shard;
    }

    CoordinatorLog log() {
        return log;
    }

    boolean closed() {
        return state == State.CLOSED;
    }

    /** The shard is replayed up to the log's end and now belongs to the loop. */
    void activate(long replayedOffset) {
        replayedUpTo = replayedOffset;
        state = State.ACTIVE;
        var decision = new Decision();
        shard.loaded(Moment.of(clock), decision);
        carryOut(decision);
        armTimer();
    }

    /** Leadership is lost or the broker stops: everybody who waits is told to look for the new coordinator. */
    void close() {
        if (state == State.CLOSED) {
            return;
        }
        boolean wasActive = state == State.ACTIVE;
        state = State.CLOSED;
        if (timer != null) {
            timer.cancel();
        }
        gathered.forEach(decision -> decision.refuseReplies(Errors.NOT_COORDINATOR));
        gathered.clear();
        waiting.forEach(row -> row.decision.refuseReplies(Errors.NOT_COORDINATOR));
        waiting.clear();
        if (wasActive) {
            var decision = new Decision();
            shard.unloaded(decision);
            decision.sendReplies();
        }
    }

    <T> void run(Reply<T> reply, CoordinatorRuntime.Operation<S, T> operation) {
        Decision decision = decide(reply, operation, true);
        if (decision != null) {
            carryOut(decision);
            armTimer();
        }
    }

    /** Runs an operation whose decision depends on nothing that other gathered operations append. */
    <T> void gather(Reply<T> reply, CoordinatorRuntime.Operation<S, T> operation) {
        Decision decision = decide(reply, operation, false);
        if (decision == null) {
            return;
        }
        gathered.add(decision);
        gatheredRecords += decision.records().size();
        if (gatheredRecords >= MAX_GATHERED_RECORDS) {
            writeGathered();
        } else if (!flushScheduled) {
            flushScheduled = true;
            loop.execute(this::flushTurn);
        }
    }

    private void flushTurn() {
        flushScheduled = false;
        if (state == State.ACTIVE) {
            writeGathered();
            armTimer();
        }
    }

    private <T> @Nullable Decision decide(Reply<T> reply, CoordinatorRuntime.Operation<S, T> operation, boolean alone) {
        if (state != State.ACTIVE) {
            Errors error = state == State.LOADING ? Errors.COORDINATOR_LOAD_IN_PROGRESS : Errors.NOT_COORDINATOR;
            reply.future().complete(reply.refused(error));
            return null;
        }
        if (alone) {
            writeGathered();
        }
        var decision = new Decision();
        try {
            operation.run(shard, Moment.of(clock), decision, reply);
        } catch (RuntimeException e) {
            LOG.error("{}: a request could not be handled; it is answered with UNKNOWN_SERVER_ERROR", name, e);
            reply.future().complete(reply.refused(Errors.UNKNOWN_SERVER_ERROR));
            return null;
        }
        return decision;
    }

    private void writeGathered() {
        if (gathered.isEmpty()) {
            return;
        }
        List<Decision> decisions = List.copyOf(gathered);
        gathered.clear();
        gatheredRecords = 0;
        if (decisions.size() == 1) {
            carryOut(decisions.getFirst());
            return;
        }
        var records = new ArrayList<CoordinatorRecord>();
        decisions.forEach(decision -> records.addAll(decision.records()));
        if (!records.isEmpty() && !append(records, decisions)) {
            // Together they may be too large, or one of them spoils it for the others: each for itself.
            decisions.forEach(this::carryOut);
        } else if (records.isEmpty()) {
            decisions.forEach(this::carryOut);
        }
    }

    private void carryOut(Decision decision) {
        if (!decision.records().isEmpty()) {
            appendAlone(decision);
        } else if (decision.waitsForCommit() && !waiting.isEmpty()) {
            waiting.add(new Waiting(decision, replayedUpTo, Errors.NONE));
        } else {
            finish(decision, replayedUpTo, Errors.NONE);
        }
    }

    private void appendAlone(Decision decision) {
        Appended appended = appendToLog(decision.records(), List.of(decision));
        if (appended.error() != Errors.NONE) {
            finish(decision, replayedUpTo, appended.error());
        }
    }

    private boolean append(List<CoordinatorRecord> records, List<Decision> decisions) {
        return appendToLog(records, decisions).error() == Errors.NONE;
    }

    /** Appends and replays; on success the decisions finish once the records are committed, on failure nothing has happened. */
    private Appended appendToLog(List<CoordinatorRecord> records, List<Decision> decisions) {
        var rows = new ArrayList<Waiting>(decisions.size());
        Appended appended = log.append(
                writer.encode(records, clock.wallClockMs()),
                options.commitTimeoutMs(),
                error -> committed(rows, error));
        if (appended.error() != Errors.NONE) {
            LOG.warn("{}: {} records were refused by the log: {}", name, records.size(), appended.error());
            return appended;
        }
        long offset = appended.baseOffset();
        for (CoordinatorRecord record : records) {
            shard.replay(offset++, CoordinatorShard.NO_PRODUCER_ID, record);
        }
        replayedUpTo = offset;
        for (Decision decision : decisions) {
            var row = new Waiting(decision, offset, appended.committed() ? Errors.NONE : null);
            rows.add(row);
            waiting.add(row);
        }
        if (appended.committed()) {
            release();
        }
        return appended;
    }

    private void committed(List<Waiting> rows, Errors error) {
        if (state != State.ACTIVE) {
            return;
        }
        rows.forEach(row -> row.outcome = error);
        release();
        armTimer();
    }

    private void release() {
        for (Waiting head = waiting.peek(); head != null && head.outcome != null; head = waiting.peek()) {
            waiting.remove();
            finish(head.decision, head.endOffsetExclusive, head.outcome);
        }
    }

    private void finish(Decision decision, long endOffsetExclusive, Errors outcome) {
        Errors error = outcome;
        if (error == Errors.NONE && decision.isRead() && log.highWatermark() < endOffsetExclusive) {
            // An earlier append was not committed in time; what the shard knows may yet be lost.
            error = Errors.REQUEST_TIMED_OUT;
        }
        Errors answer = CoordinatorErrors.forClients(error);
        Decision.Step step = decision.stepAfter(answer);
        if (answer == Errors.NONE) {
            decision.sendReplies();
            decision.events().forEach(events);
        } else {
            decision.refuseReplies(answer);
        }
        if (step != null && state == State.ACTIVE) {
            var next = new Decision();
            step.run(Moment.of(clock), next);
            carryOut(next);
        }
    }

    private void armTimer() {
        if (state != State.ACTIVE) {
            return;
        }
        long dueMs = shard.nextDeadlineMs();
        if (dueMs >= timerDueMs) {
            // Nothing earlier than what is armed; if the armed deadline has moved away, its timer finds nothing due and
            // arms again.
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timerDueMs = dueMs;
        timer = loop.schedule(this::expire, Math.max(0, dueMs - Moment.of(clock).monotonicMs()));
    }

    private void expire() {
        timerDueMs = Long.MAX_VALUE;
        timer = null;
        if (state != State.ACTIVE) {
            return;
        }
        writeGathered();
        Moment now = Moment.of(clock);
        for (int i = 0; i < MAX_DEADLINES_AT_ONCE; i++) {
            Decision decision = shard.expireNext(now);
            if (decision == null) {
                break;
            }
            carryOut(decision);
        }
        armTimer();
    }
}

package io.millrace.broker.network;

import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The connections of one event loop: what they do together. Owned by the loop. */
final class LoopConnections {

    private static final int SWEEPS_PER_IDLE_TIME = 10;
    private static final long MIN_SWEEP_MS = 10;

    private final NettyEventLoop loop;
    private final Clock clock;
    private final long maxIdleMs;
    private final QueuedBytes queued;
    private final RequestTimes times = new RequestTimes();
    private final Consumer<String> onClosed;
    private final Set<Connection> waitingForRoom = new LinkedHashSet<>();
    private final Set<Connection> connections = new HashSet<>();
    private List<Connection> toFlush = new ArrayList<>();
    private List<Connection> flushed = new ArrayList<>();
    private boolean sweeping;

    LoopConnections(NettyEventLoop loop, Clock clock, long maxIdleMs, QueuedBytes queued, Consumer<String> onClosed) {
        this.loop = loop;
        this.clock = clock;
        this.maxIdleMs = maxIdleMs;
        this.queued = queued;
        this.onClosed = onClosed;
    }

    NettyEventLoop loop() {
        return loop;
    }

    long nowNs() {
        return clock.monotonicNs();
    }

    void add(Connection connection) {
        connections.add(connection);
        if (maxIdleMs >= 0 && !sweeping) {
            sweeping = true;
            sweepLater();
        }
    }

    QueuedBytes queued() {
        return queued;
    }

    RequestTimes times() {
        return times;
    }

    /** Has {@link Connection#take} called once requests may be taken again. */
    void awaitRoom(Connection connection) {
        if (waitingForRoom.add(connection)) {
            queued.await();
        }
    }

    void roomForRequests() {
        List<Connection> waiting = List.copyOf(waitingForRoom);
        waitingForRoom.clear();
        waiting.forEach(Connection::take);
    }

    void remove(Connection connection) {
        waitingForRoom.remove(connection);
        if (connections.remove(connection)) {
            onClosed.accept(connection.id());
        }
    }

    /** Flushes after what else the loop has to do now: answers that come together leave together. */
    void flushSoon(Connection connection) {
        toFlush.add(connection);
        if (toFlush.size() == 1) {
            loop.execute(this::flush);
        }
    }

    private void flush() {
        List<Connection> due = toFlush;
        toFlush = flushed;
        flushed = due;
        due.forEach(Connection::flush);
        due.clear();
    }

    private void sweepLater() {
        EventLoop.Timer _ = loop.schedule(this::sweep, Math.max(MIN_SWEEP_MS, maxIdleMs / SWEEPS_PER_IDLE_TIME));
    }

    private void sweep() {
        if (connections.isEmpty()) {
            sweeping = false;
            return;
        }
        long sinceNs = nowNs() - TimeUnit.MILLISECONDS.toNanos(maxIdleMs);
        for (Connection connection : List.copyOf(connections)) {
            if (connection.idleSince(sinceNs)) {
                connection.closeIdle();
            }
        }
        sweepLater();
    }
}

package io.millrace.admin.ticker;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.audit.AuditLog.AuditEvent;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.rebalance.Rebalances;
import io.millrace.admin.rebalance.Rebalances.Started;
import io.millrace.admin.ticker.ClusterEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers one cluster's events: compares each background snapshot with the one before, and takes over what people changed. It asks the
 * cluster nothing itself while nobody looks. Rebalances are followed from the first question on. A thread of its own.
 */
final class ClusterTicker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterTicker.class);
    private static final long TURN_MS = 500;
    private static final Duration WATCHED = Duration.ofSeconds(20);
    private static final Duration HISTORY = Duration.ofHours(1);
    private static final int CHANGES = 100;

    private final String clusterId;
    private final Clusters clusters;
    private final AuditLog audit;
    private final Rebalances rebalances;
    private final EventRing ring = new EventRing();
    private final AtomicBoolean followed = new AtomicBoolean();
    private final Thread thread;
    private volatile Instant lastAsked = Instant.MIN;
    // Of the thread alone.
    private @Nullable ClusterSnapshot seen;
    private long auditSequence;

    ClusterTicker(String clusterId, Clusters clusters, AuditLog audit, Rebalances rebalances) {
        this.clusterId = clusterId;
        this.clusters = clusters;
        this.audit = audit;
        this.rebalances = rebalances;
        this.thread = Thread.ofVirtual().name("ticker-" + clusterId).start(this::run);
    }

    EventRing ring() {
        return ring;
    }

    /** Somebody looks: for some seconds from now on the snapshots are kept as fresh as for a page that shows them. */
    void asked() {
        lastAsked = Instant.now();
        if (followed.compareAndSet(false, true)) rebalances.follow(clusterId, started -> ring.add(events(started)));
    }

    private static List<ClusterEvent> events(List<Started> started) {
        Instant from = Instant.now().minus(HISTORY);
        return started.stream()
                .filter(one -> one.at().isAfter(from))
                .map(one -> new ClusterEvent(
                        0,
                        one.at(),
                        Kind.REBALANCE,
                        null,
                        one.groupId(),
                        null,
                        null,
                        null,
                        String.valueOf(one.generation()),
                        1,
                        one.cause()))
                .toList();
    }

    private void run() {
        try {
            while (true) {
                turn();
                TimeUnit.MILLISECONDS.sleep(TURN_MS);
            }
        } catch (InterruptedException closed) {
            LOG.debug("the events of cluster '{}' are not gathered any more", clusterId);
        }
    }

    private void turn() {
        List<ClusterEvent> found = new ArrayList<>();
        try {
            ClusterSnapshot before = seen;
            boolean watched = lastAsked.isAfter(Instant.now().minus(WATCHED));
            ClusterSnapshot now = watched ? clusters.snapshot(clusterId) : clusters.peek(clusterId);
            if (before == null) {
                seen = now;
            } else if (now != null && !now.asOf().equals(before.asOf())) {
                seen = now;
                found.addAll(SnapshotChanges.between(before, now));
            }
        } catch (ApiException unreachable) {
            LOG.debug("cluster '{}' cannot be compared now", clusterId, unreachable);
        }
        for (AuditEvent change : audit.recent(clusterId, CHANGES).reversed()) {
            if (change.sequence() <= auditSequence) continue;
            auditSequence = change.sequence();
            found.add(new ClusterEvent(
                    0,
                    change.time(),
                    Kind.CHANGE,
                    null,
                    null,
                    null,
                    null,
                    null,
                    change.resource(),
                    1,
                    change.action() + " by " + change.who()));
        }
        ring.add(found);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

package io.millrace.broker.replication;

import org.jspecify.annotations.Nullable;

/**
 * By what a replica's replication is held back; immutable.
 *
 * @param asLeader for what it sends to followers that are not in sync; null for nothing
 * @param asFollower for what it fetches while it is behind; null for nothing
 */
record Throttle(
        @Nullable ReplicationRate asLeader, @Nullable ReplicationRate asFollower) {

    static final Throttle NONE = new Throttle(null, null);

    boolean holdsLeaderBack() {
        return asLeader != null && asLeader.delayMs() > 0;
    }

    long followerDelayMs() {
        return asFollower == null ? 0 : asFollower.delayMs();
    }

    void sent(long bytes) {
        if (asLeader != null) {
            asLeader.passed(bytes);
        }
    }

    void received(long bytes) {
        if (asFollower != null) {
            asFollower.passed(bytes);
        }
    }
}

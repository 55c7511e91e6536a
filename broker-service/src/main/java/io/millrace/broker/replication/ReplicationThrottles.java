package io.millrace.broker.replication;

import io.millrace.broker.runtime.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How fast replicas may be moved to and from this broker (KIP-73): one rate for what its leaders send, one for what its followers
 * fetch, each for those replicas that their topic names. Any thread.
 */
final class ReplicationThrottles {

    private static final String LEADER_RATE = "leader.replication.throttled.rate";
    private static final String FOLLOWER_RATE = "follower.replication.throttled.rate";
    private static final String LEADER_REPLICAS = "leader.replication.throttled.replicas";
    private static final String FOLLOWER_REPLICAS = "follower.replication.throttled.replicas";

    private final int brokerId;
    private final ReplicationRate leaders;
    private final ReplicationRate followers;

    ReplicationThrottles(int brokerId, Clock clock) {
        this.brokerId = brokerId;
        this.leaders = new ReplicationRate(clock);
        this.followers = new ReplicationRate(clock);
    }

    /** Takes the rates from the broker's settings, dynamic ones included. */
    void configure(Map<String, String> brokerSettings) {
        leaders.limit(rate(brokerSettings.get(LEADER_RATE)));
        followers.limit(rate(brokerSettings.get(FOLLOWER_RATE)));
    }

    private static long rate(@Nullable String value) {
        return value == null || value.isBlank() ? ReplicationRate.UNLIMITED : Long.parseLong(value.strip());
    }

    /** The throttle of one partition's replica here, by its topic's settings. */
    Throttle of(int partition, Map<String, String> topicOverrides) {
        return new Throttle(
                names(topicOverrides.getOrDefault(LEADER_REPLICAS, ""), partition) ? leaders : null,
                names(topicOverrides.getOrDefault(FOLLOWER_REPLICAS, ""), partition) ? followers : null);
    }

    /** @param replicas {@code PARTITION:BROKER,...}, or {@code *} for all */
    private boolean names(String replicas, int partition) {
        String wanted = partition + ":" + brokerId;
        for (String replica : replicas.split(",", -1)) {
            if (replica.strip().equals("*") || replica.strip().equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}

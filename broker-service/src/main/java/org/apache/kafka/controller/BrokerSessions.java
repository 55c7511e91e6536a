package org.apache.kafka.controller;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/**
 * Ends the session of a broker that is known to be dead, so that its next incarnation may register at once. Kafka's controller has
 * no public way to do that, hence this class in its package. Any thread: the times of contact are a concurrent map.
 */
@NullMarked
public final class BrokerSessions {

    /** Longer than any session. */
    private static final long LONG_AGO_NS = TimeUnit.MINUTES.toNanos(60);

    private BrokerSessions() {}

    /** Ends the session of that incarnation; false where {@code controller} is not active. */
    public static boolean expire(QuorumController controller, int brokerId, long brokerEpoch) {
        BrokerHeartbeatTracker tracker;
        try {
            tracker = controller.clusterControl().heartbeatManager().tracker();
        } catch (RuntimeException notActive) {
            // Activation and renunciation happen on the controller's thread; asking is the only way to know.
            return false;
        }
        tracker.updateContactTime(
                new BrokerIdAndEpoch(brokerId, brokerEpoch), tracker.time().nanoseconds() - LONG_AGO_NS);
        return true;
    }
}

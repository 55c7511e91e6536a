package io.millrace.broker.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.controller.BrokerSessions;
import org.apache.kafka.controller.QuorumController;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which incarnation of which broker is at the other end of which connection of the controller listener; so that a dead one is
 * noticed when its connection breaks, and its successor need not wait for its session to end. Any thread.
 *
 * <p>Bound: one entry per open connection that a broker has sent a registration or a heartbeat by.
 */
final class BrokerConnections {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnections.class);

    /** A broker between one registration and the next. */
    record Incarnation(int brokerId, long brokerEpoch) {}

    private final QuorumController controller;
    private final Supplier<MetadataImage> image;
    private final BrokerFencing fencing;
    private final Map<String, Incarnation> byConnection = new ConcurrentHashMap<>();
    private final Map<Integer, Long> endedEpochs = new ConcurrentHashMap<>();

    BrokerConnections(QuorumController controller, Supplier<MetadataImage> image, BrokerFencing fencing) {
        this.controller = controller;
        this.image = image;
        this.fencing = fencing;
    }

    /**
     * Ends the session of the incarnation that the registering one replaces, if that one must be dead: a new incarnation is refused
     * for as long as the old one has a session. A live one would hold its directories' locks, and its ports.
     *
     * @param connectionId empty for this process's own broker
     */
    void beforeRegistration(String connectionId, BrokerRegistrationRequestData request) {
        BrokerRegistration old = image.get().cluster().broker(request.brokerId());
        if (old == null || old.incarnationId().equals(request.incarnationId())) {
            return;
        }
        boolean own = connectionId.isEmpty();
        if (sameDirectories(old, request)
                && (own || (sameEndpoints(old, request) && !isConnected(old.id(), old.epoch(), connectionId)))) {
            // A broker that comes back before the controller has seen the session's end tries again.
            if (!Long.valueOf(old.epoch()).equals(endedEpochs.put(old.id(), old.epoch()))) {
                LOG.info("broker {} has come back: ending the session of its epoch {}", old.id(), old.epoch());
            }
            if (!BrokerSessions.expire(controller, old.id(), old.epoch())) {
                throw new NotControllerException("this controller is not active yet");
            }
        }
    }

    private static boolean sameDirectories(BrokerRegistration old, BrokerRegistrationRequestData request) {
        return !request.logDirs().isEmpty() && old.directories().stream().anyMatch(request.logDirs()::contains);
    }

    private static boolean sameEndpoints(BrokerRegistration old, BrokerRegistrationRequestData request) {
        for (BrokerRegistrationRequestData.Listener listener : request.listeners()) {
            Endpoint endpoint = old.listeners().get(listener.name());
            if (endpoint == null
                    || endpoint.port() != listener.port()
                    || !endpoint.host().equals(listener.host())) {
                return false;
            }
        }
        return !request.listeners().isEmpty();
    }

    private boolean isConnected(int brokerId, long brokerEpoch, String exceptBy) {
        Incarnation incarnation = new Incarnation(brokerId, brokerEpoch);
        return byConnection.entrySet().stream()
                .anyMatch(entry ->
                        entry.getValue().equals(incarnation) && !entry.getKey().equals(exceptBy));
    }

    /** Tells that a registration or a heartbeat of that incarnation came by that connection. */
    void heardOf(String connectionId, int brokerId, long brokerEpoch) {
        if (!connectionId.isEmpty()) {
            byConnection.put(connectionId, new Incarnation(brokerId, brokerEpoch));
        }
    }

    void closed(String connectionId) {
        Incarnation incarnation = byConnection.remove(connectionId);
        if (incarnation != null && !byConnection.containsValue(incarnation)) {
            fencing.suspect(incarnation);
        }
    }
}

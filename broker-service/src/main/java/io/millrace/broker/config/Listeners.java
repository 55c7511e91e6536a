package io.millrace.broker.config;

import java.util.List;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Where a node listens and what it tells others to connect to.
 *
 * @param bound every listener; a null host binds to all interfaces, port 0 to a free one
 * @param advertised the brokers' listeners as clients see them; empty on a node that is only a controller
 * @param advertisedControllers the quorum's listeners of this node as other nodes see them; empty on a node that is only a broker
 * @param interBroker the listener by which brokers talk to each other; null on a node that is only a controller
 * @param controllers names of the listeners that belong to the quorum, the preferred one first
 * @param controllerProtocol how the first of {@code controllers} is secured
 */
public record Listeners(
        List<Endpoint> bound,
        List<Endpoint> advertised,
        List<Endpoint> advertisedControllers,
        @Nullable ListenerName interBroker,
        List<ListenerName> controllers,
        SecurityProtocol controllerProtocol) {

    public Listeners {
        bound = List.copyOf(bound);
        advertised = List.copyOf(advertised);
        advertisedControllers = List.copyOf(advertisedControllers);
        controllers = List.copyOf(controllers);
    }

    /** Whether {@code listener} serves the quorum and not clients. */
    public boolean isController(Endpoint listener) {
        return controllers.contains(ListenerName.normalised(listener.listener()));
    }
}

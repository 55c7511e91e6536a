package io.millrace.broker.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.broker.cluster.ClusterNode;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.NettyEventLoops;
import io.millrace.broker.network.NetworkMetrics;
import io.millrace.broker.network.RequestReceiver;
import io.millrace.broker.network.Server;
import io.millrace.broker.protocol.ServedApis;
import io.millrace.broker.request.ApiHandler;
import io.millrace.broker.request.ApiVersionsHandler;
import io.millrace.broker.request.RequestDispatcher;
import io.millrace.broker.runtime.Clock;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The listeners of a node. They are bound first, so that a taken port is noticed before anything else happens, and opened when there
 * is somebody to answer; who comes earlier waits in the backlog.
 */
final class Doors implements AutoCloseable {

    private final Server server;
    private final List<ListenerConfig> listeners;

    private Doors(Server server, List<ListenerConfig> listeners) {
        this.server = server;
        this.listeners = listeners;
    }

    static Doors bind(NodeConfig config, NettyEventLoops loops, StopSteps stop) {
        List<ListenerConfig> listeners = RoomConfigs.listeners(config);
        Server server = new Server(loops, listeners, RoomConfigs.network(config), Clock.system());
        try {
            server.start();
        } catch (IOException e) {
            throw new StartFailure(
                    e.getMessage() + "; stop what uses it, or choose another address with listeners or --kafka-port",
                    e);
        }
        Doors doors = new Doors(server, listeners);
        stop.add("listeners", doors::close);
        return doors;
    }

    /** The port that a listener is bound to. */
    int port(ListenerName listener) {
        return server.port(listener);
    }

    /** Has connections and requests of {@code apis} measured. */
    void measure(Set<ApiKeys> apis, MeterRegistry registry) {
        NetworkMetrics.register(server, apis, registry);
    }

    /** What answers behind the doors. */
    final class Reception {

        private final ServedApis served;
        private final RequestReceiver receiver;

        private Reception(ServedApis served, RequestReceiver receiver) {
            this.served = served;
            this.receiver = receiver;
        }

        /** The quorum's peers are served from now on. */
        void letControllersIn() {
            accept(ListenerType.CONTROLLER);
        }

        /** Clients and other brokers are served from now on. */
        void letClientsIn() {
            accept(ListenerType.BROKER);
        }

        private void accept(ListenerType type) {
            listeners.stream()
                    .filter(listener -> listener.type() == type)
                    .forEach(listener -> server.accept(listener.name(), served, receiver));
        }
    }

    /** Prepares to answer with {@code handlers}, and by the controller of {@code cluster} on the quorum's listeners. */
    Reception reception(ClusterNode cluster, Map<ApiKeys, ApiHandler> handlers) {
        Set<ListenerName> controllers = listeners.stream()
                .filter(listener -> listener.type() == ListenerType.CONTROLLER)
                .map(ListenerConfig::name)
                .collect(Collectors.toSet());
        ServedApis served =
                new ServedApis(withApiVersions(handlers.keySet()), withApiVersions(cluster.controllerApis()));
        Map<ApiKeys, ApiHandler> all = new EnumMap<>(ApiKeys.class);
        all.putAll(handlers);
        all.put(ApiKeys.API_VERSIONS, new ApiVersionsHandler(served, controllers, cluster));
        server.onConnectionClosed(cluster::connectionClosed);
        return new Reception(served, new RequestDispatcher(all, controllers, cluster));
    }

    /** Ends every connection; may be called again. */
    @Override
    public void close() {
        server.close();
    }

    private static Set<ApiKeys> withApiVersions(Set<ApiKeys> apis) {
        Set<ApiKeys> all = EnumSet.of(ApiKeys.API_VERSIONS);
        all.addAll(apis);
        return all;
    }
}

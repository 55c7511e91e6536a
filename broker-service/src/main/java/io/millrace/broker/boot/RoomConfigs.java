package io.millrace.broker.boot;

import io.millrace.broker.cluster.ClusterConfig;
import io.millrace.broker.cluster.StorageDirectories;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.Listeners;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.NetworkConfig;
import io.millrace.broker.replication.ReplicationConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.network.ListenerName;

/** Reads from the node's configuration what each room declared that it needs. */
final class RoomConfigs {

    /** Until the log directories' clean-shutdown marks are read: every start is taken for one after a crash. */
    private static final long NO_PREVIOUS_EPOCH = -1;

    private RoomConfigs() {}

    static List<ListenerConfig> listeners(NodeConfig config) {
        Listeners listeners = config.listeners();
        return listeners.bound().stream()
                .map(endpoint -> ListenerConfig.of(
                        endpoint,
                        listeners.isController(endpoint)
                                ? ApiMessageType.ListenerType.CONTROLLER
                                : ApiMessageType.ListenerType.BROKER))
                .toList();
    }

    static NetworkConfig network(NodeConfig config) {
        return new NetworkConfig(
                config.integer("socket.request.max.bytes"),
                config.longInteger("queued.max.request.bytes"),
                config.integer("socket.send.buffer.bytes"),
                config.integer("socket.receive.buffer.bytes"),
                config.integer("socket.listen.backlog.size"),
                config.longInteger("connections.max.idle.ms"),
                config.integer("max.connections"),
                config.integer("max.connections.per.ip"),
                perIpOverrides(config.text("max.connections.per.ip.overrides")),
                config.integer("max.connection.creation.rate"));
    }

    private static Map<String, Integer> perIpOverrides(String text) {
        Map<String, Integer> overrides = new HashMap<>();
        for (String entry : text.split(",", -1)) {
            if (entry.isBlank()) {
                continue;
            }
            int colon = entry.lastIndexOf(':');
            try {
                overrides.put(
                        entry.substring(0, colon).strip(),
                        Integer.parseInt(entry.substring(colon + 1).strip()));
            } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
                throw new InvalidConfiguration(
                        "max.connections.per.ip.overrides: '" + entry + "' is not of the form HOST:NUMBER");
            }
        }
        return overrides;
    }

    /** @param boundPort the real port of a listener, where 0 was configured */
    static ClusterConfig cluster(NodeConfig config, StorageDirectories storage, ToIntFunction<ListenerName> boundPort) {
        Listeners listeners = config.listeners();
        Set<ClusterConfig.Role> roles = EnumSet.noneOf(ClusterConfig.Role.class);
        if (config.isBroker()) {
            roles.add(ClusterConfig.Role.BROKER);
        }
        if (config.isController()) {
            roles.add(ClusterConfig.Role.CONTROLLER);
        }
        return new ClusterConfig(
                config.nodeId(),
                roles,
                storage.clusterId(),
                config.metadataLogDir(),
                directoryId(storage, config.metadataLogDir()),
                config.logDirs().stream()
                        .map(storage.directoryIds()::get)
                        .filter(Objects::nonNull)
                        .toList(),
                advertised(listeners.advertised(), boundPort),
                advertised(listeners.advertisedControllers(), boundPort),
                listeners.controllers().stream().map(ListenerName::value).toList(),
                listeners.controllerProtocol(),
                config.textOrNull("broker.rack"),
                NO_PREVIOUS_EPOCH,
                config.topicDefaults(),
                ConfigKeys.NODE,
                config.given());
    }

    private static Uuid directoryId(StorageDirectories storage, Path directory) {
        Uuid id = storage.directoryIds().get(directory);
        if (id == null) {
            throw new StartFailure(
                    "the metadata directory " + directory + " cannot be read; a node cannot do without it");
        }
        return id;
    }

    private static List<ClusterConfig.Listener> advertised(
            List<Endpoint> endpoints, ToIntFunction<ListenerName> boundPort) {
        return endpoints.stream()
                .map(endpoint -> new ClusterConfig.Listener(
                        endpoint.listener(),
                        endpoint.host(),
                        endpoint.port() != 0
                                ? endpoint.port()
                                : boundPort.applyAsInt(ListenerName.normalised(endpoint.listener())),
                        endpoint.securityProtocol()))
                .toList();
    }

    static ReplicationConfig replication(NodeConfig config) {
        return new ReplicationConfig(
                config.nodeId(), config.integer("min.insync.replicas"), config.longInteger("replica.lag.time.max.ms"));
    }
}

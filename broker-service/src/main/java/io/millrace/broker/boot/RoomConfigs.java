package io.millrace.broker.boot;

import io.millrace.broker.cluster.ClusterConfig;
import io.millrace.broker.cluster.StorageDirectories;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.Listeners;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.coordinator.group.GroupConfig;
import io.millrace.broker.coordinator.group.journal.JournalConfig;
import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.NetworkConfig;
import io.millrace.broker.replication.FetcherConfig;
import io.millrace.broker.replication.ReplicationConfig;
import io.millrace.broker.request.NodeSettings;
import io.millrace.broker.request.RequestConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.replica.ReplicaSelector;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Reads from the node's configuration what each room declared that it needs. */
final class RoomConfigs {

    /** Until the log directories' clean-shutdown marks are read: every start is taken for one after a crash. */
    private static final long NO_PREVIOUS_EPOCH = -1;

    private static final int LISTEN_BACKLOG = 4096;

    private RoomConfigs() {}

    static List<ListenerConfig> listeners(NodeConfig config) {
        Listeners listeners = config.listeners();
        return listeners.bound().stream()
                .map(endpoint -> ListenerConfig.of(
                        endpoint, listeners.isController(endpoint) ? ListenerType.CONTROLLER : ListenerType.BROKER))
                .toList();
    }

    static NetworkConfig network(NodeConfig config) {
        return new NetworkConfig(
                config.integer("socket.request.max.bytes"),
                config.longInteger("queued.max.request.bytes"),
                config.integer("socket.send.buffer.bytes"),
                config.integer("socket.receive.buffer.bytes"),
                listenBacklog(config),
                config.longInteger("connections.max.idle.ms"),
                config.integer("max.connections"),
                config.integer("max.connections.per.ip"),
                perIpOverrides(config.text("max.connections.per.ip.overrides")),
                config.integer("max.connection.creation.rate"));
    }

    /**
     * Kafka's default of 50 overflows when all clients come back at once; the kernel then forgets some that believe to be connected, and
     * these wait for minutes. Linux takes at most {@code net.core.somaxconn}, 4096 by default.
     */
    private static int listenBacklog(NodeConfig config) {
        String key = "socket.listen.backlog.size";
        return config.given().containsKey(key) ? config.integer(key) : LISTEN_BACKLOG;
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

    static ClusterConfig cluster(
            NodeConfig config,
            StorageDirectories storage,
            ToIntFunction<ListenerName> boundPort,
            OptionalLong previousBrokerEpoch) {
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
                previousBrokerEpoch.orElse(NO_PREVIOUS_EPOCH),
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

    /** Where port 0 was configured others are told the port that was found. */
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
                config.nodeId(),
                config.integer("min.insync.replicas"),
                config.longInteger("replica.lag.time.max.ms"),
                config.given());
    }

    static FetcherConfig fetchers(NodeConfig config) {
        Endpoint endpoint = interBroker(config.listeners());
        return new FetcherConfig(
                config.nodeId(),
                ListenerName.normalised(endpoint.listener()),
                endpoint.securityProtocol(),
                new AbstractConfig(ConfigKeys.NODE, config.given(), false),
                config.integer("num.replica.fetchers"),
                config.integer("replica.fetch.wait.max.ms"),
                config.integer("replica.fetch.min.bytes"),
                config.integer("replica.fetch.response.max.bytes"),
                config.integer("replica.fetch.max.bytes"),
                config.integer("replica.fetch.backoff.ms"),
                config.integer("replica.socket.timeout.ms"),
                config.integer("replica.socket.receive.buffer.bytes"));
    }

    private static Endpoint interBroker(Listeners listeners) {
        return listeners.advertised().stream()
                .filter(endpoint -> ListenerName.normalised(endpoint.listener()).equals(listeners.interBroker()))
                .findFirst()
                .orElseThrow(() -> new StartFailure("no listener is there for brokers to reach each other"));
    }

    static GroupConfig groups(NodeConfig config) {
        return GroupConfig.from(config.values());
    }

    static JournalConfig journal(NodeConfig config) {
        Endpoint endpoint = interBroker(config.listeners());
        int replicas = config.integer("millrace.group.journal.replication.factor");
        return new JournalConfig(
                config.flag("millrace.group.journal.enable"),
                config.integer("millrace.group.journal.num.partitions"),
                (short) (replicas == -1 ? config.integer("offsets.topic.replication.factor") : replicas),
                config.longInteger("millrace.group.journal.retention.ms"),
                config.longInteger("millrace.group.journal.retention.bytes"),
                ListenerName.normalised(endpoint.listener()),
                endpoint.securityProtocol());
    }

    static NodeSettings settings(NodeConfig config) {
        return new NodeSettings(ConfigKeys.NODE, config.values(), config.given());
    }

    /** Null where consumers read from leaders alone. */
    static @Nullable ReplicaSelector replicaSelector(NodeConfig config) {
        try {
            String name = config.textOrNull("replica.selector.class");
            if (name == null) {
                return null;
            }
            ReplicaSelector selector = Utils.newInstance(name, ReplicaSelector.class);
            selector.configure(config.given());
            return selector;
        } catch (ClassNotFoundException | KafkaException e) {
            throw new InvalidConfiguration("replica.selector.class: " + e.getMessage()
                    + "; for racks it is org.apache.kafka.common.replica.RackAwareReplicaSelector");
        }
    }

    static RequestConfig requests(NodeConfig config, @Nullable ReplicaSelector replicaSelector) {
        return new RequestConfig(
                config.nodeId(),
                config.flag("auto.create.topics.enable"),
                config.integer("max.request.partition.size.limit"),
                config.integer("fetch.max.bytes"),
                config.integer("max.incremental.fetch.session.cache.slots"),
                new RequestConfig.InternalTopic(
                        config.integer("offsets.topic.num.partitions"),
                        (short) config.integer("offsets.topic.replication.factor"),
                        config.integer("offsets.topic.segment.bytes"),
                        0),
                new RequestConfig.InternalTopic(
                        config.integer("transaction.state.log.num.partitions"),
                        (short) config.integer("transaction.state.log.replication.factor"),
                        config.integer("transaction.state.log.segment.bytes"),
                        config.integer("transaction.state.log.min.isr")),
                replicaSelector);
    }
}

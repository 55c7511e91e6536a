package io.millrace.broker.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;

/**
 * What this node must know to take its part in a cluster: who it is, where its metadata lies, how others reach it. Immutable.
 *
 * @param nodeId {@code node.id}
 * @param roles {@code process.roles}; never empty
 * @param clusterId as formatted into {@code meta.properties}
 * @param metadataLogDir the directory that holds {@code __cluster_metadata-0}
 * @param metadataDirectoryId directory id of {@code metadataLogDir}, from its {@code meta.properties}
 * @param logDirectoryIds ids of this broker's log directories, from their {@code meta.properties}; offline ones left out
 * @param brokerListeners advertised endpoints of this broker; empty where it has no broker role. Ports are real ones, never 0
 * @param controllerListeners advertised endpoints of this controller, first the one that {@code controller.listener.names} names
 *     first; empty where it has no controller role. Ports are real ones, never 0
 * @param controllerListenerNames {@code controller.listener.names}: the first is the listener that this node uses to reach controllers
 * @param controllerListenerProtocol how that first listener is secured
 * @param rack {@code broker.rack}
 * @param previousBrokerEpoch epoch that this broker had when it last shut down cleanly; -1 where it did not
 * @param topicDefaults what a topic without overrides has on this node, by the topics' names of the keys
 * @param definitions definitions of every broker key: names, types, defaults; what dynamic broker configs are checked against
 * @param properties Kafka's keys as the user gave them; quorum, metadata log and session settings are read from here
 */
public record ClusterConfig(
        int nodeId,
        Set<Role> roles,
        String clusterId,
        Path metadataLogDir,
        Uuid metadataDirectoryId,
        List<Uuid> logDirectoryIds,
        List<Listener> brokerListeners,
        List<Listener> controllerListeners,
        List<String> controllerListenerNames,
        SecurityProtocol controllerListenerProtocol,
        @Nullable String rack,
        long previousBrokerEpoch,
        Map<String, Object> topicDefaults,
        ConfigDef definitions,
        Map<String, String> properties) {

    public ClusterConfig {
        roles = Set.copyOf(roles);
        logDirectoryIds = List.copyOf(logDirectoryIds);
        brokerListeners = List.copyOf(brokerListeners);
        controllerListeners = List.copyOf(controllerListeners);
        controllerListenerNames = List.copyOf(controllerListenerNames);
        topicDefaults = Map.copyOf(topicDefaults);
        properties = Map.copyOf(properties);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("process.roles is empty: set it to broker, controller or both");
        }
        if (controllerListenerNames.isEmpty()) {
            throw new IllegalArgumentException(
                    "controller.listener.names is empty: name the listener that reaches controllers");
        }
    }

    public boolean isBroker() {
        return roles.contains(Role.BROKER);
    }

    public boolean isController() {
        return roles.contains(Role.CONTROLLER);
    }

    /** A part that a process can play; one process may play both. */
    public enum Role {
        BROKER,
        CONTROLLER
    }

    /** An endpoint that others connect to. */
    public record Listener(String name, String host, int port, SecurityProtocol securityProtocol) {}
}

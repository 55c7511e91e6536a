package io.millrace.broker.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node is when {@code process.roles} does not say: broker and controller in one, a cluster of its own, on loopback. Kafka's
 * own sample configuration makes the same choices about internal topics.
 */
final class SingleNodeDefaults {

    private static final String ORIGIN = "single-node default";
    private static final String CONTROLLER = "CONTROLLER";

    private SingleNodeDefaults() {}

    static boolean applyTo(Settings settings) {
        return !settings.has("process.roles");
    }

    /** The settings to start with, {@code given} taking precedence. */
    static Settings complete(Settings given, int kafkaPort) {
        String nodeId = valueOr(given, "node.id", valueOr(given, "broker.id", "1"));
        String clientListeners = valueOr(given, "listeners", "PLAINTEXT://localhost:" + kafkaPort);
        int controllerPort = controllerPort(clientListeners, kafkaPort);
        String controllerName = valueOr(given, "controller.listener.names", CONTROLLER);

        List<Setting> defaults = new ArrayList<>();
        defaults.add(new Setting("process.roles", "broker,controller", ORIGIN));
        defaults.add(new Setting("node.id", nodeId, ORIGIN));
        defaults.add(new Setting("controller.listener.names", controllerName, ORIGIN));
        defaults.add(new Setting("group.initial.rebalance.delay.ms", "0", ORIGIN));
        for (String key : List.of(
                "offsets.topic.replication.factor",
                "transaction.state.log.replication.factor",
                "transaction.state.log.min.isr")) {
            defaults.add(new Setting(key, "1", ORIGIN));
        }

        List<Setting> completed = new ArrayList<>();
        String controllerListener = controllerName + "://127.0.0.1:" + controllerPort;
        if (!clientListeners.contains(controllerName + "://")) {
            completed.add(new Setting("listeners", clientListeners + "," + controllerListener, ORIGIN));
            if (!given.has("controller.quorum.voters") && !given.has("controller.quorum.bootstrap.servers")) {
                completed.add(new Setting("controller.quorum.voters", nodeId + "@127.0.0.1:" + controllerPort, ORIGIN));
            }
        }
        Setting map = given.find("listener.security.protocol.map");
        if (map != null && !map.value().contains(controllerName + ":")) {
            completed.add(new Setting(map.key(), map.value() + "," + controllerName + ":PLAINTEXT", map.origin()));
        }
        return given.orElse(defaults).and(completed);
    }

    private static String valueOr(Settings given, String key, String otherwise) {
        Setting setting = given.find(key);
        return setting == null ? otherwise : setting.value();
    }

    /**
     * The port after the clients', or any free one if that is taken or belongs to one of {@code clientListeners}. It may differ from
     * start to start: nobody but this node connects to it.
     */
    private static int controllerPort(String clientListeners, int kafkaPort) {
        int next = kafkaPort + 1;
        boolean ours = clientListeners.matches(".*:" + next + "\\b.*");
        if (kafkaPort != 0 && next <= 65535 && !ours && isFree(next)) {
            return next;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new InvalidConfiguration(
                    "no free port on the loopback interface for the controller: " + e.getMessage());
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

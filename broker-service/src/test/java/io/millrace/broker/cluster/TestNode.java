package io.millrace.broker.cluster;

import io.millrace.broker.cluster.ClusterConfig.Listener;
import io.millrace.broker.cluster.ClusterConfig.Role;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Settings;
import io.millrace.broker.network.ListenerConfig;
import io.millrace.broker.network.NettyEventLoops;
import io.millrace.broker.network.NetworkConfig;
import io.millrace.broker.network.Request;
import io.millrace.broker.network.Server;
import io.millrace.broker.protocol.ClientContext;
import io.millrace.broker.protocol.ServedApis;
import io.millrace.broker.runtime.Clock;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.controller.QuorumFeatures;

/** A node on the real engine, with real sockets, in a directory of its own. */
final class TestNode implements AutoCloseable {

    static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

    private static final ListenerName CLIENTS = new ListenerName("PLAINTEXT");
    private static final ListenerName CONTROLLER = new ListenerName("CONTROLLER");
    private static final ServedApis SERVED = new ServedApis(Set.of(ApiKeys.API_VERSIONS), ApiKeys.controllerApis());

    final int id;
    final List<String> faults = new CopyOnWriteArrayList<>();
    final List<ImageListener.ImageChange> changes = new CopyOnWriteArrayList<>();
    private final Set<Role> roles;
    private final NettyEventLoops loops = new NettyEventLoops(1);
    private final Server server;
    private ClusterNode node;
    private boolean holdsHeartbeats;
    private final List<Request> heldHeartbeats = new ArrayList<>();

    /** Binds the node's ports, so that others can be told about them. */
    TestNode(int id, Set<Role> roles, Map<String, Integer> ports) throws Exception {
        this.id = id;
        this.roles = roles;
        List<ListenerConfig> listeners = new ArrayList<>();
        if (roles.contains(Role.BROKER)) {
            listeners.add(listener(CLIENTS, ports, ListenerType.BROKER));
        }
        if (roles.contains(Role.CONTROLLER)) {
            listeners.add(listener(CONTROLLER, ports, ListenerType.CONTROLLER));
        }
        this.server = new Server(loops, listeners, NetworkConfig.defaults(), Clock.system());
        server.start();
    }

    private static ListenerConfig listener(ListenerName name, Map<String, Integer> ports, ListenerType type) {
        int port = ports.getOrDefault(name.value(), 0);
        return new ListenerConfig(name, "127.0.0.1", port, SecurityProtocol.PLAINTEXT, type);
    }

    /** A combined node that is the only voter. */
    static TestNode single(Path dir, Map<String, String> properties) throws Exception {
        TestNode node = new TestNode(1, Set.of(Role.BROKER, Role.CONTROLLER), Map.of());
        node.join(dir, List.of(node), properties);
        node.unfenced();
        return node;
    }

    Map<String, Integer> ports() {
        Map<String, Integer> ports = new HashMap<>();
        if (roles.contains(Role.BROKER)) {
            ports.put(CLIENTS.value(), server.port(CLIENTS));
        }
        if (roles.contains(Role.CONTROLLER)) {
            ports.put(CONTROLLER.value(), server.port(CONTROLLER));
        }
        return ports;
    }

    String controllerEndpoint() {
        return "127.0.0.1:" + server.port(CONTROLLER);
    }

    void join(Path dir, List<TestNode> voters, Map<String, String> properties) throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put(
                "process.roles",
                String.join(
                        ",",
                        roles.stream().map(role -> role.name().toLowerCase()).toList()));
        all.put("node.id", Integer.toString(id));
        all.put("controller.listener.names", CONTROLLER.value());
        if (!voters.isEmpty()) {
            all.put(
                    "controller.quorum.voters",
                    String.join(
                            ",",
                            voters.stream()
                                    .map(v -> v.id + "@" + v.controllerEndpoint())
                                    .toList()));
        }
        all.putAll(properties);
        Uuid directory = new Uuid(77, id);
        node = new ClusterNode(
                new ClusterConfig(
                        id,
                        roles,
                        CLUSTER_ID,
                        dir,
                        all.containsKey("test.directory.id")
                                ? Uuid.fromString(all.remove("test.directory.id"))
                                : directory,
                        List.of(directory),
                        roles.contains(Role.BROKER) ? List.of(endpoint(CLIENTS)) : List.of(),
                        roles.contains(Role.CONTROLLER) ? List.of(endpoint(CONTROLLER)) : List.of(),
                        List.of(CONTROLLER.value()),
                        SecurityProtocol.PLAINTEXT,
                        null,
                        -1,
                        NodeConfig.of(Settings.none()).topicDefaults(),
                        ConfigKeys.NODE,
                        all),
                (message, cause) -> faults.add(message + ": " + cause));
        node.addListener(changes::add);
        server.onConnectionClosed(node::connectionClosed);
        if (roles.contains(Role.CONTROLLER)) {
            server.accept(CONTROLLER, SERVED, this::serve);
        }
        node.start();
    }

    private Listener endpoint(ListenerName name) {
        return new Listener(name.value(), "127.0.0.1", server.port(name), SecurityProtocol.PLAINTEXT);
    }

    /** Heartbeats get as far as this controller and no farther: their senders have gone silent, their connections have not broken. */
    synchronized void holdHeartbeats() {
        holdsHeartbeats = true;
    }

    /** What was held arrives, late. */
    synchronized void letHeartbeatsArrive() {
        holdsHeartbeats = false;
        heldHeartbeats.forEach(this::serve);
        heldHeartbeats.clear();
    }

    private synchronized boolean holds(Request request) {
        return holdsHeartbeats && request.apiKey() == ApiKeys.BROKER_HEARTBEAT && heldHeartbeats.add(request);
    }

    private void serve(Request request) {
        if (holds(request)) {
            return;
        }
        if (request.apiKey() == ApiKeys.API_VERSIONS) {
            request.reply(new ApiVersionsResponseData().setApiKeys(SERVED.table(ListenerType.CONTROLLER)));
            return;
        }
        CompletableFuture<ApiMessage> answer =
                node.serveController(request.client(), request.connectionId(), request.body());
        if (answer == null) {
            request.close(request.apiKey() + " has no handler");
            return;
        }
        answer.whenComplete((response, failure) -> {
            if (failure == null) {
                request.reply(response);
            } else {
                request.close(failure.toString());
            }
        });
    }

    /** What a process that is mistaken for this broker would send: its directories and its endpoint. */
    BrokerRegistrationRequestData registrationOfAnotherIncarnation() {
        BrokerRegistrationRequestData registration = new BrokerRegistrationRequestData()
                .setBrokerId(id)
                .setClusterId(CLUSTER_ID)
                .setIncarnationId(Uuid.randomUuid())
                .setLogDirs(List.of(new Uuid(77, id)));
        registration
                .listeners()
                .add(new BrokerRegistrationRequestData.Listener()
                        .setName(CLIENTS.value())
                        .setHost("127.0.0.1")
                        .setPort(server.port(CLIENTS))
                        .setSecurityProtocol(SecurityProtocol.PLAINTEXT.id));
        QuorumFeatures.defaultSupportedFeatureMap(false)
                .forEach((name, range) -> registration
                        .features()
                        .add(new BrokerRegistrationRequestData.Feature()
                                .setName(name)
                                .setMinSupportedVersion(range.min())
                                .setMaxSupportedVersion(range.max())));
        return registration;
    }

    ClusterNode node() {
        return node;
    }

    void unfenced() throws Exception {
        node.caughtUp().get(60, TimeUnit.SECONDS);
        node.unfence().get(60, TimeUnit.SECONDS);
    }

    /** What the active controller answers to a client of this node. */
    <T extends ApiMessage> T forward(ApiMessage request, int version, Class<T> response) throws Exception {
        CompletableFuture<ApiMessage> answer = node.forward(client((short) version), request);
        return response.cast(answer.get(60, TimeUnit.SECONDS));
    }

    static ClientContext client(short version) {
        return new ClientContext(
                "test", new KafkaPrincipal("User", "ann"), InetAddress.getLoopbackAddress(), CLIENTS, version, 7);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within 60 s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    /** Ends without a controlled shutdown: sockets first, as when a process dies. */
    @Override
    public void close() {
        server.close();
        if (node != null) {
            node.close();
        }
        loops.close();
    }
}

package io.millrace.broker.cluster;

import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.protocol.ClientContext;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A combined node on the real engine in a directory of its own, without sockets. */
final class TestNode implements AutoCloseable {

    static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

    final List<String> faults = new CopyOnWriteArrayList<>();
    final ClusterNode node;

    private TestNode(ClusterConfig config) throws Exception {
        node = new ClusterNode(config, (message, cause) -> faults.add(message + ": " + cause));
    }

    static ClusterConfig config(Path dir, Map<String, String> overrides) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.listener.names", "CONTROLLER",
                "controller.quorum.voters", "1@127.0.0.1:19093"));
        properties.putAll(overrides);
        return new ClusterConfig(
                1,
                Set.of(ClusterConfig.Role.BROKER, ClusterConfig.Role.CONTROLLER),
                CLUSTER_ID,
                dir,
                Uuid.fromString("AAAAAAAAAAAAAAAAAAAAgw"),
                List.of(Uuid.fromString("AAAAAAAAAAAAAAAAAAAAgw")),
                List.of(new ClusterConfig.Listener("PLAINTEXT", "127.0.0.1", 19092, SecurityProtocol.PLAINTEXT)),
                List.of(new ClusterConfig.Listener("CONTROLLER", "127.0.0.1", 19093, SecurityProtocol.PLAINTEXT)),
                List.of("CONTROLLER"),
                SecurityProtocol.PLAINTEXT,
                null,
                -1,
                Map.of(),
                ConfigKeys.NODE,
                properties);
    }

    static TestNode start(Path dir, Map<String, String> overrides, ImageListener... listeners) throws Exception {
        TestNode started = new TestNode(config(dir, overrides));
        for (ImageListener listener : listeners) {
            started.node.addListener(listener);
        }
        started.node.start();
        started.node.caughtUp().get(30, TimeUnit.SECONDS);
        started.node.unfence().get(30, TimeUnit.SECONDS);
        return started;
    }

    /** What the controller answers to a client's request. */
    <T extends ApiMessage> T forward(ApiMessage request, int version, Class<T> response) throws Exception {
        CompletableFuture<ApiMessage> answer = node.forward(client((short) version), request);
        return response.cast(answer.get(30, TimeUnit.SECONDS));
    }

    static ClientContext client(short version) {
        return new ClientContext(
                "test",
                KafkaPrincipal.ANONYMOUS,
                InetAddress.getLoopbackAddress(),
                new ListenerName("PLAINTEXT"),
                version,
                7);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within 30 s: " + what);
            }
            Thread.onSpinWait();
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    @Override
    public void close() {
        node.close();
    }
}

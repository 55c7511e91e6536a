package io.millrace.admin.kafka;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/**
 * One node in a process of its own: Apache Kafka or Millrace, each started once for all tests and stopped with them.
 *
 * <p>{@code -Dmillrace.test.apache=host:port} and {@code -Dmillrace.test.millrace=host:port} test against a cluster that
 * is already there instead.
 */
public final class BrokerProcess {
    private static final Map<Kind, String> SHARED = new ConcurrentHashMap<>();

    /** The ids under which the tests' API knows the two. */
    public enum Kind {
        APACHE,
        MILLRACE;

        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private BrokerProcess() {}

    /** The address of the shared node of this kind, which is started for its first caller. */
    public static String bootstrap(Kind kind) {
        return SHARED.computeIfAbsent(kind, wanted -> {
            String given = System.getProperty("millrace.test." + wanted.id(), "");
            if (!given.isEmpty()) return given;
            return start(wanted, "-Xmx384m").address();
        });
    }

    /** A node that its caller stops by destroying the process; all end with this JVM. */
    public record Running(String address, Process process) {}

    public static Running start(Kind kind, String heap) {
        try {
            Path home = Files.createTempDirectory("millrace-admin-" + kind.id());
            int port = freePort();
            Path properties = configuration(home, port);
            return switch (kind) {
                case APACHE -> {
                    Process format = java(
                            home,
                            "format",
                            heap,
                            "kafka.tools.StorageTool",
                            "format",
                            "-t",
                            Uuid.randomUuid().toString(),
                            "-c",
                            properties.toString());
                    if (!format.waitFor(60, TimeUnit.SECONDS) || format.exitValue() != 0) {
                        throw new IOException("formatting failed: " + Files.readString(home.resolve("format.log")));
                    }
                    yield serving(home, port, java(home, "broker", heap, "kafka.Kafka", properties.toString()));
                }
                case MILLRACE ->
                    serving(
                            home,
                            port,
                            java(
                                    home,
                                    "broker",
                                    heap,
                                    "io.millrace.broker.boot.BrokerApplication",
                                    "--config",
                                    properties.toString(),
                                    "--format"));
            };
        } catch (IOException failure) {
            throw new IllegalStateException(kind + " did not start", failure);
        } catch (InterruptedException failure) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(kind + " did not start", failure);
        }
    }

    private static Path configuration(Path home, int port) throws IOException {
        int controllerPort = freePort();
        Path properties = home.resolve("server.properties");
        Files.writeString(
                properties,
                String.join(
                        "\n",
                        "process.roles=broker,controller",
                        "node.id=1",
                        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
                        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                        "controller.listener.names=CONTROLLER",
                        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "log.dirs=" + home.resolve("data"),
                        "offsets.topic.replication.factor=1",
                        "offsets.topic.num.partitions=2",
                        "transaction.state.log.replication.factor=1",
                        "transaction.state.log.min.isr=1",
                        "group.initial.rebalance.delay.ms=0",
                        ""));
        return properties;
    }

    private static Running serving(Path home, int port, Process broker) throws IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(broker::destroyForcibly));
        String address = "127.0.0.1:" + port;
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", address, "default.api.timeout.ms", 90_000, "request.timeout.ms", 30_000))) {
            admin.describeCluster().nodes().get(90, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException failure) {
            throw new IOException("no answer: " + Files.readString(home.resolve("broker.log")), failure);
        }
        return new Running(address, broker);
    }

    /** A JVM on the tests' class path, its output in {@code log} under {@code home}. */
    public static Process java(Path home, String log, String heap, String main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(log + ".log").toFile())
                .start();
    }

    /** Below the ephemeral range, so that no client socket takes it between here and the broker. */
    public static int freePort() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = 20_000 + java.util.concurrent.ThreadLocalRandom.current().nextInt(12_000);
            try (ServerSocket socket = new ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (java.net.BindException taken) {
                continue;
            }
        }
        throw new IOException("no free port between 20000 and 32000");
    }

    public static Duration patience() {
        return Duration.ofSeconds(60);
    }
}

package io.millrace.admin.kafka;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/**
 * One Apache Kafka node in a process of its own, started once for all tests and stopped with them.
 *
 * <p>{@code -Dmillrace.test.bootstrap=host:port} tests against a cluster that is already there instead.
 */
public final class KafkaProcess {
    private static final KafkaProcess SHARED = new KafkaProcess();
    private final String bootstrap;

    private KafkaProcess() {
        String given = System.getProperty("millrace.test.bootstrap");
        try {
            bootstrap = given == null || given.isEmpty() ? start() : given;
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException("Apache Kafka did not start", failure);
        }
    }

    public static String bootstrap() {
        return SHARED.bootstrap;
    }

    private static String start() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("millrace-admin-kafka");
        int port = freePort();
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
        Process format = java(
                home,
                "format",
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                properties.toString());
        if (!format.waitFor(60, TimeUnit.SECONDS) || format.exitValue() != 0) {
            throw new IOException("formatting failed: " + Files.readString(home.resolve("format.log")));
        }
        Process broker = java(home, "broker", "kafka.Kafka", properties.toString());
        Runtime.getRuntime().addShutdownHook(new Thread(broker::destroyForcibly));
        String address = "127.0.0.1:" + port;
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", address, "default.api.timeout.ms", 90_000, "request.timeout.ms", 30_000))) {
            admin.describeCluster().nodes().get(90, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException failure) {
            throw new IOException("no answer: " + Files.readString(home.resolve("broker.log")), failure);
        }
        return address;
    }

    private static Process java(Path home, String log, String main, String... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        Path output = home.resolve(log + ".log");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Below the ephemeral range, so that no client socket takes it between here and the broker. */
    private static int freePort() throws IOException {
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

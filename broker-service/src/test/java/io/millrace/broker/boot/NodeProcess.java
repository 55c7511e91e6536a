package io.millrace.broker.boot;

import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One node of a cluster in a process of its own, which can be killed as processes are. */
final class NodeProcess implements AutoCloseable {

    private static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

    final int id;
    private final Path directory;
    private @Nullable Process process;

    /** Writes the node's configuration: a combined node on loopback, with short intervals where a test would have to wait. */
    NodeProcess(int id, Path directory, List<Integer> ports, int nodes, Map<String, String> more) throws IOException {
        this.id = id;
        this.directory = Files.createDirectories(directory);
        Map<String, String> settings = new TreeMap<>();
        settings.put("node.id", Integer.toString(id));
        settings.put("process.roles", "broker,controller");
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.get(2 * (id - 1)) + ",CONTROLLER://127.0.0.1:"
                        + ports.get(2 * (id - 1) + 1));
        settings.put("controller.listener.names", "CONTROLLER");
        List<String> voters = new ArrayList<>();
        for (int voter = 1; voter <= nodes; voter++) {
            voters.add(voter + "@127.0.0.1:" + ports.get(2 * (voter - 1) + 1));
        }
        settings.put("controller.quorum.voters", String.join(",", voters));
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("offsets.topic.num.partitions", "3");
        settings.putAll(more);
        List<String> lines = new ArrayList<>();
        settings.forEach((key, value) -> lines.add(key + "=" + value));
        Files.write(directory.resolve("server.properties"), lines);
    }

    void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                NodeProcess.class.getName(),
                directory.resolve("server.properties").toString());
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** As {@code kill -9} does; returns when it is dead. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /** As {@code kill} does: a controlled shutdown. */
    void stop() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroy();
            if (!running.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("node " + id + " has not stopped within 60 s");
            }
        }
    }

    Path data() {
        return directory.resolve("data");
    }

    private Path log() {
        return directory.resolve("server.log");
    }

    String output() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }

    @Override
    public void close() {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The process: serves until it is told to end. */
    public static void main(String[] arguments) throws InterruptedException {
        Broker broker = new Broker(
                NodeConfig.of(Settings.ofFile(Path.of(arguments[0]))),
                FirstStart.FORMATS,
                Map.of("CLUSTER_ID", CLUSTER_ID));
        broker.start();
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
        new CountDownLatch(1).await();
    }
}

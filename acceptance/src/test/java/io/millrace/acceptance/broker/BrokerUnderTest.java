package io.millrace.acceptance.broker;

import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.process.CommandResult;
import io.millrace.acceptance.process.ExternalProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * One broker process (KRaft, broker and controller combined) with a data directory of its own that outlives restarts.
 * Used by one test thread at a time; closing it kills the process and deletes the data. Its log stays in the build directory.
 */
public final class BrokerUnderTest implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final AtomicInteger SEQUENCE = new AtomicInteger();
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private final int number = SEQUENCE.incrementAndGet();
    private final int port = FreePorts.next();
    private final int secondPort = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    private final Path directory;
    private final Path propertiesFile;
    private Distribution distribution;
    private Map<String, String> environment;
    private ExternalProcess process;
    private KafkaClients clients;

    BrokerUnderTest(Distribution distribution, Map<String, String> overrides) {
        this.distribution = distribution;
        this.environment = distribution.brokerEnvironment();
        try {
            directory = Files.createTempDirectory("acceptance-" + name());
            propertiesFile = directory.resolve("server.properties");
            Files.deleteIfExists(logFile());
            write(overrides);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Formats and starts a broker; {@code overrides} replace or add keys. In a value, {@code {port}}, {@code {secondPort}} (for a
     * second listener) and {@code {controllerPort}} stand for ports of this broker, {@code {directory}} for where its directories are.
     */
    public static BrokerUnderTest start(Map<String, String> overrides) {
        BrokerUnderTest broker = prepare(overrides);
        try {
            broker.start();
            return broker;
        } catch (RuntimeException | AssertionError e) {
            broker.close();
            throw e;
        }
    }

    /** Formats a broker's directories without starting it. */
    public static BrokerUnderTest prepare(Map<String, String> overrides) {
        BrokerUnderTest broker = new BrokerUnderTest(Distribution.underTest(), overrides);
        broker.format();
        return broker;
    }

    /** {@code how}: more arguments of the command that formats. */
    void format(String... how) {
        CommandResult.run(distribution.brokerEnvironment(), "", distribution.format(propertiesFile, how))
                .succeeded();
    }

    /** Has another software run this node, with the same directories and configuration, from its next start on. */
    public void runAs(Distribution other) {
        distribution = other;
        environment = other.brokerEnvironment();
    }

    private Path logFile() {
        return Path.of(System.getProperty("acceptance.target"), "broker-logs", name() + ".log");
    }

    private void write(Map<String, String> overrides) throws IOException {
        Map<String, String> properties = new TreeMap<>(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "listeners", "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:" + controllerPort,
                "controller.listener.names", "CONTROLLER",
                "log.dirs", directory.resolve("data").toString(),
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0"));
        properties.putAll(Map.of(
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1"));
        properties.putAll(overrides);
        String text = properties.entrySet().stream()
                .map(entry -> entry.getKey() + "="
                        + entry.getValue()
                                .replace("{directory}", directory.toString())
                                .replace("{port}", Integer.toString(port))
                                .replace("{secondPort}", Integer.toString(secondPort))
                                .replace("{controllerPort}", Integer.toString(controllerPort)))
                .collect(Collectors.joining("\n", "", "\n"));
        Files.writeString(propertiesFile, text);
    }

    /** Adds variables to the environment of its next start. */
    public void setEnvironment(Map<String, String> variables) {
        Map<String, String> merged = new TreeMap<>(distribution.brokerEnvironment());
        merged.putAll(variables);
        environment = Map.copyOf(merged);
    }

    /** Starts the process again on the same data and waits until it serves; returns how long that took. */
    public Duration start() {
        long startedNanos = System.nanoTime();
        launch();
        awaitServing();
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** Starts the process without waiting: nodes of one cluster need each other to start. */
    void launch() {
        process = ExternalProcess.start(name(), logFile(), environment, distribution.broker(propertiesFile));
    }

    void awaitServing() {
        await().pollInterval(Duration.ofMillis(20)).atMost(START_LIMIT).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(name() + " ended while starting" + process.describe());
            }
            return accepts();
        });
        clients = new KafkaClients(bootstrap());
        clients.awaitServing(START_LIMIT);
    }

    /** Starts the process, which ought to end by itself; returns its exit code. */
    public int startExpectingToFail() {
        launch();
        return process.awaitExit(START_LIMIT);
    }

    /** Replaces its configuration for the next start. */
    public void configure(Map<String, String> overrides) {
        try {
            write(overrides);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** {@code kill -9}. */
    public void kill() {
        closeClients();
        process.kill();
    }

    /** SIGTERM, then waits for its end; returns the exit code. */
    public int stop() {
        closeClients();
        process.terminate();
        return process.awaitExit(Duration.ofSeconds(60));
    }

    public Duration restart() {
        stop();
        return start();
    }

    public String name() {
        return distribution.name() + "-" + number;
    }

    public Distribution distribution() {
        return distribution;
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** Its {@code server.properties}. */
    public Path propertiesFile() {
        return propertiesFile;
    }

    public Path dataDirectory() {
        return directory.resolve("data");
    }

    int controllerPort() {
        return controllerPort;
    }

    /** A free port for a second listener. */
    public int secondPort() {
        return secondPort;
    }

    /** The folder of one of its partitions. */
    public Path partitionDirectory(String topic, int partition) {
        return dataDirectory().resolve(topic + "-" + partition);
    }

    public ExternalProcess process() {
        return process;
    }

    public KafkaClients clients() {
        return clients;
    }

    public Admin admin() {
        return clients.admin();
    }

    /** Creates a topic of its own for a test; the prefix says which. */
    public String newTopic(String prefix, int partitions) {
        return newTopic(prefix, partitions, Map.of());
    }

    public String newTopic(String prefix, int partitions, Map<String, String> configs) {
        String topic = freshName(prefix);
        clients.createTopic(topic, partitions, configs);
        return topic;
    }

    /** A name, for a topic or a group, that no other test uses. */
    public static String freshName(String prefix) {
        return prefix + "-" + TOPICS.incrementAndGet();
    }

    /** Runs one of Kafka's tools against this broker ({@code --bootstrap-server} is added). */
    public CommandResult tool(String tool, String... arguments) {
        return toolWithInput(tool, "", arguments);
    }

    public CommandResult toolWithInput(String tool, String input, String... arguments) {
        List<String> all = Stream.concat(Stream.of("--bootstrap-server", bootstrap()), Stream.of(arguments))
                .toList();
        return distribution.runWithInput(tool, input, all);
    }

    @Override
    public void close() {
        closeClients();
        if (process != null) {
            process.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeClients() {
        if (clients != null) {
            clients.close();
            clients = null;
        }
    }
}

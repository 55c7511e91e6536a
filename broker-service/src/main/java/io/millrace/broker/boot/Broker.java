package io.millrace.broker.boot;

import io.millrace.broker.cluster.ClusterConfig;
import io.millrace.broker.cluster.ClusterNode;
import io.millrace.broker.cluster.StorageDirectories;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.network.NettyEventLoops;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.ThreadPoolIoWorkers;
import io.millrace.broker.telemetry.Telemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the cluster, put together from its rooms: opens them in the order in which they need each other, and closes them in
 * the opposite one. {@link #start} and {@link #close} once each, not concurrently.
 */
public final class Broker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Broker.class);

    /** Threads for fsync, recovery and background work; they end when they have nothing to do. */
    private static final int IO_WORKERS = 4;

    /** Kafka gives a controlled shutdown three attempts of 5 s. */
    private static final long CONTROLLED_SHUTDOWN_TIMEOUT_MS = 15_000;

    private final NodeConfig config;
    private final FirstStart firstStart;
    private final Map<String, String> environment;
    private final StopSteps stop = new StopSteps();
    private final Telemetry telemetry = new Telemetry();
    private volatile boolean serving;
    private List<String> endpoints = List.of();

    public Broker(NodeConfig config, FirstStart firstStart, Map<String, String> environment) {
        this.config = config;
        this.firstStart = firstStart;
        this.environment = Map.copyOf(environment);
    }

    /** Returns when clients are served. Whatever fails is undone again. */
    public void start() {
        try {
            open();
            serving = true;
        } catch (RuntimeException e) {
            stop.close();
            throw e;
        }
    }

    private void open() {
        DirectoryLocks locks = DirectoryLocks.take(FileStore.disk(), directories());
        stop.add("directory locks", locks::close);
        StorageDirectories storage = NodeStorage.open(config, firstStart, environment);

        ThreadPoolIoWorkers workers = new ThreadPoolIoWorkers(IO_WORKERS);
        stop.add("I/O workers", workers::close);
        NettyEventLoops loops = new NettyEventLoops(0);
        stop.add("event loops", loops::close);

        stop.add("metrics", telemetry::close);
        String metricsListener = config.text("millrace.metrics.listener");
        if (!metricsListener.isBlank()) {
            telemetry.measureProcess();
            stop.add("metrics endpoint", MetricsEndpoint.open(metricsListener, telemetry)::close);
        }
        Doors doors = Doors.bind(config, loops, stop);
        LogDirectories directories =
                config.isBroker() ? BrokerRole.logDirectories(config, loops.loops(), workers) : null;
        OptionalLong previousEpoch = directories == null ? OptionalLong.empty() : directories.previousBrokerEpoch();
        ClusterConfig clusterConfig = RoomConfigs.cluster(config, storage, doors::port, previousEpoch);
        endpoints = endpoints(clusterConfig);
        ClusterNode cluster = join(clusterConfig);
        BrokerRole role = directories == null
                ? null
                : new BrokerRole(config, directories, cluster, loops.loops(), workers, telemetry, stop);
        Doors.Reception reception = doors.reception(cluster, role == null ? Map.of() : role.handlers());
        doors.measure(role == null ? Set.of() : role.handlers().keySet(), telemetry.registry());

        // Before the rooms that answer are closed, whatever was bound before them.
        stop.add("network", doors::close);
        reception.letControllersIn();
        cluster.start();
        if (role != null) {
            // Logs are recovered while the quorum elects its leader.
            role.open();
        }
        await("the cluster's metadata", cluster.caughtUp());
        if (role != null) {
            reception.letClientsIn();
            await("the controller to let this broker serve", cluster.unfence());
            stop.add("controlled shutdown", () -> leave(cluster));
            FirstTopics.create(environment.get("KAFKA_CREATE_TOPICS"), cluster);
        }
    }

    private ClusterNode join(ClusterConfig clusterConfig) {
        try {
            ClusterNode cluster = new ClusterNode(clusterConfig, Broker::halt);
            stop.add("cluster", cluster::close);
            return cluster;
        } catch (IOException e) {
            throw new StartFailure(
                    "the metadata log in " + config.metadataLogDir() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Metadata may take long to arrive where other controllers are not up yet: waits as long as Kafka does, and says what for. */
    private void await(String what, CompletableFuture<Void> done) {
        long limitMs = config.longInteger("server.max.startup.time.ms");
        long waitedMs = 0;
        long stepMs = 10_000;
        while (true) {
            try {
                done.get(stepMs, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                waitedMs += stepMs;
                if (waitedMs >= limitMs) {
                    throw new StartFailure("gave up waiting for " + what + " after " + waitedMs + " ms", e);
                }
                log.info("Still waiting for {}, for {} s now", what, waitedMs / 1000);
            } catch (ExecutionException e) {
                throw new StartFailure("no success in waiting for " + what + ": " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartFailure("interrupted while waiting for " + what, e);
            }
        }
    }

    /** Gives leaderships to others before it goes, so that clients notice little. */
    private void leave(ClusterNode cluster) throws InterruptedException {
        if (!config.flag("controlled.shutdown.enable")) {
            return;
        }
        try {
            cluster.controlledShutdown(CONTROLLED_SHUTDOWN_TIMEOUT_MS)
                    .get(CONTROLLED_SHUTDOWN_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.warn("Stopping without a controlled shutdown: {}", e.toString());
        }
    }

    private static void halt(String message, Throwable cause) {
        log.error("This node must not go on: {}", message, cause);
        Runtime.getRuntime().halt(1);
    }

    private List<String> endpoints(ClusterConfig clusterConfig) {
        List<ClusterConfig.Listener> told =
                config.isBroker() ? clusterConfig.brokerListeners() : clusterConfig.controllerListeners();
        return told.stream().map(e -> e.host() + ":" + e.port()).toList();
    }

    /** Where this node is found, for people. */
    public String addresses() {
        return (config.isBroker() ? "Kafka on " : "Controller on ") + String.join(", ", endpoints);
    }

    /** What is measured; any thread. */
    public Telemetry telemetry() {
        return telemetry;
    }

    /** Whether clients are served: false while starting and stopping. Any thread. */
    public boolean isServing() {
        return serving;
    }

    /** Where clients in this process reach it. */
    public String bootstrapServer() {
        return endpoints.getFirst();
    }

    private List<Path> directories() {
        List<Path> directories = new ArrayList<>(config.logDirs());
        directories.add(config.metadataLogDir());
        return directories;
    }

    @Override
    public void close() {
        if (serving) {
            serving = false;
            log.info("Stopping");
            stop.close();
            log.info("Stopped");
        }
    }
}

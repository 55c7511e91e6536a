package io.millrace.broker.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.image.loader.MetadataLoader;
import org.apache.kafka.image.publisher.SnapshotEmitter;
import org.apache.kafka.image.publisher.SnapshotGenerator;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.KafkaRaftClientDriver;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.internals.KafkaRaftLog;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.KRaftVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's own raft client with the log, the loader and the snapshots of the metadata topic: a voter, or an observer on a node
 * without the controller role. The raft thread, the loader's and the snapshots' live from {@link #start} to {@link #close}.
 */
final class QuorumEngine implements AutoCloseable {

    static final TopicPartition METADATA = Topic.CLUSTER_METADATA_TOPIC_PARTITION;

    private static final Logger LOG = LoggerFactory.getLogger(QuorumEngine.class);

    /**
     * How long a leader that ends waits for its successor; Kafka's driver waits 5 s. Whom it has told has voted long before, and where
     * too few voters are left there will be no successor, however long it waits.
     */
    private static final int HAND_OVER_LIMIT_MS = 1_000;

    private final ClusterConfig config;
    private final ClusterSettings settings;
    private final Time time;
    private final RaftLog log;
    private final RaftChannel channel;
    private final KafkaRaftClient<ApiMessageAndVersion> raft;
    private final KafkaRaftClientDriver<ApiMessageAndVersion> driver;
    private final MetadataLoader loader;
    private final SnapshotGenerator snapshots;

    QuorumEngine(
            ClusterConfig config,
            ClusterSettings settings,
            PeerNetwork network,
            ClusterTimer timer,
            Metrics metrics,
            FatalFault faults)
            throws IOException {
        this.config = config;
        this.settings = settings;
        this.time = network.time();
        LogContext logContext = new LogContext("[raft " + config.nodeId() + "] ");
        Path directory = config.metadataLogDir().resolve(METADATA.toString());
        Files.createDirectories(directory);
        this.log = KafkaRaftLog.createLog(
                METADATA,
                Uuid.METADATA_TOPIC_ID,
                directory.toFile(),
                Time.SYSTEM,
                timer,
                settings.metadataLog(),
                config.nodeId());
        this.channel = new RaftChannel(config, network, settings.quorum());
        this.raft = new KafkaRaftClient<>(
                OptionalInt.of(config.nodeId()),
                config.metadataDirectoryId(),
                MetadataRecordSerde.INSTANCE,
                channel,
                log,
                time,
                timer,
                logContext,
                config.isController(),
                config.clusterId(),
                QuorumConfig.parseBootstrapServers(settings.quorum().bootstrapServers()),
                controllerEndpoints(config),
                new SupportedVersionRange((short) 0, KRaftVersion.LATEST_PRODUCTION.featureLevel()),
                settings.quorum());
        raft.initialize(
                QuorumConfig.parseVoterConnections(settings.quorum().voters()),
                new FileQuorumStateStore(directory
                        .resolve(FileQuorumStateStore.DEFAULT_FILE_NAME)
                        .toFile()),
                metrics,
                ignored -> {});
        this.driver = new KafkaRaftClientDriver<>(
                raft, "kafka-" + config.nodeId() + "-raft", EngineFault.fatal("metadata quorum", faults), logContext);
        this.loader = new MetadataLoader.Builder()
                .setNodeId(config.nodeId())
                .setTime(Time.SYSTEM)
                .setThreadNamePrefix("kafka-" + config.nodeId() + "-")
                .setFaultHandler(EngineFault.fatal("metadata loading", faults))
                .setHighWaterMarkAccessor(raft::highWatermark)
                .build();
        SnapshotEmitter emitter = new SnapshotEmitter.Builder()
                .setNodeId(config.nodeId())
                .setRaftClient(raft)
                .build();
        this.snapshots = new SnapshotGenerator.Builder(emitter)
                .setNodeId(config.nodeId())
                .setTime(Time.SYSTEM)
                .setFaultHandler(EngineFault.logged("metadata snapshot"))
                .setMaxBytesSinceLastSnapshot(settings.snapshotMaxNewRecordBytes())
                .setMaxTimeSinceLastSnapshotNs(TimeUnit.MILLISECONDS.toNanos(settings.snapshotMaxIntervalMs()))
                .setThreadNamePrefix("kafka-" + config.nodeId() + "-")
                .build();
    }

    private static Endpoints controllerEndpoints(ClusterConfig config) {
        Map<ListenerName, InetSocketAddress> endpoints = new HashMap<>();
        for (ClusterConfig.Listener listener : config.controllerListeners()) {
            endpoints.put(
                    ListenerName.normalised(listener.name()), new InetSocketAddress(listener.host(), listener.port()));
        }
        return Endpoints.fromInetSocketAddresses(endpoints);
    }

    /** Starts the raft thread and, from the log on disk, the loading of metadata. */
    void start() {
        raft.register(loader);
        driver.start();
    }

    KafkaRaftClient<ApiMessageAndVersion> raft() {
        return raft;
    }

    MetadataLoader loader() {
        return loader;
    }

    SnapshotGenerator snapshots() {
        return snapshots;
    }

    RaftChannel channel() {
        return channel;
    }

    ClusterSettings settings() {
        return settings;
    }

    /** Has the raft client answer another node's quorum request; its thread completes the answer. */
    CompletableFuture<ApiMessage> answer(ListenerName listener, int correlationId, short version, ApiMessage request) {
        RaftRequest.Inbound inbound =
                new RaftRequest.Inbound(listener, correlationId, version, request, time.milliseconds());
        raft.handle(inbound);
        return inbound.completion.thenApply(response -> response.data());
    }

    @Override
    public void close() {
        loader.beginShutdown();
        snapshots.beginShutdown();
        try {
            snapshots.close();
            loader.close();
            // Hands leadership on where there are other voters, ends the raft thread, closes log and channel.
            if (driver.initiateShutdown()) {
                CompletableFuture<Void> _ = raft.shutdown(HAND_OVER_LIMIT_MS);
            }
            driver.awaitShutdown();
            raft.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.error("closing the metadata quorum of node {} failed", config.nodeId(), e);
        }
    }
}

package io.millrace.broker.boot;

import io.millrace.broker.cluster.ClusterMetrics;
import io.millrace.broker.cluster.ClusterNode;
import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.coordinator.CoordinatorEvent;
import io.millrace.broker.coordinator.group.GroupMetrics;
import io.millrace.broker.coordinator.group.ShardedGroupCoordinator;
import io.millrace.broker.coordinator.group.journal.GroupJournal;
import io.millrace.broker.coordinator.group.journal.JournalConfig;
import io.millrace.broker.coordinator.group.journal.JournalTopic;
import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.LogDirectories;
import io.millrace.broker.log.LogMetrics;
import io.millrace.broker.replication.AlterPartitions;
import io.millrace.broker.replication.DirectoryAssignments;
import io.millrace.broker.replication.HostedPartitions;
import io.millrace.broker.replication.ReplicaFetchers;
import io.millrace.broker.request.ApiHandler;
import io.millrace.broker.request.Authorization;
import io.millrace.broker.request.BrokerServices;
import io.millrace.broker.request.ServedRequests;
import io.millrace.broker.runtime.Clock;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.IoWorkers;
import io.millrace.broker.runtime.RandomSource;
import io.millrace.broker.telemetry.Telemetry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.replica.ReplicaSelector;

/** What a node has that stores partitions and serves clients: logs, partitions, group coordinator, request handlers. */
final class BrokerRole {

    /** Segment files that stay open though nobody reads them; far below the 1024 that systems commonly allow. */
    private static final int MAX_OPEN_FILES = 512;

    /** Indexes of segments take at most this part of the heap, or so many bytes where that is more. */
    private static final int INDEX_SHARE_OF_HEAP = 8;

    private static final long LEAST_INDEX_BYTES = 16L << 20;

    private static final long GROUPS_SHUTDOWN_TIMEOUT_MS = 5_000;

    private final ClusterNode cluster;
    private final ClusterMetrics metrics;
    private final HostedPartitions partitions;
    private final ShardedGroupCoordinator groups;
    private final Map<ApiKeys, ApiHandler> handlers;

    /** Takes hold of {@code log.dirs}; nothing in them is opened yet. */
    static LogDirectories logDirectories(NodeConfig config, EventLoops loops, IoWorkers workers) {
        return new LocalLogDirectories(
                config.given(),
                FileStore.disk(),
                Clock.system(),
                RandomSource.system(),
                workers,
                loops.loops().getFirst(),
                MAX_OPEN_FILES,
                Math.max(LEAST_INDEX_BYTES, Runtime.getRuntime().maxMemory() / INDEX_SHARE_OF_HEAP));
    }

    /** Puts the rooms together; each thing that must be closed again is told to {@code stop}. */
    BrokerRole(
            NodeConfig config,
            LogDirectories directories,
            ClusterNode cluster,
            EventLoops loops,
            IoWorkers workers,
            Telemetry telemetry,
            StopSteps stop) {
        this.cluster = cluster;
        this.metrics = new ClusterMetrics(config.nodeId(), cluster, telemetry.registry());
        LogMetrics.register(directories, telemetry.registry());
        Clock clock = Clock.system();
        RandomSource random = RandomSource.system();
        stop.add("log directories", () -> directories.close(cluster.brokerEpoch()));
        ReplicaFetchers fetchers = new ReplicaFetchers(RoomConfigs.fetchers(config), cluster, clock);
        partitions = new HostedPartitions(
                RoomConfigs.replication(config),
                loops,
                directories,
                clock,
                fetchers,
                new AlterPartitions(config.nodeId(), cluster));
        partitions.assignWith(new DirectoryAssignments(config.nodeId(), cluster));
        partitions.registeredWith(cluster::brokerEpoch);
        stop.add("replica fetchers", fetchers::close);
        groups = new ShardedGroupCoordinator(
                RoomConfigs.groups(config),
                cluster::image,
                clock,
                random,
                workers,
                groupEvents(RoomConfigs.journal(config), cluster, clock, telemetry, stop));
        stop.add("group coordinator", () -> groups.shutdown().get(GROUPS_SHUTDOWN_TIMEOUT_MS, TimeUnit.MILLISECONDS));
        ReplicaSelector replicaSelector = RoomConfigs.replicaSelector(config);
        if (replicaSelector != null) {
            stop.add("replica selector", replicaSelector::close);
        }
        handlers = ServedRequests.of(new BrokerServices(
                RoomConfigs.requests(config, replicaSelector),
                RoomConfigs.settings(config),
                cluster,
                partitions,
                directories,
                groups,
                Authorization.everybodyEverything(),
                loops,
                workers,
                clock,
                random));
        directories.onOffline(directory -> cluster.logDirectoryFailed(directory.id()));
    }

    private static Consumer<CoordinatorEvent> groupEvents(
            JournalConfig config, ClusterNode cluster, Clock clock, Telemetry telemetry, StopSteps stop) {
        GroupMetrics metrics = new GroupMetrics(telemetry.registry());
        if (!config.enabled()) {
            return metrics;
        }
        GroupJournal journal = new GroupJournal(new JournalTopic(config, cluster), clock);
        stop.add("group journal", journal::close);
        metrics.register(journal);
        return metrics.andThen(journal);
    }

    Map<ApiKeys, ApiHandler> handlers() {
        return handlers;
    }

    /** Recovers the logs, then follows the cluster's metadata: partitions first, then who coordinates on top of them. Blocks. */
    void open() {
        partitions.recover();
        groups.follow(partitions);
        cluster.addListener(partitions);
        cluster.addListener(groups);
        cluster.addListener(metrics);
    }
}

package io.millrace.admin.broker;

import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.BrokerState;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.config.ConfigChanges;
import io.millrace.admin.config.ConfigDifference;
import io.millrace.admin.config.ResourceConfigs;
import io.millrace.admin.config.ResourceConfigs.Configs;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Brokers, their configuration and disks, and the metadata quorum. */
@Tag(name = "brokers")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class BrokerController {
    private final Clusters clusters;
    private final ResourceConfigs configs;

    BrokerController(Clusters clusters, ResourceConfigs configs) {
        this.clusters = clusters;
        this.configs = configs;
    }

    record BrokerRow(
            int id,
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String rack,
            boolean online,
            boolean controller,
            int leaders,
            int replicas,
            int outOfSync,
            long sizeBytes) {}

    record Brokers(List<BrokerRow> items, Instant asOf, List<Warning> warnings) {}

    record LogDir(
            String path,
            @Nullable String error,
            @Nullable Long totalBytes,
            @Nullable Long usableBytes,
            long replicaBytes,
            int replicas) {}

    record LogDirs(List<LogDir> items) {}

    /** A voter or observer; the end of its log is absent while the leader has not heard from it. */
    record QuorumNode(
            int id,
            String role,
            @Nullable Long logEndOffset,
            @Nullable Long lag,
            @Nullable Instant lastFetch,
            @Nullable Instant lastCaughtUp) {}

    record Quorum(int leaderId, long leaderEpoch, long highWatermark, List<QuorumNode> nodes) {}

    @GetMapping("/brokers")
    Brokers list(@PathVariable String clusterId) {
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        List<BrokerRow> rows =
                snapshot.brokers().stream().map(broker -> row(broker, snapshot)).toList();
        return new Brokers(rows, snapshot.asOf(), snapshot.warnings());
    }

    private static BrokerRow row(BrokerState broker, ClusterSnapshot snapshot) {
        int leaders = 0;
        int replicas = 0;
        int outOfSync = 0;
        long sizeBytes = 0;
        for (ClusterSnapshot.TopicState topic : snapshot.topics().values()) {
            for (PartitionState partition : topic.partitions()) {
                if (!partition.replicas().contains(broker.id())) continue;
                replicas++;
                if (Objects.equals(partition.leader(), broker.id())) leaders++;
                if (!partition.isr().contains(broker.id())) outOfSync++;
                ClusterSnapshot.ReplicaState state = partition.replicaStates().get(broker.id());
                if (state != null) sizeBytes += state.sizeBytes();
            }
        }
        return new BrokerRow(
                broker.id(),
                broker.host(),
                broker.port(),
                broker.rack(),
                broker.online(),
                Objects.equals(snapshot.controllerId(), broker.id()),
                leaders,
                replicas,
                outOfSync,
                sizeBytes);
    }

    @GetMapping("/brokers/{brokerId}/configs")
    ResponseEntity<Configs> configs(@PathVariable String clusterId, @PathVariable int brokerId) {
        return configs.tagged(online(clusterId, brokerId), resource(brokerId));
    }

    /**
     * With If-Match it is refused (412) when the configuration is not that one any more; changes made past this API between
     * check and change are not noticed.
     */
    @PostMapping("/brokers/{brokerId}/configs:alter")
    ConfigDifference alterConfigs(
            @PathVariable String clusterId,
            @PathVariable int brokerId,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody ConfigChanges changes) {
        return configs.alter(online(clusterId, brokerId), resource(brokerId), changes, ifMatch, dryRun);
    }

    @GetMapping("/brokers/{brokerId}/log-dirs")
    LogDirs logDirs(@PathVariable String clusterId, @PathVariable int brokerId) {
        Cluster cluster = online(clusterId, brokerId);
        Map<String, LogDirDescription> dirs = cluster.await(Objects.requireNonNull(cluster.admin()
                .describeLogDirs(List.of(brokerId))
                .descriptions()
                .get(brokerId)));
        return new LogDirs(dirs.entrySet().stream()
                .map(dir -> new LogDir(
                        dir.getKey(),
                        dir.getValue().error() == null
                                ? null
                                : dir.getValue().error().getMessage(),
                        boxed(dir.getValue().totalBytes()),
                        boxed(dir.getValue().usableBytes()),
                        dir.getValue().replicaInfos().values().stream()
                                .mapToLong(r -> r.size())
                                .sum(),
                        dir.getValue().replicaInfos().size()))
                .sorted(Comparator.comparing(LogDir::path))
                .toList());
    }

    @GetMapping("/quorum")
    Quorum quorum(@PathVariable String clusterId) {
        Cluster cluster = clusters.get(clusterId);
        QuorumInfo info = cluster.await(cluster.admin().describeMetadataQuorum().quorumInfo());
        long end = info.voters().stream()
                .mapToLong(QuorumInfo.ReplicaState::logEndOffset)
                .max()
                .orElse(0);
        List<QuorumNode> nodes = java.util.stream.Stream.concat(
                        info.voters().stream()
                                .map(v -> node(v, v.replicaId() == info.leaderId() ? "LEADER" : "VOTER", end)),
                        info.observers().stream().map(o -> node(o, "OBSERVER", end)))
                .toList();
        return new Quorum(info.leaderId(), info.leaderEpoch(), info.highWatermark(), nodes);
    }

    private static QuorumNode node(QuorumInfo.ReplicaState state, String role, long end) {
        return new QuorumNode(
                state.replicaId(),
                role,
                state.logEndOffset() < 0 ? null : (Long) state.logEndOffset(),
                state.logEndOffset() < 0 ? null : (Long) Math.max(0, end - state.logEndOffset()),
                instant(state.lastFetchTimestamp()),
                instant(state.lastCaughtUpTimestamp()));
    }

    private static @Nullable Instant instant(OptionalLong timestampMs) {
        return timestampMs.isEmpty() || timestampMs.getAsLong() < 0
                ? null
                : Instant.ofEpochMilli(timestampMs.getAsLong());
    }

    private static @Nullable Long boxed(OptionalLong value) {
        return value.isEmpty() ? null : value.getAsLong();
    }

    private static ConfigResource resource(int brokerId) {
        return new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(brokerId));
    }

    private Cluster online(String clusterId, int brokerId) {
        List<BrokerState> brokers = clusters.snapshot(clusterId).brokers();
        BrokerState broker =
                brokers.stream().filter(b -> b.id() == brokerId).findFirst().orElse(null);
        if (broker == null) {
            throw ApiException.notFound(
                    "UNKNOWN_BROKER",
                    "cluster '" + clusterId + "' has no broker " + brokerId + "; it has "
                            + brokers.stream().map(b -> String.valueOf(b.id())).toList());
        }
        if (!broker.online()) {
            throw new ApiException(
                    org.springframework.http.HttpStatus.SERVICE_UNAVAILABLE,
                    "BROKER_OFFLINE",
                    "broker " + brokerId + " is offline; start it to read or change this",
                    true,
                    Map.of(),
                    null);
        }
        return clusters.get(clusterId);
    }
}

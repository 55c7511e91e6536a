package io.millrace.admin.cluster;

import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The clusters and how each of them does. */
@Tag(name = "clusters")
@RestController
@RequestMapping("/api/v1/clusters")
class ClusterController {
    private final Clusters clusters;
    private final MillraceProperties properties;

    ClusterController(Clusters clusters, MillraceProperties properties) {
        this.clusters = clusters;
        this.properties = properties;
    }

    record ClusterList(List<ClusterItem> items) {}

    record ClusterItem(String id, String bootstrapServers, boolean readOnly) {}

    /** HEALTHY, DEGRADED (everything is served, but with less safety than wished), or FAILING (something is not served). */
    enum Health {
        HEALTHY,
        DEGRADED,
        FAILING
    }

    record ClusterHealth(
            String id,
            Health health,
            String sentence,
            @Nullable String kafkaClusterId,
            @Nullable Integer controllerId,
            int brokersOnline,
            int brokers,
            int topics,
            int partitions,
            int offlinePartitions,
            int underReplicatedPartitions,
            long sizeBytes,
            Instant asOf,
            List<Warning> warnings) {}

    @GetMapping
    ClusterList list() {
        return new ClusterList(clusters.ids().stream()
                .map(id -> new ClusterItem(id, clusters.get(id).bootstrapServers(), properties.readOnly()))
                .toList());
    }

    /** Answers 200 whatever state the cluster is in: its health is the answer. */
    @GetMapping("/{clusterId}")
    ClusterHealth health(@PathVariable String clusterId) {
        try {
            return health(clusterId, clusters.snapshot(clusterId));
        } catch (ApiException failure) {
            if (failure.code().equals("UNKNOWN_CLUSTER")) throw failure;
            return new ClusterHealth(
                    clusterId,
                    Health.FAILING,
                    "No broker answers at " + clusters.get(clusterId).bootstrapServers() + ".",
                    null,
                    null,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    Instant.now(),
                    List.of(new Warning(null, failure.code(), failure.detail())));
        }
    }

    private static ClusterHealth health(String id, ClusterSnapshot snapshot) {
        List<PartitionState> partitions = snapshot.topics().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .toList();
        int offline = (int) partitions.stream().filter(p -> p.leader() == null).count();
        int under = (int)
                partitions.stream().filter(PartitionState::underReplicated).count();
        int online = (int) snapshot.onlineBrokers().count();
        int down = snapshot.brokers().size() - online;
        boolean stale = snapshot.asOf().isBefore(Instant.now().minusSeconds(60));
        Health health = offline > 0 || online == 0 || stale
                ? Health.FAILING
                : under > 0 || down > 0 ? Health.DEGRADED : Health.HEALTHY;
        return new ClusterHealth(
                id,
                health,
                stale
                        ? "The cluster stopped answering; this is what it looked like last."
                        : sentence(snapshot, partitions.size(), offline, under, down),
                snapshot.kafkaClusterId(),
                snapshot.controllerId(),
                online,
                snapshot.brokers().size(),
                snapshot.topics().size(),
                partitions.size(),
                offline,
                under,
                snapshot.topics().values().stream()
                        .mapToLong(ClusterSnapshot.TopicState::sizeBytes)
                        .sum(),
                snapshot.asOf(),
                snapshot.warnings());
    }

    private static String sentence(ClusterSnapshot snapshot, int partitions, int offline, int under, int down) {
        List<String> gone = snapshot.brokers().stream()
                .filter(broker -> !broker.online())
                .map(broker -> String.valueOf(broker.id()))
                .toList();
        String brokers = gone.isEmpty()
                ? ""
                : (gone.size() == 1 ? "Broker " : "Brokers ") + String.join(", ", gone)
                        + (gone.size() == 1 ? " is" : " are") + " down";
        if (offline > 0) {
            return (brokers.isEmpty() ? "" : brokers + ": ") + offline + " of " + partitions
                    + " partitions have no leader; they can be neither read nor written.";
        }
        if (down > 0) {
            return brokers + "; every partition is still served"
                    + (under > 0 ? ", " + under + " with fewer copies than wished." : ".");
        }
        if (under > 0) {
            return under + " of " + partitions + " partitions have a follower that is not in sync.";
        }
        int brokerCount = snapshot.brokers().size();
        return partitions == 0
                ? "All well: " + count(brokerCount, "broker") + ", no topics yet."
                : "All well: " + count(brokerCount, "broker") + " serving " + count(partitions, "partition") + ".";
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}

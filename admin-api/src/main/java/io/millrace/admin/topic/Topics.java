package io.millrace.admin.topic;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.config.ConfigChanges;
import io.millrace.admin.config.ConfigDifference;
import io.millrace.admin.config.ConfigItem;
import io.millrace.admin.config.ResourceConfigs;
import io.millrace.admin.config.ResourceConfigs.Configs;
import io.millrace.admin.problem.ApiException;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Describes and changes topics; every change is audited and shown by the next list. */
@Component
public class Topics {
    private static final long RATE_WINDOW_MS = 60_000;
    private static final Duration SHOWN_WITHIN = Duration.ofSeconds(2);
    private final Clusters clusters;
    private final AuditLog audit;
    private final ResourceConfigs configs;

    Topics(Clusters clusters, AuditLog audit, ResourceConfigs configs) {
        this.clusters = clusters;
        this.audit = audit;
        this.configs = configs;
    }

    /** A topic in a list; its partitions only where a list is asked to include them. */
    public record TopicRow(
            String name,
            String id,
            boolean internal,
            int partitions,
            int replicationFactor,
            int underReplicated,
            int underMinIsr,
            int offline,
            long records,
            long sizeBytes,
            double appendRate,
            @Nullable List<PartitionState> partitionStates) {

        TopicRow with(List<PartitionState> states) {
            return new TopicRow(
                    name,
                    id,
                    internal,
                    partitions,
                    replicationFactor,
                    underReplicated,
                    underMinIsr,
                    offline,
                    records,
                    sizeBytes,
                    appendRate,
                    states);
        }
    }

    public record TopicDetail(TopicRow topic, List<PartitionState> partitions, List<Warning> warnings) {}

    public record NewTopicRequest(
            @NotBlank String name,
            @Nullable Integer partitions,
            @Nullable Integer replicationFactor,
            @Nullable Map<String, String> configs) {}

    /** Records a second over the last minute. */
    double appendRate(String clusterId, TopicState topic) {
        long nowMs = System.currentTimeMillis();
        return topic.partitions().stream()
                .mapToDouble(p -> clusters.history(clusterId)
                        .appendRatePerSecond(new TopicPartition(topic.name(), p.partition()), RATE_WINDOW_MS, nowMs))
                .sum();
    }

    TopicRow row(String clusterId, TopicState topic) {
        double rate = appendRate(clusterId, topic);
        return new TopicRow(
                topic.name(),
                topic.id(),
                topic.internal(),
                topic.partitions().size(),
                topic.replicationFactor(),
                (int) topic.underReplicated(),
                (int) topic.underMinIsr(),
                (int) topic.offline(),
                topic.offsetCount(),
                topic.sizeBytes(),
                Math.round(rate * 100) / 100.0,
                null);
    }

    TopicDetail describe(String clusterId, String name) {
        ClusterSnapshot snapshot = clusters.snapshot(clusterId);
        TopicState topic = snapshot.topics().get(name);
        if (topic == null) {
            clusters.refresh(clusterId);
            snapshot = clusters.snapshot(clusterId);
            topic = snapshot.topics().get(name);
        }
        if (topic == null) throw unknown(clusterId, name);
        return new TopicDetail(row(clusterId, topic), topic.partitions(), snapshot.warnings());
    }

    /** The topic as the cluster knows it now. */
    public TopicDescription require(String clusterId, String name) {
        Cluster cluster = clusters.get(clusterId);
        try {
            return cluster.await(Objects.requireNonNull(cluster.admin()
                    .describeTopics(List.of(name))
                    .topicNameValues()
                    .get(name)));
        } catch (ApiException failure) {
            throw failure.code().equals("KAFKA_UNKNOWN_TOPIC_OR_PARTITION") ? unknown(clusterId, name) : failure;
        }
    }

    private static ApiException unknown(String clusterId, String name) {
        return ApiException.notFound(
                "UNKNOWN_TOPIC", "there is no topic '" + name + "' in cluster '" + clusterId + "'");
    }

    public TopicDetail create(String clusterId, NewTopicRequest request, boolean dryRun) {
        Cluster cluster = clusters.get(clusterId);
        Optional<Short> factor =
                Optional.ofNullable(request.replicationFactor()).map(Integer::shortValue);
        NewTopic topic = new NewTopic(request.name(), Optional.ofNullable(request.partitions()), factor);
        if (request.configs() != null) topic.configs(request.configs());
        var answer = cluster.admin().createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(dryRun));
        cluster.await(answer.all());
        if (!dryRun) {
            audit.record(
                    clusterId,
                    "create-topic",
                    request.name(),
                    null,
                    Map.of(
                            "partitions", cluster.await(answer.numPartitions(request.name())),
                            "replicationFactor", cluster.await(answer.replicationFactor(request.name()))));
            awaitPartitions(clusterId, request.name(), 1);
            return describe(clusterId, request.name());
        }
        int partitions = cluster.await(answer.numPartitions(request.name()));
        int replicas = cluster.await(answer.replicationFactor(request.name()));
        return new TopicDetail(
                new TopicRow(request.name(), "", false, partitions, replicas, 0, 0, 0, 0, 0, 0, null),
                List.of(),
                List.of());
    }

    private void awaitPartitions(String clusterId, String name, int least) {
        clusters.get(clusterId)
                .awaitShown(
                        () -> {
                            clusters.refresh(clusterId);
                            TopicState shown =
                                    clusters.snapshot(clusterId).topics().get(name);
                            return shown != null && shown.partitions().size() >= least;
                        },
                        SHOWN_WITHIN);
    }

    void delete(String clusterId, String name) {
        Cluster cluster = clusters.get(clusterId);
        TopicRow before = describe(clusterId, name).topic();
        cluster.await(cluster.admin().deleteTopics(List.of(name)).all());
        audit.record(
                clusterId,
                "delete-topic",
                name,
                Map.of(
                        "partitions", before.partitions(),
                        "replicationFactor", before.replicationFactor(),
                        "records", before.records()),
                null);
        clusters.refresh(clusterId);
    }

    public TopicDetail grow(String clusterId, String name, int total, boolean dryRun) {
        int now = require(clusterId, name).partitions().size();
        if (total < now) {
            throw ApiException.badRequest(
                    "PARTITIONS_CANNOT_SHRINK",
                    "topic '" + name + "' has " + now
                            + " partitions; partitions can be added but not removed (asked for " + total + ")");
        }
        Cluster cluster = clusters.get(clusterId);
        if (total > now) {
            cluster.await(cluster.admin()
                    .createPartitions(
                            Map.of(name, NewPartitions.increaseTo(total)),
                            new CreatePartitionsOptions().validateOnly(dryRun))
                    .all());
            if (!dryRun) {
                audit.record(clusterId, "add-partitions", name, Map.of("partitions", now), Map.of("partitions", total));
                awaitPartitions(clusterId, name, total);
            }
        }
        return describe(clusterId, name);
    }

    /** Changes the configuration of a topic that there is. */
    public ConfigDifference alterConfigs(
            String clusterId, String name, ConfigChanges changes, @Nullable String ifMatch, boolean dryRun) {
        require(clusterId, name);
        return configs.alter(clusters.get(clusterId), resource(name), changes, ifMatch, dryRun);
    }

    /** The configuration of a topic that there is. */
    public List<ConfigItem> configs(String clusterId, String name) {
        require(clusterId, name);
        return configs.read(clusters.get(clusterId), resource(name));
    }

    ResponseEntity<Configs> taggedConfigs(String clusterId, String name) {
        require(clusterId, name);
        return configs.tagged(clusters.get(clusterId), resource(name));
    }

    private static ConfigResource resource(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }
}

package io.millrace.admin.topic;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.ClusterSnapshot;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.web.EntityTag;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Describes and changes topics; every change is audited and shown by the next list. */
@Component
public class Topics {
    private static final long RATE_WINDOW_MS = 60_000;
    private static final Duration SHOWN_WITHIN = Duration.ofSeconds(2);
    private final Clusters clusters;
    private final AuditLog audit;

    Topics(Clusters clusters, AuditLog audit) {
        this.clusters = clusters;
        this.audit = audit;
    }

    public record TopicRow(
            String name,
            String id,
            boolean internal,
            int partitions,
            int replicationFactor,
            int underReplicated,
            int offline,
            long records,
            long sizeBytes,
            double appendRate) {}

    public record TopicDetail(TopicRow topic, List<PartitionState> partitions, List<Warning> warnings) {}

    public record NewTopicRequest(
            @NotBlank String name,
            @Nullable Integer partitions,
            @Nullable Integer replicationFactor,
            @Nullable Map<String, String> configs) {}

    /** A configuration key as it stands; {@code source} says where the value comes from. */
    public record ConfigItem(
            String name,
            @Nullable String value,
            String source,
            boolean overridden,
            boolean sensitive,
            boolean readOnly,
            String type,
            @Nullable String documentation) {}

    public record ConfigChange(String name, @Nullable String value) {}

    public record ConfigChanges(List<ConfigChange> changes) {}

    public record ConfigDelta(
            String name, @Nullable String before, @Nullable String after) {}

    /** Values of keys by name; a key without a value of its own has its default. */
    public record ConfigDifference(boolean applied, List<ConfigDelta> changes) {
        public Map<String, Object> valuesBefore() {
            return values(ConfigDelta::before);
        }

        public Map<String, Object> valuesAfter() {
            return values(ConfigDelta::after);
        }

        private Map<String, Object> values(Function<ConfigDelta, @Nullable String> side) {
            Map<String, Object> values = new TreeMap<>();
            for (ConfigDelta change : changes) {
                String value = side.apply(change);
                values.put(change.name(), value == null ? "default" : value);
            }
            return values;
        }
    }

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
                (int) topic.offline(),
                topic.offsetCount(),
                topic.sizeBytes(),
                Math.round(rate * 100) / 100.0);
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
                new TopicRow(request.name(), "", false, partitions, replicas, 0, 0, 0, 0, 0), List.of(), List.of());
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

    List<ConfigItem> configs(String clusterId, String name) {
        require(clusterId, name);
        return configs(clusters.get(clusterId), new ConfigResource(ConfigResource.Type.TOPIC, name));
    }

    /** The configuration of a topic or broker, alphabetically. */
    public static List<ConfigItem> configs(Cluster cluster, ConfigResource resource) {
        Config config = Objects.requireNonNull(cluster.await(cluster.admin()
                        .describeConfigs(List.of(resource), new DescribeConfigsOptions().includeDocumentation(true))
                        .all())
                .get(resource));
        return config.entries().stream()
                .sorted(Comparator.comparing(ConfigEntry::name))
                .map(entry -> new ConfigItem(
                        entry.name(),
                        entry.isSensitive() ? null : entry.value(),
                        entry.source().name(),
                        entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG
                                || entry.source() == ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG,
                        entry.isSensitive(),
                        entry.isReadOnly(),
                        entry.type().name(),
                        entry.documentation()))
                .toList();
    }

    /** Changes with what they replace; {@code ifMatch} names the configuration they are meant for. */
    public ConfigDifference alterConfigs(
            String clusterId, String name, ConfigChanges changes, @Nullable String ifMatch, boolean dryRun) {
        require(clusterId, name);
        ConfigDifference difference = alter(
                clusters.get(clusterId), new ConfigResource(ConfigResource.Type.TOPIC, name), changes, ifMatch, dryRun);
        if (!dryRun)
            audit.record(clusterId, "alter-topic-configs", name, difference.valuesBefore(), difference.valuesAfter());
        return difference;
    }

    /** Tells configurations apart by what is set where. */
    public static String tagOf(List<ConfigItem> items) {
        return EntityTag.of(items.stream()
                .map(item -> item.name() + '=' + item.value() + ' ' + item.source())
                .toList());
    }

    private static boolean isSet(List<ConfigItem> items, ConfigChange change) {
        return items.stream()
                .filter(item -> item.name().equals(change.name()))
                .allMatch(item -> change.value() == null
                        ? !item.overridden()
                        : item.sensitive() || Objects.equals(item.value(), change.value()));
    }

    /** Validates, and applies unless it is a dry run; the answer tells the values before and after. */
    public static ConfigDifference alter(
            Cluster cluster, ConfigResource resource, ConfigChanges changes, @Nullable String ifMatch, boolean dryRun) {
        if (changes.changes().isEmpty()) {
            throw ApiException.badRequest("NO_CHANGES", "name at least one configuration key to change");
        }
        List<ConfigItem> before = configs(cluster, resource);
        EntityTag.check(ifMatch, tagOf(before), "the configuration of " + resource.name());
        Collection<AlterConfigOp> operations = changes.changes().stream()
                .map(change -> new AlterConfigOp(
                        new ConfigEntry(change.name(), change.value() == null ? "" : change.value()),
                        change.value() == null ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET))
                .toList();
        cluster.await(cluster.admin()
                .incrementalAlterConfigs(Map.of(resource, operations), new AlterConfigsOptions().validateOnly(dryRun))
                .all());
        if (!dryRun) {
            String tagBefore = tagOf(before);
            cluster.awaitShown(
                    () -> {
                        List<ConfigItem> now = configs(cluster, resource);
                        return !tagOf(now).equals(tagBefore)
                                || changes.changes().stream().allMatch(change -> isSet(now, change));
                    },
                    SHOWN_WITHIN);
        }
        List<ConfigDelta> deltas = new ArrayList<>();
        for (ConfigChange change : changes.changes()) {
            String old = before.stream()
                    .filter(item -> item.name().equals(change.name()))
                    .findFirst()
                    .map(ConfigItem::value)
                    .orElse(null);
            deltas.add(new ConfigDelta(change.name(), old, change.value()));
        }
        return new ConfigDifference(!dryRun, deltas);
    }
}

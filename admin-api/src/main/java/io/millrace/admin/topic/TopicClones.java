package io.millrace.admin.topic;

import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.config.ConfigItem;
import io.millrace.admin.mask.Masking;
import io.millrace.admin.operation.Operation;
import io.millrace.admin.operation.Operations;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.topic.RecordCopy.Copied;
import io.millrace.admin.topic.Topics.NewTopicRequest;
import jakarta.validation.constraints.NotBlank;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.TopicDescription;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Makes topics after the pattern of others. */
@Component
class TopicClones {
    /** They name partitions and brokers of the pattern. */
    private static final Set<String> NOT_COPIED =
            Set.of("leader.replication.throttled.replicas", "follower.replication.throttled.replicas");

    private final Clusters clusters;
    private final Topics topics;
    private final Masking masking;
    private final Operations operations;
    private final AuditLog audit;

    TopicClones(Clusters clusters, Topics topics, Masking masking, Operations operations, AuditLog audit) {
        this.audit = audit;
        this.clusters = clusters;
        this.topics = topics;
        this.masking = masking;
        this.operations = operations;
    }

    /**
     * The clone to make.
     *
     * @param replicationFactor the pattern's if absent
     * @param records whether to copy its records, each to the partition of the same number
     */
    record CloneRequest(
            @NotBlank String name,
            @Nullable Integer replicationFactor,
            @Nullable Boolean records) {}

    /**
     * The clone.
     *
     * @param applied false after a dry run
     * @param records upper bound of the records that are copied
     * @param copy copies them; absent when nothing is to be copied
     */
    record Clone(
            boolean applied,
            String source,
            String name,
            int partitions,
            int replicationFactor,
            Map<String, String> configs,
            long records,
            @Nullable Operation copy) {}

    Clone make(String clusterId, String source, CloneRequest request, boolean dryRun) {
        Cluster cluster = clusters.get(clusterId);
        TopicDescription pattern = topics.require(clusterId, source);
        boolean withRecords = Boolean.TRUE.equals(request.records());
        if (withRecords && !masking.masksAtLeast(source, request.name())) {
            throw new ApiException(
                    HttpStatus.FORBIDDEN,
                    "MASKED",
                    "records of '" + source + "' are masked, and those of '" + request.name()
                            + "' would be less so; clone without records, or take a name that the same rules are for");
        }
        Map<String, String> configs = new TreeMap<>();
        for (ConfigItem item : topics.configs(clusterId, source)) {
            if (item.overridden() && item.value() != null && !NOT_COPIED.contains(item.name())) {
                configs.put(item.name(), item.value());
            }
        }
        int partitions = pattern.partitions().size();
        int replicas = request.replicationFactor() == null
                ? pattern.partitions().getFirst().replicas().size()
                : request.replicationFactor();
        topics.create(clusterId, new NewTopicRequest(request.name(), partitions, replicas, configs), dryRun);
        if (!withRecords) {
            return new Clone(!dryRun, source, request.name(), partitions, replicas, configs, 0, null);
        }
        RecordCopy copy = RecordCopy.of(cluster, source, request.name(), partitions);
        Operation operation = dryRun
                ? null
                : operations.start(clusterId, "copy-records", source + " to " + request.name(), report -> {
                    Copied copied = copy.run(report);
                    audit.record(
                            clusterId,
                            "copy-records",
                            request.name(),
                            null,
                            Map.of("source", source, "records", copied.recordsCopied()));
                    return copied;
                });
        return new Clone(!dryRun, source, request.name(), partitions, replicas, configs, copy.offsets(), operation);
    }
}

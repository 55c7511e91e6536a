package io.millrace.admin.acks;

import io.millrace.admin.acks.AcksRun.Plan;
import io.millrace.admin.acks.AcksRun.Sent;
import io.millrace.admin.acks.AcksRun.Setting;
import io.millrace.admin.audit.AuditLog;
import io.millrace.admin.cluster.Cluster;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.problem.KafkaProblems;
import io.millrace.admin.topic.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Runs one setting of acks and {@code min.insync.replicas} against a twin of a topic: a topic of the same replicas on the same brokers
 * with the same configuration, which is made for the run and deleted after it. The topic itself is never written to.
 *
 * <p>At most {@value #RUNS} runs at once; each is bounded by {@link Setting}.
 */
@Component
class AcksLab {
    private static final int RUNS = 2;
    private static final int MAX_PARTITIONS = 12;
    private static final String MIN_INSYNC = "min.insync.replicas";

    private final Semaphore free = new Semaphore(RUNS);
    private final Clusters clusters;
    private final Topics topics;
    private final AuditLog audit;

    AcksLab(Clusters clusters, Topics topics, AuditLog audit) {
        this.clusters = clusters;
        this.topics = topics;
        this.audit = audit;
    }

    AcksRun run(String clusterId, String topic, Setting setting) {
        Cluster cluster = clusters.get(clusterId);
        TopicDescription original = topics.require(clusterId, topic);
        int replicationFactor = original.partitions().getFirst().replicas().size();
        Map<String, String> configs = configs(cluster, topic);
        int own = Integer.parseInt(configs.getOrDefault(MIN_INSYNC, "1"));
        Plan plan = setting.plan(replicationFactor, own);
        if (!free.tryAcquire()) {
            throw new ApiException(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "TOO_MANY_LABS",
                    RUNS + " runs of the acks lab are under way, which is the limit; wait for one to end");
        }
        try {
            return run(cluster, original, configs, plan);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ApiException(HttpStatus.SERVICE_UNAVAILABLE, "SHUTTING_DOWN", "The admin API is stopping.");
        } catch (KafkaException failure) {
            throw KafkaProblems.of(failure);
        } finally {
            free.release();
        }
    }

    private AcksRun run(Cluster cluster, TopicDescription original, Map<String, String> configs, Plan plan)
            throws InterruptedException {
        List<List<Integer>> replicas = original.partitions().stream()
                .limit(MAX_PARTITIONS)
                .map(partition -> partition.replicas().stream().map(Node::id).toList())
                .toList();
        Map<String, String> twinConfigs = new HashMap<>(configs);
        twinConfigs.put(MIN_INSYNC, String.valueOf(plan.minInsyncReplicas()));
        AcksTwin twin = AcksTwin.create(cluster, replicas, twinConfigs);
        @Nullable String leftBehind;
        Sent sent;
        int before;
        int after;
        Map<Integer, Integer> read;
        int replicationFactor = replicas.getFirst().size();
        boolean readable;
        try {
            before = twin.awaitServed();
            int timeoutMs = (int) cluster.requestTimeout().toMillis();
            try (Producer<byte[], byte[]> producer = cluster.newProducer(AcksProducer.settings(plan, timeoutMs))) {
                sent = new AcksProducer().send(producer, twin.name(), replicas.size(), plan);
            }
            after = twin.inSync();
            // The high watermark stands still meanwhile: what was acknowledged by the leader alone is there, for nobody
            // to see.
            readable = after >= Math.min(plan.minInsyncReplicas(), replicationFactor);
            read = twin.readBack(readable ? sent.endOffsets() : Map.of());
        } finally {
            leftBehind = twin.delete();
        }
        Set<Integer> missing = new HashSet<>(sent.acknowledged());
        missing.removeAll(read.keySet());
        audit.record(
                cluster.id(),
                "acks-lab",
                original.name(),
                null,
                Map.of(
                        "twin",
                        twin.name(),
                        "acks",
                        plan.acks(),
                        MIN_INSYNC,
                        plan.minInsyncReplicas(),
                        "records",
                        sent.sent()));
        return new AcksRun(
                twin.name(),
                plan.acks(),
                plan.minInsyncReplicas(),
                replicationFactor,
                before,
                after,
                sent.sent(),
                sent.acknowledged().size(),
                sent.failures(),
                read.size(),
                readable ? missing.size() : 0,
                readable ? 0 : missing.size(),
                read.values().stream().mapToInt(times -> times - 1).sum(),
                sent.durationMs(),
                LatencyHistogram.of(sent.latencyMicros()),
                leftBehind);
    }

    /** What was set on the topic itself, and the value of {@code min.insync.replicas} wherever it comes from. */
    private static Map<String, String> configs(Cluster cluster, String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = cluster.await(
                        cluster.admin().describeConfigs(List.of(resource)).all())
                .get(resource);
        Map<String, String> configs = new HashMap<>();
        for (ConfigEntry entry : config == null ? List.<ConfigEntry>of() : config.entries()) {
            boolean own = entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
            // Throttled replicas are those of the topic's partitions, not of its twin's.
            boolean throttled = entry.name().endsWith("throttled.replicas");
            if (entry.value() != null && ((own && !throttled) || entry.name().equals(MIN_INSYNC))) {
                configs.put(entry.name(), entry.value());
            }
        }
        // Records without keys are refused by compacted topics.
        configs.remove("cleanup.policy");
        return configs;
    }
}

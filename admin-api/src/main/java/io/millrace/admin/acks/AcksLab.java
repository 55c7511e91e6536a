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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger LOG = LoggerFactory.getLogger(AcksLab.class);
    private static final int RUNS = 2;
    private static final int MAX_PARTITIONS = 12;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration READ_BACK = Duration.ofSeconds(15);
    private static final Duration KNOWN_EVERYWHERE = Duration.ofSeconds(5);
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
        String twin = "millrace-acks-lab-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");
        Map<Integer, List<Integer>> replicas = new TreeMap<>();
        original.partitions().stream()
                .limit(MAX_PARTITIONS)
                .forEach(partition -> replicas.put(
                        replicas.size(),
                        partition.replicas().stream().map(Node::id).toList()));
        Map<String, String> twinConfigs = new HashMap<>(configs);
        twinConfigs.put(MIN_INSYNC, String.valueOf(plan.minInsyncReplicas()));
        cluster.await(cluster.admin()
                .createTopics(List.of(new NewTopic(twin, replicas).configs(twinConfigs)))
                .all());
        @Nullable String leftBehind;
        Sent sent;
        int before;
        int after;
        Map<Integer, Integer> read;
        try {
            awaitLeaders(cluster, twin);
            before = inSync(cluster, twin);
            int timeoutMs = (int) cluster.requestTimeout().toMillis();
            try (Producer<byte[], byte[]> producer = cluster.newProducer(AcksProducer.settings(plan, timeoutMs))) {
                sent = new AcksProducer().send(producer, twin, replicas.size(), plan);
            }
            after = inSync(cluster, twin);
            read = readBack(cluster, twin, replicas.size());
        } finally {
            leftBehind = delete(cluster, twin);
        }
        Set<Integer> lost = new HashSet<>(sent.acknowledged());
        lost.removeAll(read.keySet());
        audit.record(
                cluster.id(),
                "acks-lab",
                original.name(),
                null,
                Map.of(
                        "twin",
                        twin,
                        "acks",
                        plan.acks(),
                        MIN_INSYNC,
                        plan.minInsyncReplicas(),
                        "records",
                        sent.sent()));
        return new AcksRun(
                twin,
                plan.acks(),
                plan.minInsyncReplicas(),
                original.partitions().getFirst().replicas().size(),
                before,
                after,
                sent.sent(),
                sent.acknowledged().size(),
                sent.failures(),
                read.size(),
                lost.size(),
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

    /** Brokers learn of a new topic one after the other. */
    private static void awaitLeaders(Cluster cluster, String topic) throws InterruptedException {
        long deadline = System.nanoTime() + KNOWN_EVERYWHERE.toNanos();
        while (true) {
            try {
                boolean led =
                        cluster
                                .await(cluster.admin()
                                        .describeTopics(List.of(topic))
                                        .allTopicNames())
                                .values()
                                .stream()
                                .flatMap(described -> described.partitions().stream())
                                .allMatch(partition -> partition.leader() != null);
                if (led) return;
            } catch (ApiException failure) {
                if (!failure.code().equals("KAFKA_UNKNOWN_TOPIC_OR_PARTITION")) throw failure;
            }
            if (System.nanoTime() > deadline) return;
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static int inSync(Cluster cluster, String topic) {
        return cluster.await(cluster.admin().describeTopics(List.of(topic)).allTopicNames()).values().stream()
                .flatMap(described -> described.partitions().stream())
                .map(TopicPartitionInfo::isr)
                .mapToInt(List::size)
                .min()
                .orElse(0);
    }

    /** How often each record is there, by its number. Waits for partitions that have no leader just now, but not for ever. */
    private static Map<Integer, Integer> readBack(Cluster cluster, String topic, int partitions) {
        Map<Integer, Integer> found = new HashMap<>();
        long deadline = System.nanoTime() + READ_BACK.toNanos();
        try (Consumer<byte[], byte[]> consumer = cluster.newConsumer(Map.of("max.poll.records", 5_000))) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) all.add(new TopicPartition(topic, partition));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (System.nanoTime() < deadline
                    && all.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    found.merge(ByteBuffer.wrap(record.value()).getInt(), 1, Integer::sum);
                }
            }
        }
        return found;
    }

    /** Null if it is gone, else why it is not. */
    private static @Nullable String delete(Cluster cluster, String topic) {
        try {
            cluster.await(cluster.admin().deleteTopics(List.of(topic)).all());
            return null;
        } catch (ApiException failure) {
            LOG.warn("topic '{}' of the acks lab could not be deleted; delete it by hand", topic, failure);
            return "topic '" + topic + "' could not be deleted (" + failure.detail() + "); delete it by hand";
        }
    }
}

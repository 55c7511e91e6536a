package io.millrace.admin.cluster;

import io.millrace.admin.cluster.ClusterSnapshot.BrokerState;
import io.millrace.admin.cluster.ClusterSnapshot.PartitionState;
import io.millrace.admin.cluster.ClusterSnapshot.ReplicaState;
import io.millrace.admin.cluster.ClusterSnapshot.TopicState;
import io.millrace.admin.cluster.ClusterSnapshot.Warning;
import io.millrace.admin.problem.ApiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeLogDirsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;

/** Reads a whole {@link ClusterSnapshot} in a handful of requests a broker. Runs on the watch's thread alone. */
final class SnapshotLoader {
    /** Per broker question: one that hangs costs this long and becomes a warning, not a failure. */
    private static final int PARTIAL_TIMEOUT_MS = 3_000;

    private static final int TOPICS_PER_CALL = 2_000;
    private static final int MANY_PARTITIONS = 5_000;
    private static final long SLOW_INTERVAL_MS = 60_000;

    private final Cluster cluster;
    private final OffsetHistory history = new OffsetHistory();
    private final MinInSyncReplicas minInSync;
    private boolean fencedBrokersKnown = true;
    private Slow slow = new Slow(Map.of(), Map.of(), List.of(), 0);
    private volatile boolean changed = true;

    SnapshotLoader(Cluster cluster) {
        this.cluster = cluster;
        this.minInSync = new MinInSyncReplicas(cluster);
    }

    OffsetHistory history() {
        return history;
    }

    ClusterSnapshot load() {
        List<Warning> warnings = new ArrayList<>();
        DescribeClusterResult described = describeCluster();
        Collection<Node> nodes = cluster.await(described.nodes());
        Map<String, TopicDescription> topics = describeTopics();
        Set<Integer> online = new HashSet<>();
        for (Node node : nodes) if (!node.isFenced()) online.add(node.id());

        Offsets offsets = readOffsets(topics.values(), online, warnings);
        Map<TopicPartition, Map<Integer, ReplicaState>> replicas = slow.replicas();
        minInSync.look(outOfSync(topics.values()), warnings);
        Map<String, TopicState> states = new TreeMap<>();
        for (TopicDescription topic : topics.values()) states.put(topic.name(), toState(topic, offsets, replicas));
        List<BrokerState> brokers = brokers(nodes, states.values());
        for (BrokerState broker : brokers) {
            if (!broker.online()) {
                warnings.add(new Warning(broker.id(), "BROKER_OFFLINE", "broker " + broker.id() + " is offline"));
            }
        }
        return new ClusterSnapshot(
                Instant.now(),
                cluster.await(described.clusterId()),
                activeController(),
                brokers,
                java.util.Collections.unmodifiableMap(states),
                List.copyOf(warnings));
    }

    private DescribeClusterResult describeCluster() {
        if (fencedBrokersKnown) {
            DescribeClusterResult result =
                    cluster.admin().describeCluster(new DescribeClusterOptions().includeFencedBrokers(true));
            try {
                cluster.await(result.nodes());
                return result;
            } catch (ApiException failure) {
                if (!failure.code().equals("KAFKA_UNSUPPORTED_VERSION")) throw failure;
                fencedBrokersKnown = false;
            }
        }
        return cluster.admin().describeCluster();
    }

    /** From the quorum: a KRaft cluster's DescribeCluster names any broker, not the active controller. */
    private @Nullable Integer activeController() {
        try {
            return cluster.await(cluster.admin().describeMetadataQuorum().quorumInfo())
                    .leaderId();
        } catch (ApiException unknown) {
            return null;
        }
    }

    private Map<String, TopicDescription> describeTopics() {
        List<String> names = List.copyOf(cluster.await(cluster.admin()
                .listTopics(new ListTopicsOptions().listInternal(true))
                .names()));
        Map<String, TopicDescription> result = new HashMap<>();
        for (int from = 0; from < names.size(); from += TOPICS_PER_CALL) {
            List<String> some = names.subList(from, Math.min(from + TOPICS_PER_CALL, names.size()));
            Map<String, KafkaFuture<TopicDescription>> answers =
                    cluster.admin().describeTopics(some).topicNameValues();
            answers.forEach((name, answer) -> {
                try {
                    result.put(name, cluster.await(answer));
                } catch (ApiException failure) {
                    // Deleted between the list and the description: it is simply not there any more.
                    if (!failure.code().equals("KAFKA_UNKNOWN_TOPIC_OR_PARTITION")) throw failure;
                }
            });
        }
        return result;
    }

    private Map<TopicPartition, Map<Integer, ReplicaState>> describeLogDirs(
            Set<Integer> brokers, List<Warning> warnings) {
        Map<TopicPartition, Map<Integer, ReplicaState>> result = new HashMap<>();
        if (brokers.isEmpty()) return result;
        Map<Integer, KafkaFuture<Map<String, LogDirDescription>>> answers = cluster.admin()
                .describeLogDirs(brokers, new DescribeLogDirsOptions().timeoutMs(PARTIAL_TIMEOUT_MS))
                .descriptions();
        answers.forEach((broker, answer) -> {
            try {
                cluster.await(answer).forEach((path, dir) -> addReplicas(result, broker, path, dir, warnings));
            } catch (ApiException failure) {
                warnings.add(new Warning(
                        broker,
                        failure.code(),
                        "broker " + broker + " did not describe its log directories: " + failure.detail()));
            }
        });
        return result;
    }

    private static void addReplicas(
            Map<TopicPartition, Map<Integer, ReplicaState>> result,
            int broker,
            String path,
            LogDirDescription dir,
            List<Warning> warnings) {
        if (dir.error() != null) {
            warnings.add(new Warning(
                    broker,
                    "LOG_DIR_OFFLINE",
                    "log directory " + path + " of broker " + broker + " is offline: "
                            + dir.error().getMessage()));
        }
        dir.replicaInfos()
                .forEach((partition, info) -> result.computeIfAbsent(partition, ignored -> new HashMap<>())
                        .put(broker, new ReplicaState(path, info.size(), info.offsetLag(), info.isFuture())));
    }

    private static Set<String> outOfSync(Collection<TopicDescription> topics) {
        return topics.stream()
                .filter(topic -> topic.partitions().stream()
                        .anyMatch(partition ->
                                partition.isr().size() < partition.replicas().size()))
                .map(TopicDescription::name)
                .collect(Collectors.toSet());
    }

    private record Offsets(Map<TopicPartition, Long> beginning, Map<TopicPartition, ListOffsetsResultInfo> end) {}

    /**
     * What changes slowly and costs much to ask for: where logs begin, and how large replicas are. Of a cluster with more
     * than {@value #MANY_PARTITIONS} partitions it is asked anew only every {@value #SLOW_INTERVAL_MS} ms, when something
     * was changed through this API, or when there are other partitions.
     */
    private record Slow(
            Map<TopicPartition, Long> beginning,
            Map<TopicPartition, Map<Integer, ReplicaState>> replicas,
            List<Warning> warnings,
            long readAtNanos) {
        boolean serves(Set<TopicPartition> partitions) {
            long ageMs = (System.nanoTime() - readAtNanos) / 1_000_000;
            return partitions.size() > MANY_PARTITIONS
                    && ageMs < SLOW_INTERVAL_MS
                    && warnings.isEmpty()
                    && beginning.keySet().equals(partitions);
        }
    }

    /** Lets the next load ask for everything. */
    void forget() {
        changed = true;
    }

    private Offsets readOffsets(Collection<TopicDescription> topics, Set<Integer> online, List<Warning> warnings) {
        Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (TopicDescription topic : topics) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                Node leader = partition.leader();
                if (leader == null || !online.contains(leader.id())) continue;
                TopicPartition key = new TopicPartition(topic.name(), partition.partition());
                earliest.put(key, OffsetSpec.earliest());
                latest.put(key, OffsetSpec.latest());
            }
        }
        Map<TopicPartition, ListOffsetsResultInfo> ends = ask(latest, warnings);
        long nowMs = System.currentTimeMillis();
        ends.forEach((partition, end) -> history.record(partition, end.offset(), nowMs));
        history.retainOnly(latest.keySet());
        if (changed) minInSync.forget();
        boolean askAll = changed || !slow.serves(latest.keySet());
        changed = false;
        if (askAll) {
            List<Warning> slowWarnings = new ArrayList<>();
            Map<TopicPartition, Long> beginnings = new HashMap<>();
            ask(earliest, slowWarnings).forEach((partition, first) -> beginnings.put(partition, first.offset()));
            slow = new Slow(beginnings, describeLogDirs(online, slowWarnings), slowWarnings, System.nanoTime());
        }
        warnings.addAll(slow.warnings());
        return new Offsets(slow.beginning(), ends);
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ask(
            Map<TopicPartition, OffsetSpec> wanted, List<Warning> warnings) {
        Map<TopicPartition, ListOffsetsResultInfo> result = new HashMap<>();
        if (wanted.isEmpty()) return result;
        ListOffsetsResult answer =
                cluster.admin().listOffsets(wanted, new ListOffsetsOptions().timeoutMs(PARTIAL_TIMEOUT_MS));
        int unanswered = 0;
        String reason = "";
        for (TopicPartition partition : wanted.keySet()) {
            try {
                result.put(partition, cluster.await(answer.partitionResult(partition)));
            } catch (ApiException failure) {
                unanswered++;
                reason = failure.detail();
            }
        }
        if (unanswered > 0) {
            warnings.add(new Warning(
                    null, "OFFSETS_UNKNOWN", "the offsets of " + unanswered + " partitions are unknown: " + reason));
        }
        return result;
    }

    private TopicState toState(
            TopicDescription topic, Offsets offsets, Map<TopicPartition, Map<Integer, ReplicaState>> replicas) {
        List<PartitionState> partitions = topic.partitions().stream()
                .map(partition -> {
                    TopicPartition key = new TopicPartition(topic.name(), partition.partition());
                    Node leader = partition.leader();
                    ListOffsetsResultInfo end = offsets.end().get(key);
                    return new PartitionState(
                            partition.partition(),
                            leader == null || leader.isEmpty() ? null : leader.id(),
                            end == null ? null : end.leaderEpoch().orElse(null),
                            partition.replicas().stream().map(Node::id).toList(),
                            partition.isr().stream().map(Node::id).sorted().toList(),
                            minInSync.of(topic.name()),
                            offsets.beginning().get(key),
                            end == null ? null : (Long) end.offset(),
                            replicas.getOrDefault(key, Map.of()));
                })
                .toList();
        return new TopicState(topic.name(), String.valueOf(topic.topicId()), topic.isInternal(), partitions);
    }

    private static List<BrokerState> brokers(Collection<Node> nodes, Collection<TopicState> topics) {
        Map<Integer, BrokerState> byId = new TreeMap<>();
        for (TopicState topic : topics) {
            for (PartitionState partition : topic.partitions()) {
                for (int id : partition.replicas()) {
                    byId.computeIfAbsent(id, gone -> new BrokerState(gone, null, null, null, false));
                }
            }
        }
        for (Node node : nodes) {
            byId.put(node.id(), new BrokerState(node.id(), node.host(), node.port(), node.rack(), !node.isFenced()));
        }
        return List.copyOf(byId.values());
    }
}

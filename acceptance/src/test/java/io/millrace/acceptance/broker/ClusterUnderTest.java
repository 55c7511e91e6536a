package io.millrace.acceptance.broker;

import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Several nodes, with ids from 1, that form one cluster; each may be run by another software. Used by one test thread at a time.
 */
public final class ClusterUnderTest implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final List<BrokerUnderTest> nodes = new ArrayList<>();
    private final Map<String, String> overrides;
    private String voters = "";
    private int firstBroker = 1;
    private KafkaClients clients;

    private ClusterUnderTest(Map<String, String> overrides) {
        this.overrides = overrides;
    }

    /** Nodes that are broker and controller in one; in {@code overrides}, keys for all of them, {@code {id}} stands for the node's. */
    public static ClusterUnderTest start(Distribution distribution, int size, Map<String, String> overrides) {
        ClusterUnderTest cluster = new ClusterUnderTest(overrides);
        for (int id = 1; id <= size; id++) {
            cluster.nodes.add(new BrokerUnderTest(distribution, Map.of()));
        }
        cluster.begin(size, Map.of());
        return cluster;
    }

    /** Node 1 is the controller alone, the others are brokers. */
    public static ClusterUnderTest startSeparate(
            Distribution distribution, int brokers, Map<String, String> overrides) {
        ClusterUnderTest cluster = new ClusterUnderTest(overrides);
        for (int id = 1; id <= 1 + brokers; id++) {
            cluster.nodes.add(new BrokerUnderTest(distribution, Map.of()));
        }
        cluster.begin(
                1,
                Map.of(
                        "process.roles", "controller",
                        "listeners", "CONTROLLER://127.0.0.1:{controllerPort}"));
        return cluster;
    }

    /** Node 1 is broker and controller in one, and the only voter of a quorum whose voters are kept in its log (KIP-853). */
    public static ClusterUnderTest startDynamic(Distribution distribution, Map<String, String> overrides) {
        ClusterUnderTest cluster = new ClusterUnderTest(overrides);
        cluster.nodes.add(new BrokerUnderTest(distribution, Map.of()));
        BrokerUnderTest first = cluster.node(1);
        try {
            first.configure(cluster.configuration(1, cluster.dynamic()));
            first.format("--standalone");
            first.start();
            cluster.clients = new KafkaClients(cluster.bootstrap());
        } catch (RuntimeException | AssertionError e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private Map<String, String> dynamic() {
        String controllers =
                nodes.stream().map(node -> "127.0.0.1:" + node.controllerPort()).collect(Collectors.joining(","));
        return Map.of("controller.quorum.voters", "", "controller.quorum.bootstrap.servers", controllers);
    }

    /** Adds a node with both roles to a cluster that was started with {@link #startDynamic}; its controller is no voter yet. */
    public BrokerUnderTest addController(Distribution distribution, Map<String, String> more) {
        BrokerUnderTest node = new BrokerUnderTest(distribution, Map.of());
        nodes.add(node);
        Map<String, String> keys = new HashMap<>(dynamic());
        keys.putAll(more);
        node.configure(configuration(nodes.size(), keys));
        node.format("--no-initial-controllers");
        node.start();
        clients.close();
        clients = new KafkaClients(bootstrap());
        return node;
    }

    private void begin(int controllers, Map<String, String> controllersKeys) {
        try {
            voters = IntStream.rangeClosed(1, controllers)
                    .mapToObj(id -> id + "@127.0.0.1:" + node(id).controllerPort())
                    .collect(Collectors.joining(","));
            for (int id = 1; id <= nodes.size(); id++) {
                boolean controller = id <= controllers;
                node(id).configure(configuration(id, controller ? controllersKeys : brokerAlone()));
                node(id).format();
                node(id).launch();
            }
            firstBroker = controllersKeys.isEmpty() ? 1 : controllers + 1;
            for (int id = firstBroker; id <= nodes.size(); id++) {
                node(id).awaitServing();
            }
            clients = new KafkaClients(bootstrap());
            awaitBrokers(nodes.size() - firstBroker + 1);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private static Map<String, String> brokerAlone() {
        return Map.of("process.roles", "broker", "listeners", "PLAINTEXT://127.0.0.1:{port}");
    }

    private Map<String, String> configuration(int id, Map<String, String> more) {
        Map<String, String> keys = new HashMap<>(Map.of(
                "node.id",
                Integer.toString(id),
                "controller.quorum.voters",
                voters,
                "default.replication.factor",
                "3",
                "offsets.topic.num.partitions",
                "5"));
        overrides.forEach((key, value) -> keys.put(key, value.replace("{id}", Integer.toString(id))));
        keys.putAll(more);
        return keys;
    }

    /** Adds a node with the broker role alone, and waits until it serves; returns it. */
    public BrokerUnderTest addBroker(Distribution distribution) {
        BrokerUnderTest node = new BrokerUnderTest(distribution, Map.of());
        nodes.add(node);
        node.configure(configuration(nodes.size(), brokerAlone()));
        node.format();
        node.start();
        // Clients that know the first brokers alone would be lost when those go.
        clients.close();
        clients = new KafkaClients(bootstrap());
        return node;
    }

    /** Waits until that many brokers are unfenced. */
    public void awaitBrokers(int count) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> KafkaClients.get(admin().describeCluster().nodes()).size() == count);
    }

    public BrokerUnderTest node(int id) {
        return nodes.get(id - 1);
    }

    public List<BrokerUnderTest> nodes() {
        return List.copyOf(nodes);
    }

    public String bootstrap() {
        return nodes.stream()
                .skip(firstBroker - 1L)
                .map(BrokerUnderTest::bootstrap)
                .collect(Collectors.joining(","));
    }

    public Admin admin() {
        return clients.admin();
    }

    public KafkaClients clients() {
        return clients;
    }

    /** Creates a topic and waits until all its replicas are in sync. */
    public void createTopic(String topic, int partitions, int replicas, Map<String, String> configs) {
        KafkaClients.get(
                admin().createTopics(List.of(new NewTopic(topic, partitions, (short) replicas).configs(configs)))
                        .all());
        awaitInSync(topic);
    }

    /** As {@link #createTopic(String, int, int, Map)}, with these replicas for each partition, the preferred leader first. */
    public void createTopic(String topic, Map<Integer, List<Integer>> replicas, Map<String, String> configs) {
        KafkaClients.get(admin().createTopics(List.of(new NewTopic(topic, replicas).configs(configs)))
                .all());
        awaitInSync(topic);
    }

    /** Waits until every partition of the topic has a leader and all its replicas in sync. */
    public void awaitInSync(String topic) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> describe(topic)
                        .map(description -> description.partitions().stream().allMatch(ClusterUnderTest::inSync))
                        .orElse(false));
    }

    private static boolean inSync(TopicPartitionInfo partition) {
        return partition.leader() != null
                && !partition.leader().isEmpty()
                && partition.isr().size() == partition.replicas().size();
    }

    /** Empty while the answering broker does not know the topic, or nobody answers. */
    public Optional<TopicDescription> describe(String topic) {
        try {
            return Optional.of(
                    admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic));
        } catch (ExecutionException notNow) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while describing " + topic, e);
        }
    }

    /** The ids of those who lead a partition of the topic, in the order of the partitions; -1 for nobody. */
    public List<Integer> leaders(String topic) {
        return describe(topic).orElseThrow().partitions().stream()
                .map(partition -> partition.leader() == null
                        ? Node.noNode().id()
                        : partition.leader().id())
                .toList();
    }

    /** Waits until each partition's segments hold the same bytes at all its replicas. */
    public void awaitIdenticalLogs(String topic) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            for (TopicPartitionInfo partition : describe(topic).orElseThrow().partitions()) {
                List<Map<String, byte[]>> copies = partition.replicas().stream()
                        .map(replica -> segments(node(replica.id()).partitionDirectory(topic, partition.partition())))
                        .toList();
                Map<String, byte[]> first = copies.getFirst();
                for (Map<String, byte[]> copy : copies) {
                    if (first.isEmpty() || !sameBytes(first, copy)) {
                        throw new AssertionError(topic + "-" + partition.partition() + " differs between "
                                + partition.replicas() + ": " + sizes(copies));
                    }
                }
            }
        });
    }

    private static boolean sameBytes(Map<String, byte[]> one, Map<String, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(file -> Arrays.equals(file.getValue(), other.get(file.getKey())));
    }

    private static List<Map<String, Integer>> sizes(List<Map<String, byte[]>> copies) {
        return copies.stream()
                .map(copy -> copy.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, file -> file.getValue().length)))
                .toList();
    }

    private static Map<String, byte[]> segments(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            Map<String, byte[]> segments = new HashMap<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                segments.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
            return segments;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs one of Kafka's tools against this cluster ({@code --bootstrap-server} is added). */
    public CommandResult tool(String tool, String... arguments) {
        List<String> all = Stream.concat(Stream.of("--bootstrap-server", bootstrap()), Stream.of(arguments))
                .toList();
        return Distribution.underTest().run(tool, all);
    }

    @Override
    public void close() {
        if (clients != null) {
            clients.close();
        }
        nodes.forEach(BrokerUnderTest::close);
    }
}

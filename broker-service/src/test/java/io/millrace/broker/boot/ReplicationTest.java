package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAccumulator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three nodes, each a process that is killed and started again, seen by Kafka's own clients. */
class ReplicationTest {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationTest.class);
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private final LongAccumulator longestGapNs = new LongAccumulator(Math::max, 0);
    private volatile long lastAckNs;
    private String bootstrap = "";
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        List<Integer> ports = freePorts(6);
        bootstrap = "127.0.0.1:" + ports.get(0) + ",127.0.0.1:" + ports.get(2) + ",127.0.0.1:" + ports.get(4);
        for (int id = 1; id <= 3; id++) {
            NodeProcess node = new NodeProcess(
                    id,
                    directory.resolve("node-" + id),
                    ports,
                    3,
                    // So long that no new controller can be owed to its end.
                    Map.of(
                            "replica.lag.time.max.ms",
                            "3000",
                            "controller.quorum.fetch.timeout.ms",
                            "60000",
                            "num.replica.fetchers",
                            "2"));
            nodes.add(node);
            node.start();
        }
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        until("three brokers", () -> admin.describeCluster().nodes().get().size() == 3);
    }

    @AfterEach
    void stop() {
        admin.close(Duration.ZERO);
        nodes.forEach(NodeProcess::close);
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheLeaderIsKilledAndItComesBackInSync() throws Exception {
        create("orders", Map.of("min.insync.replicas", "2"));
        ConcurrentSkipListSet<Integer> acknowledged = new ConcurrentSkipListSet<>();
        AtomicBoolean producing = new AtomicBoolean(true);
        Thread producer = Thread.ofPlatform().start(() -> produce("orders", producing, acknowledged));
        until("the first records", () -> acknowledged.size() > 500);

        NodeProcess leader = node(describe("orders").leader().id());
        leader.kill();
        int before = acknowledged.size();
        until("another leader", () -> leaderOtherThan("orders", leader.id));
        until("more records", () -> acknowledged.size() > before + 500);
        leader.start();
        until("the killed broker in the ISR", () -> describe("orders").isr().size() == 3);
        producing.set(false);
        producer.join();

        LOG.info("longest gap without an acknowledgement: {} ms", longestGapNs.get() / 1_000_000);
        // Far below a session's length: the leader's death was noticed by its connection.
        assertThat(Duration.ofNanos(longestGapNs.get())).isLessThan(Duration.ofSeconds(5));
        hasEachOnce("orders", acknowledged);
        logsBecomeIdentical("orders");
    }

    @Test
    void theDeathOfLeaderAndActiveControllerInOneIsNoticedByTheirConnections() throws Exception {
        int both = admin.describeMetadataQuorum().quorumInfo().get().leaderId();
        List<Integer> replicas = List.of(both, both % 3 + 1, (both + 1) % 3 + 1);
        admin.createTopics(
                        List.of(new NewTopic("both", Map.of(0, replicas)).configs(Map.of("min.insync.replicas", "2"))))
                .all()
                .get();
        until("a full ISR", () -> describe("both").isr().size() == 3);
        ConcurrentSkipListSet<Integer> acknowledged = new ConcurrentSkipListSet<>();
        AtomicBoolean producing = new AtomicBoolean(true);
        Thread producer = Thread.ofPlatform().start(() -> produce("both", producing, acknowledged));
        until("the first records", () -> acknowledged.size() > 500);

        node(both).kill();
        int before = acknowledged.size();
        until("more records", () -> acknowledged.size() > before + 500);
        node(both).start();
        until("the killed broker in the ISR", () -> describe("both").isr().size() == 3);
        producing.set(false);
        producer.join();

        LOG.info("longest gap without an acknowledgement: {} ms", longestGapNs.get() / 1_000_000);
        assertThat(Duration.ofNanos(longestGapNs.get())).isLessThan(Duration.ofSeconds(8));
        hasEachOnce("both", acknowledged);
        logsBecomeIdentical("both");
    }

    @Test
    void withFollowersDownAcksAllFollowsMinInsyncReplicas() throws Exception {
        create("two", Map.of("min.insync.replicas", "2"));
        create("three", Map.of("min.insync.replicas", "3"));
        send("two", "a");
        send("three", "a");
        int leader = describe("two").leader().id();
        List<NodeProcess> followers =
                nodes.stream().filter(node -> node.id != leader).toList();

        followers.getFirst().kill();
        until(
                "an ISR of two",
                () -> describe("two").isr().size() == 2
                        && describe("three").isr().size() == 2);
        send("two", "b");
        assertThatThrownBy(() -> send("three", "b")).hasCauseInstanceOf(NotEnoughReplicasException.class);

        followers.getFirst().start();
        until(
                "full ISRs",
                () -> describe("two").isr().size() == 3
                        && describe("three").isr().size() == 3);
        send("three", "c");
    }

    @Test
    void aControlledShutdownMovesLeadersAndGroupsWithoutLoss() throws Exception {
        create("calm", Map.of("min.insync.replicas", "2"));
        for (int i = 0; i < 20; i++) {
            send("calm", Integer.toString(i));
        }
        try (KafkaConsumer<String, String> consumer = consumer("readers")) {
            consumer.subscribe(List.of("calm"));
            List<String> seen = new ArrayList<>();
            until("all records", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
                return seen.size() == 20;
            });
            consumer.commitSync();
            int coordinator = admin.describeConsumerGroups(List.of("readers"))
                    .all()
                    .get()
                    .get("readers")
                    .coordinator()
                    .id();
            node(coordinator).stop();
            send("calm", "20");
            until("the record after the move", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
                return seen.size() >= 21;
            });
            consumer.commitSync();
            assertThat(seen).hasSize(21).doesNotHaveDuplicates();
            assertThat(admin.listConsumerGroupOffsets("readers")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .get(new TopicPartition("calm", 0))
                            .offset())
                    .isEqualTo(21);
        }
    }

    private void produce(String topic, AtomicBoolean producing, ConcurrentSkipListSet<Integer> acknowledged) {
        try (KafkaProducer<String, String> producer = producer()) {
            List<Future<RecordMetadata>> flying = new ArrayList<>();
            for (int i = 0; producing.get(); i++) {
                int value = i;
                flying.add(producer.send(new ProducerRecord<>(topic, Integer.toString(i)), (metadata, failure) -> {
                    if (failure == null) {
                        acknowledged.add(value);
                        long nowNs = System.nanoTime();
                        longestGapNs.accumulate(lastAckNs == 0 ? 0 : nowNs - lastAckNs);
                        lastAckNs = nowNs;
                    }
                }));
                if (flying.size() == 50) {
                    for (Future<RecordMetadata> one : flying) {
                        try {
                            one.get();
                        } catch (ExecutionException e) {
                            // Not acknowledged, so it may be lost.
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                    flying.clear();
                }
            }
        }
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "acks", "all", "delivery.timeout.ms", 60_000, "linger.ms", 0),
                new StringSerializer(),
                new StringSerializer());
    }

    private void send(String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "acks",
                        "all",
                        "retries",
                        topic.equals("three") ? 0 : Integer.MAX_VALUE,
                        "enable.idempotence",
                        false,
                        "delivery.timeout.ms",
                        60_000,
                        "linger.ms",
                        0),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false),
                new StringDeserializer(),
                new StringDeserializer());
    }

    /** By sets: tens of thousands of records take AssertJ minutes to look up in a list. */
    private void hasEachOnce(String topic, Set<Integer> acknowledged) throws Exception {
        List<Integer> read = read(topic);
        Set<Integer> distinct = new HashSet<>(read);
        assertThat(distinct).hasSameSizeAs(read);
        Set<Integer> missing = new HashSet<>(acknowledged);
        missing.removeAll(distinct);
        assertThat(missing).isEmpty();
    }

    private List<Integer> read(String topic) throws Exception {
        List<Integer> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer("reader")) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            until("all records of " + topic, () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(Integer.parseInt(record.value()));
                }
                return consumer.position(partition) >= end;
            });
        }
        return values;
    }

    private void create(String topic, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 3).configs(configs)))
                .all()
                .get();
        until("a full ISR", () -> describe(topic).isr().size() == 3);
    }

    private TopicPartitionInfo describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .getFirst();
    }

    private boolean leaderOtherThan(String topic, int dead) throws Exception {
        Node leader = describe(topic).leader();
        return leader != null && !leader.isEmpty() && leader.id() != dead;
    }

    private NodeProcess node(int id) {
        return nodes.get(id - 1);
    }

    /** Every replica's segment files hold the same bytes. */
    private void logsBecomeIdentical(String topic) throws Exception {
        until("identical logs", () -> {
            Map<String, String> first = segments(nodes.getFirst(), topic);
            for (NodeProcess node : nodes) {
                if (!segments(node, topic).equals(first)) {
                    return false;
                }
            }
            return !first.isEmpty();
        });
    }

    private static Map<String, String> segments(NodeProcess node, String topic) throws IOException {
        Map<String, String> segments = new HashMap<>();
        try (var files = Files.list(node.data().resolve(topic + "-0"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                segments.put(
                        file.getFileName().toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return segments;
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void until(String what, Condition condition) throws Exception {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadlineNs) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (ExecutionException e) {
                last = e;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        StringBuilder logs = new StringBuilder();
        for (NodeProcess node : nodes) {
            logs.append("---- node ").append(node.id).append('\n').append(node.output());
        }
        throw new AssertionError("not within " + LIMIT + ": " + what + "\n" + logs, last);
    }

    /** Below the range from which the system gives out ports by itself. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<Integer> ports = new ArrayList<>();
        int candidate = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);
        while (ports.size() < count) {
            candidate = candidate >= 32_000 ? 20_000 : candidate + 1;
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                ports.add(socket.getLocalPort());
            } catch (IOException taken) {
                continue;
            }
        }
        return ports;
    }
}

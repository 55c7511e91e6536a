package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topic of the group journal on real nodes: one alone, and three of which one dies. */
class GroupJournalTopicTest {

    private static final String JOURNAL = "__group_journal";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private String bootstrap = "";

    private void start(int count, Map<String, String> settings) throws Exception {
        List<Integer> ports = freePorts(2 * count);
        List<String> addresses = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            addresses.add("127.0.0.1:" + ports.get(2 * (id - 1)));
            nodes.add(new NodeProcess(id, directory.resolve("node-" + id), ports, count, settings));
        }
        bootstrap = String.join(",", addresses);
        for (NodeProcess node : nodes) {
            node.start();
        }
        try (Admin admin = admin()) {
            until(
                    count + " brokers",
                    () -> admin.describeCluster().nodes().get().size() == count);
        }
    }

    @AfterEach
    void stop() {
        nodes.forEach(NodeProcess::close);
    }

    @Test
    void oneNodeWritesWhatHappensAndClientsMayReadButNotWrite() throws Exception {
        start(1, Map.of("offsets.topic.replication.factor", "1", "millrace.group.journal.num.partitions", "2"));
        joinAndLeave("shop");
        until("the departure", () -> types("shop").contains("MemberLeft"));
        assertThat(types("shop"))
                .startsWith("MemberJoined", "RebalanceStarted", "GenerationBegun", "Assigned", "MemberLeft");

        try (Admin admin = admin()) {
            TopicDescription topic = describe(admin);
            assertThat(topic.isInternal()).isTrue();
            assertThat(topic.partitions()).hasSize(2);
        }
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap),
                new StringSerializer(),
                new StringSerializer())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(JOURNAL, "shop", "{}"))
                            .get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InvalidTopicException.class);
        }
    }

    @Test
    void switchedOffThereIsNoTopic() throws Exception {
        start(1, Map.of("offsets.topic.replication.factor", "1", "millrace.group.journal.enable", "false"));
        joinAndLeave("shop");
        joinAndLeave("shop");
        try (Admin admin = admin()) {
            assertThat(admin.listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true))
                            .names()
                            .get())
                    .contains("__consumer_offsets")
                    .doesNotContain(JOURNAL);
        }
    }

    @Test
    void itGoesOnWhenABrokerDiesAndNoRebalanceWaitsForIt() throws Exception {
        start(3, Map.of("millrace.group.journal.num.partitions", "3"));
        for (String group : List.of("a", "b", "c", "d")) {
            joinAndLeave(group);
            until("the departure from " + group, () -> types(group).contains("MemberLeft"));
        }
        try (Admin admin = admin()) {
            assertThat(describe(admin).partitions())
                    .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(3));
        }
        nodes.getFirst().kill();
        for (String group : List.of("a", "b", "c", "d", "e")) {
            int before = types(group).size();
            joinAndLeave(group);
            until(
                    "what " + group + " did after the death of a broker",
                    () -> types(group).size() > before && types(group).getLast().equals("GenerationBegun"));
            assertThat(types(group).subList(before, types(group).size()))
                    .containsSubsequence("MemberJoined", "Assigned", "MemberLeft");
        }
    }

    private void joinAndLeave(String group) throws Exception {
        try (Admin admin = admin()) {
            if (!admin.listTopics().names().get().contains("orders")) {
                admin.createTopics(List.of(new NewTopic("orders", 2, (short) nodes.size())))
                        .all()
                        .get();
            }
        }
        try (var consumer = consumer(group)) {
            consumer.subscribe(List.of("orders"));
            until("an assignment in " + group, () -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.assignment().size() == 2;
            });
        }
    }

    /** Types of the events of a group, in order. */
    private List<String> types(String group) throws Exception {
        List<String> types = new ArrayList<>();
        try (var consumer = consumer(null)) {
            List<TopicPartition> partitions = consumer.partitionsFor(JOURNAL).stream()
                    .map(info -> new TopicPartition(JOURNAL, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    if (group.equals(record.key())) {
                        JsonNode event = new ObjectMapper().readTree(record.value());
                        assertThat(event.get("groupId").asText()).isEqualTo(group);
                        assertThat(event.get("atMs").asLong()).isEqualTo(record.timestamp());
                        types.add(event.get("type").asText());
                    }
                }
            }
        }
        return types;
    }

    private KafkaConsumer<String, String> consumer(@org.jspecify.annotations.Nullable String group) {
        Map<String, Object> settings = new java.util.HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("allow.auto.create.topics", "false");
        if (group != null) {
            settings.put("group.id", group);
        }
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    private static TopicDescription describe(Admin admin) throws Exception {
        return admin.describeTopics(List.of(JOURNAL)).allTopicNames().get().get(JOURNAL);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void until(String what, Condition condition) throws Exception {
        long limitNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (java.util.concurrent.ExecutionException | org.apache.kafka.common.KafkaException e) {
                // Not yet; brokers come and go.
                Thread.onSpinWait();
            }
            if (System.nanoTime() > limitNs) {
                throw new AssertionError("waited " + LIMIT + " for " + what + "\n"
                        + nodes.getLast().output());
            }
        }
    }

    private static List<Integer> freePorts(int count) throws Exception {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with two log directories: replicas move from one to the other while they are used. */
@Lab
final class MoveReplicasIT {
    @TempDir
    private Path data;

    private String one;
    private String two;

    @BeforeEach
    void directories() throws Exception {
        one = Files.createDirectory(data.resolve("one")).toRealPath().toString();
        two = Files.createDirectory(data.resolve("two")).toRealPath().toString();
    }

    private BrokerUnderTest start(Brokers brokers) {
        return brokers.start(Map.of("log.dirs", one + "," + two, "log.segment.bytes", "2000000"));
    }

    @Test
    void aReplicaMovesUnderLoadAndKeepsEveryRecord(Brokers brokers) throws Exception {
        BrokerUnderTest broker = start(brokers);
        String topic = broker.newTopic("move", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        AtomicBoolean stopping = new AtomicBoolean();
        List<String> sent = Collections.synchronizedList(new ArrayList<>());
        Thread load = Thread.ofPlatform().start(() -> produceUntil(stopping, broker, topic, sent));
        Admin admin = broker.admin();
        for (int round = 0; round < 4; round++) {
            int goal = sent.size() + 500;
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> sent.size() >= goal);
            String from = directoryOf(admin, partition);
            String to = from.equals(one) ? two : one;
            admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica(topic, 0, nodeOf(admin)), to))
                    .all()
                    .get();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> directoryOf(admin, partition).equals(to));
        }
        stopping.set(true);
        load.join();

        assertThat(broker.clients().readAll(topic, 0))
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(sent);
        broker.restart();
        assertThat(broker.clients().readAll(topic, 0)).hasSameSizeAs(sent);
    }

    @Test
    void theReassignmentToolMovesReplicasAndSeesItDone(Brokers brokers) throws Exception {
        BrokerUnderTest broker = start(brokers);
        String topic = broker.newTopic("tool", 1);
        List<String> values =
                IntStream.range(0, 100).mapToObj(Integer::toString).toList();
        broker.clients().produce(topic, 0, values);
        Admin admin = broker.admin();
        String from = directoryOf(admin, new TopicPartition(topic, 0));
        String to = from.equals(one) ? two : one;
        Path plan = data.resolve("plan.json");
        Files.writeString(plan, """
                    {"version":1,"partitions":[{"topic":"%s","partition":0,"replicas":[%d],"log_dirs":["%s"]}]}
                    """.formatted(topic, nodeOf(admin), to));

        broker.tool("kafka-reassign-partitions", "--reassignment-json-file", plan.toString(), "--execute")
                .succeeded();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> broker.tool(
                                "kafka-reassign-partitions", "--reassignment-json-file", plan.toString(), "--verify")
                        .succeeded()
                        .output()
                        .contains("completed successfully"));

        assertThat(broker.tool("kafka-log-dirs", "--describe", "--topic-list", topic)
                        .succeeded()
                        .output())
                .contains("\"isFuture\":false")
                .doesNotContain("\"isFuture\":true");
        assertThat(directoryOf(admin, new TopicPartition(topic, 0))).isEqualTo(to);
        assertThat(broker.clients().readAll(topic, 0))
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(values);
    }

    @Test
    void whatCannotBeMovedIsRefused(Brokers brokers) throws Exception {
        BrokerUnderTest broker = start(brokers);
        String topic = broker.newTopic("refused", 1);
        Admin admin = broker.admin();
        int node = nodeOf(admin);
        assertThatThrownBy(() -> admin.alterReplicaLogDirs(
                                Map.of(new TopicPartitionReplica(topic, 0, node), "/no/such/directory"))
                        .all()
                        .get())
                .hasCauseInstanceOf(LogDirNotFoundException.class);
        assertThatThrownBy(() -> admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("nowhere", 0, node), one))
                        .all()
                        .get())
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        // Where it lies already.
        admin.alterReplicaLogDirs(Map.of(
                        new TopicPartitionReplica(topic, 0, node), directoryOf(admin, new TopicPartition(topic, 0))))
                .all()
                .get();
    }

    private static void produceUntil(AtomicBoolean stopping, BrokerUnderTest broker, String topic, List<String> sent) {
        try (KafkaProducer<String, String> producer =
                KafkaClients.producer(broker.bootstrap(), Map.of("acks", "all", "linger.ms", "1"))) {
            for (int i = 0; !stopping.get(); i++) {
                String value = i + "-" + "x".repeat(1000);
                producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
                sent.add(value);
            }
        } catch (Exception e) {
            throw new AssertionError("a record was not acknowledged", e);
        }
    }

    private static int nodeOf(Admin admin) throws Exception {
        return admin.describeCluster().nodes().get().iterator().next().id();
    }

    /** The directory that holds a partition's current replica. */
    private static String directoryOf(Admin admin, TopicPartition partition) throws Exception {
        int node = nodeOf(admin);
        Map<String, LogDirDescription> described =
                admin.describeLogDirs(Set.of(node)).allDescriptions().get().get(node);
        for (Map.Entry<String, LogDirDescription> directory : described.entrySet()) {
            ReplicaInfo replica = directory.getValue().replicaInfos().get(partition);
            if (replica != null && !replica.isFuture()) {
                return directory.getKey();
            }
        }
        throw new AssertionError(partition + " lies in none of " + described.keySet());
    }
}

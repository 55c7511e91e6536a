package io.millrace.acceptance.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/**
 * How long clients stand still when nodes end, how long a partition takes to another node. {@code -Dfigures.rounds} (3),
 * {@code -Dfigures.megabytes} (5000) and {@code -Dfigures.partitions} (2000) change the sizes.
 */
@Lab
final class ClusterFigures {

    private static final System.Logger LOG = System.getLogger(ClusterFigures.class.getName());
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int NODES = 3;
    private static final int WARM_UP_RECORDS = 4_000;
    private static final int RECORDS_AFTERWARDS = 4_000;
    private static final int PARTITIONS_A_TOPIC = 100;
    private static final int BIG_RECORD_BYTES = 100_000;

    private ClusterUnderTest cluster;

    private void start(Brokers brokers) {
        cluster = brokers.cluster(
                Distribution.underTest(),
                NODES,
                Map.of("min.insync.replicas", "2", "offsets.topic.replication.factor", "3"));
    }

    private static void tell(String what, long ms) {
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: {1}: {2,number,#} ms",
                Distribution.underTest().name(),
                what,
                ms);
    }

    private int controller() {
        return KafkaClients.get(cluster.admin().describeMetadataQuorum().quorumInfo())
                .leaderId();
    }

    private static int after(int node) {
        return node % NODES + 1;
    }

    @Test
    void gapsWhenNodesEnd(Brokers brokers) throws Exception {
        start(brokers);
        for (int round = 1; round <= Integer.getInteger("figures.rounds", 3); round++) {
            measureGap(
                    "kill -9 of a leader",
                    after(controller()),
                    leader -> cluster.node(leader).kill());
            measureGap(
                    "kill -9 of leader and active controller in one",
                    controller(),
                    leader -> cluster.node(leader).kill());
            measureGap(
                    "SIGTERM of a leader",
                    after(controller()),
                    leader -> cluster.node(leader).stop());
        }
    }

    private void measureGap(String what, int leader, Consumer<Integer> end) throws InterruptedException {
        String topic = what.replaceAll("[^a-zA-Z0-9]", "") + System.nanoTime();
        List<Integer> replicas = List.of(leader, after(leader), after(after(leader)));
        KafkaClients.get(cluster.admin()
                .createTopics(List.of(new NewTopic(topic, Map.of(0, replicas))))
                .all());
        cluster.awaitInSync(topic);
        try (PacedProducer producer = new PacedProducer(cluster.bootstrap(), topic)) {
            producer.awaitMore(WARM_UP_RECORDS);
            producer.forgetGaps();
            end.accept(leader);
            producer.awaitMore(RECORDS_AFTERWARDS);
            tell(
                    what + ": longest time without an acknowledgement",
                    producer.longestGap().toMillis());
            long startedNs = System.nanoTime();
            cluster.node(leader).start();
            cluster.awaitInSync(topic);
            tell(what + ": from exec to a full ISR", millisSince(startedNs));
        }
    }

    private static long millisSince(long startedNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
    }

    @Test
    void aNewBrokerTakesOver(Brokers brokers) throws Exception {
        start(brokers);
        int megabytes = Integer.getInteger("figures.megabytes", 5_000);
        KafkaClients.get(cluster.admin()
                .createTopics(List.of(new NewTopic("big", 12, (short) 1).configs(Map.of("min.insync.replicas", "1"))))
                .all());
        cluster.awaitInSync("big");
        fill("big", 12, megabytes * 1_000_000L / BIG_RECORD_BYTES);
        int id = cluster.nodes().size() + 1;
        cluster.addBroker(Distribution.underTest());
        cluster.awaitBrokers(id);
        awaitIdleDisk();
        Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
        IntStream.range(0, 12)
                .forEach(partition -> moves.put(
                        new TopicPartition("big", partition), Optional.of(new NewPartitionReassignment(List.of(id)))));
        long startedNs = System.nanoTime();
        KafkaClients.get(cluster.admin().alterPartitionReassignments(moves).all());
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> KafkaClients.get(
                                cluster.admin().listPartitionReassignments().reassignments())
                        .isEmpty());
        tell(megabytes + " MB to a new broker", millisSince(startedNs));
        assertThat(cluster.leaders("big")).containsOnly(id);
    }

    /** What was written to make ready is not to slow down what is measured. */
    private static void awaitIdleDisk() throws Exception {
        assertThat(new ProcessBuilder("sync").inheritIO().start().waitFor()).isZero();
    }

    private void fill(String topic, int partitions, long records) throws Exception {
        StringBuilder value = new StringBuilder();
        while (value.length() < BIG_RECORD_BYTES) {
            value.append(Long.toString(ThreadLocalRandom.current().nextLong(), 36));
        }
        try (KafkaProducer<String, String> producer = cluster.clients()
                .producer(
                        Map.of("acks", "1", "batch.size", "1000000", "linger.ms", "5", "buffer.memory", "64000000"))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, i % partitions, null, value.toString())));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    @Test
    void allLeadersOfABrokerThatDies(Brokers brokers) throws Exception {
        start(brokers);
        int topics = Integer.getInteger("figures.partitions", 2_000) / PARTITIONS_A_TOPIC;
        List<String> names =
                IntStream.range(0, topics).mapToObj(number -> "many-" + number).toList();
        for (String name : names) {
            cluster.createTopic(name, PARTITIONS_A_TOPIC, NODES, Map.of());
        }
        int dead = after(controller());
        List<TopicPartition> led = new ArrayList<>();
        for (String name : names) {
            List<Integer> leaders = cluster.leaders(name);
            IntStream.range(0, leaders.size())
                    .filter(partition -> leaders.get(partition) == dead)
                    .forEach(partition -> led.add(new TopicPartition(name, partition)));
        }
        try (KafkaProducer<String, String> producer =
                cluster.clients().producer(Map.of("acks", "all", "delivery.timeout.ms", "170000"))) {
            acknowledgeAll(producer, led);
            cluster.node(dead).kill();
            long startedNs = System.nanoTime();
            acknowledgeAll(producer, led);
            tell(
                    "kill -9 of a leader of " + led.size() + " of " + topics * PARTITIONS_A_TOPIC
                            + " partitions: until each has acknowledged again",
                    millisSince(startedNs));
        }
    }

    private static void acknowledgeAll(KafkaProducer<String, String> producer, List<TopicPartition> partitions)
            throws Exception {
        List<Future<RecordMetadata>> sent = partitions.stream()
                .map(partition ->
                        producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, "x")))
                .toList();
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }
}

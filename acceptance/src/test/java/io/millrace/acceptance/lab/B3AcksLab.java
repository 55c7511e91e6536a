package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.KafkaClients;
import io.millrace.acceptance.broker.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** B3 and D3: what acks mean with three replicas, and who counts as in sync. */
@Lab
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class B3AcksLab {
    private static final System.Logger log = System.getLogger(B3AcksLab.class.getName());
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private ClusterUnderTest cluster;

    @Test
    void acksAllNeedsAsManyInSyncAsTheTopicAsksFor(Brokers brokers) throws Exception {
        cluster = brokers.separateCluster(Distribution.underTest(), 3, Map.of());
        for (int min = 1; min <= 3; min++) {
            cluster.tool(
                            "kafka-topics",
                            "--create",
                            "--topic",
                            topic(min),
                            "--replica-assignment",
                            "2:3:4",
                            "--config",
                            "min.insync.replicas=" + min)
                    .succeeded();
            cluster.awaitInSync(topic(min));
        }
        for (String acks : List.of("0", "1", "all")) {
            long startedNanos = System.nanoTime();
            produce(topic(2), acks, 2_000);
            log.log(
                    System.Logger.Level.INFO,
                    "acks={0}: 2000 records in {1} ms",
                    acks,
                    Duration.ofNanos(System.nanoTime() - startedNanos).toMillis());
        }

        cluster.node(4).kill();
        awaitIsr(2);
        produce(topic(1), "all", 1);
        produce(topic(2), "all", 1);
        produce(topic(3), "1", 1);
        refused(topic(3));

        cluster.node(3).kill();
        awaitIsr(1);
        produce(topic(1), "all", 1);
        refused(topic(2));
        refused(topic(3));

        cluster.node(3).start();
        cluster.node(4).start();
        for (int min = 1; min <= 3; min++) {
            cluster.awaitInSync(topic(min));
            produce(topic(min), "all", 1);
            cluster.awaitIdenticalLogs(topic(min));
        }
    }

    @Test
    void aFollowerThatStandsStillLeavesTheIsrAndComesBack(Brokers brokers) throws Exception {
        cluster = brokers.separateCluster(
                Distribution.underTest(),
                3,
                Map.of("replica.lag.time.max.ms", "2000", "broker.session.timeout.ms", "120000"));
        cluster.tool(
                        "kafka-topics",
                        "--create",
                        "--topic",
                        topic(2),
                        "--replica-assignment",
                        "2:3:4",
                        "--config",
                        "min.insync.replicas=2")
                .succeeded();
        cluster.awaitInSync(topic(2));

        cluster.node(4).process().pause();
        produce(topic(2), "1", 10);
        await().atMost(LIMIT).until(() -> isr(topic(2)) == 2);
        produce(topic(2), "all", 10);
        cluster.node(4).process().resume();
        cluster.awaitInSync(topic(2));
        cluster.awaitIdenticalLogs(topic(2));
    }

    private static String topic(int minInsync) {
        return "b3-min-" + minInsync;
    }

    private void awaitIsr(int size) {
        await().atMost(LIMIT).until(() -> isr(topic(1)) == size && isr(topic(2)) == size && isr(topic(3)) == size);
    }

    /** 0 while no node has answered: a node that stands still may be the one that was asked. */
    private int isr(String topic) {
        return cluster.describe(topic)
                .map(described -> described.partitions().getFirst().isr().size())
                .orElse(0);
    }

    private void produce(String topic, String acks, int count) throws Exception {
        try (KafkaProducer<String, String> producer = producer(acks, Integer.MAX_VALUE)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "value-" + i)));
            }
            for (Future<RecordMetadata> one : sent) {
                assertThat(one.get().hasOffset()).isEqualTo(!acks.equals("0"));
            }
        }
    }

    private void refused(String topic) {
        try (KafkaProducer<String, String> producer = producer("all", 0)) {
            assertThatThrownBy(() -> KafkaClients.send(producer, new ProducerRecord<>(topic, "too few")))
                    .isInstanceOfAny(NotEnoughReplicasException.class, NotEnoughReplicasAfterAppendException.class);
        }
    }

    private KafkaProducer<String, String> producer(String acks, int retries) {
        return cluster.clients()
                .producer(Map.of("acks", acks, "retries", Integer.toString(retries), "enable.idempotence", "false"));
    }
}

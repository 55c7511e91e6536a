package io.millrace.acceptance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * An idempotent producer with acks=all and a group of two consumers, which go on whatever happens to the cluster, and the account of
 * what they were told. Three threads of its own; the test's thread asks.
 */
public final class Traffic implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** So that a test's load leaves the machine to the brokers. */
    private static final int RECORDS_A_ROUND = 20;

    private record Place(int partition, long offset) {}

    private final ClusterUnderTest cluster;
    private final KafkaClients clients;
    private final String topic;
    private final int partitions;
    private final String group;
    private final Map<String, Place> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> consumed = ConcurrentHashMap.newKeySet();
    private final LongAccumulator longestGapNanos = new LongAccumulator(Math::max, 0);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread producing;
    private final List<Thread> consuming = new ArrayList<>();
    private volatile boolean stopProducing;
    private volatile boolean stopConsuming;

    public Traffic(ClusterUnderTest cluster, String topic, int partitions) {
        this.cluster = cluster;
        this.clients = new KafkaClients(cluster.bootstrap());
        this.topic = topic;
        this.partitions = partitions;
        this.group = topic + "-readers";
        this.producing = Thread.ofPlatform().name("traffic-producer").start(() -> run(this::produce));
        for (int member = 1; member <= 2; member++) {
            consuming.add(Thread.ofPlatform().name("traffic-consumer-" + member).start(() -> run(this::consume)));
        }
    }

    private void run(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | AssertionError e) {
            failure.compareAndSet(null, e);
        }
    }

    private void produce() {
        int number = 0;
        long lastAckNanos = 0;
        try (KafkaProducer<String, String> producer =
                clients.producer(Map.of("acks", "all", "linger.ms", "5", "delivery.timeout.ms", "60000"))) {
            while (!stopProducing) {
                List<Future<RecordMetadata>> round = new ArrayList<>();
                int first = number;
                for (int i = 0; i < RECORDS_A_ROUND; i++) {
                    String value = Integer.toString(number);
                    round.add(producer.send(new ProducerRecord<>(topic, number++ % partitions, null, value)));
                }
                for (int i = 0; i < RECORDS_A_ROUND; i++) {
                    RecordMetadata at = round.get(i).get();
                    acknowledged.put(Integer.toString(first + i), new Place(at.partition(), at.offset()));
                    long nowNanos = System.nanoTime();
                    longestGapNanos.accumulate(lastAckNanos == 0 ? 0 : nowNanos - lastAckNanos);
                    lastAckNanos = nowNanos;
                }
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("a record was not acknowledged", e);
        }
    }

    private void consume() {
        try (KafkaConsumer<String, String> consumer = clients.consumer(group, Map.of("enable.auto.commit", "false"))) {
            consumer.subscribe(List.of(topic));
            while (!stopConsuming) {
                List<String> values = new ArrayList<>();
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                try {
                    consumer.commitSync();
                } catch (CommitFailedException | RebalanceInProgressException | TimeoutException notNow) {
                    // The next commit covers them; or whoever owns the partitions next reads them again.
                    continue;
                } finally {
                    consumed.addAll(values);
                }
            }
        }
    }

    public Duration longestGap() {
        return Duration.ofNanos(longestGapNanos.get());
    }

    /** Waits until that many more records have been acknowledged, and more have been consumed. */
    public void awaitMore(int count) {
        int acknowledgedGoal = acknowledged.size() + count;
        int consumedGoal = consumed.size() + count;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
            if (failure.get() != null) {
                throw new AssertionError("clients were disturbed", failure.get());
            }
            return acknowledged.size() >= acknowledgedGoal && consumed.size() >= consumedGoal;
        });
    }

    /**
     * Ends the producer, lets the group read what is left, and checks: each acknowledged record is at the offset that was told, none is
     * there twice, each partition is in order, the group has seen them all and has committed the ends.
     */
    public void stopAndCheck() throws InterruptedException {
        stopProducing = true;
        producing.join();
        try (KafkaClients checking = new KafkaClients(cluster.bootstrap())) {
            check(checking);
        }
    }

    private void check(KafkaClients checking) throws InterruptedException {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> failure.get() != null
                        || consumed.containsAll(acknowledged.keySet()) && committedEnds(checking));
        stopConsuming();
        assertThat(failure.get()).isNull();
        Map<Place, String> found = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            int last = -1;
            for (ConsumerRecord<String, String> record : checking.readAll(topic, partition)) {
                assertThat(Integer.parseInt(record.value()))
                        .as("order in partition " + partition + " at offset " + record.offset())
                        .isGreaterThan(last);
                last = Integer.parseInt(record.value());
                found.put(new Place(partition, record.offset()), record.value());
            }
        }
        assertThat(new HashSet<>(found.values())).hasSameSizeAs(found.values());
        acknowledged.forEach((value, place) -> assertThat(found).containsEntry(place, value));
    }

    private boolean committedEnds(KafkaClients checking) {
        var committed = KafkaClients.get(
                checking.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        for (int partition = 0; partition < partitions; partition++) {
            TopicPartition name = new TopicPartition(topic, partition);
            if (committed.get(name) == null || committed.get(name).offset() != checking.endOffset(name)) {
                return false;
            }
        }
        return true;
    }

    private void stopConsuming() throws InterruptedException {
        stopConsuming = true;
        for (Thread consumer : consuming) {
            consumer.join();
        }
    }

    @Override
    public void close() {
        stopProducing = true;
        stopConsuming = true;
        try {
            producing.join();
            stopConsuming();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clients.close();
    }
}

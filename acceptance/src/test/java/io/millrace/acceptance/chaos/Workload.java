package io.millrace.acceptance.chaos;

import io.millrace.acceptance.chaos.History.Acknowledged;
import io.millrace.acceptance.chaos.History.Committed;
import io.millrace.acceptance.chaos.History.Read;
import io.millrace.acceptance.chaos.History.Resumed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Two idempotent producers with acks=all and a group of two consumers that commit what they have read; a thread each. */
final class Workload {

    static final String GROUP = "readers";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String bootstrap;
    private final String topic;
    private final int partitions;
    private final History history;
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> consumers = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean producing = true;
    private volatile boolean consuming = true;

    Workload(String bootstrap, String topic, int partitions, History history) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.partitions = partitions;
        this.history = history;
        for (int i = 0; i < 2; i++) {
            String name = "p" + i;
            producers.add(Thread.ofPlatform().name(name).start(() -> guarded(() -> produce(name))));
            String member = "c" + i;
            consumers.add(Thread.ofPlatform().name(member).start(() -> guarded(() -> consume(member))));
        }
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | AssertionError e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Why a client gave up; null while none has. */
    @Nullable
    Throwable failure() {
        return failure.get();
    }

    private void produce(String name) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap,
                "client.id", name,
                "acks", "all",
                "linger.ms", 5,
                "delivery.timeout.ms", 300_000,
                "request.timeout.ms", 5_000,
                "max.block.ms", 300_000,
                "reconnect.backoff.max.ms", 200,
                "socket.connection.setup.timeout.ms", 1_000,
                "buffer.memory", 2_000_000);
        int[] numbers = new int[partitions];
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; producing; i++) {
                int partition = i % partitions;
                String value = name + "/" + partition + "-" + numbers[partition]++;
                producer.send(new ProducerRecord<>(topic, partition, null, value), (metadata, error) -> {
                    if (error == null) {
                        history.add(new Acknowledged(partition, metadata.offset(), value));
                    } else {
                        failure.compareAndSet(null, new AssertionError(value + " was given up", error));
                    }
                });
                LockSupport.parkNanos(3_000_000);
            }
        }
    }

    private KafkaConsumer<String, String> consumer(String name) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "client.id",
                        name,
                        "group.id",
                        GROUP,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false,
                        "session.timeout.ms",
                        10_000,
                        "request.timeout.ms",
                        5_000,
                        "default.api.timeout.ms",
                        20_000,
                        "reconnect.backoff.max.ms",
                        200,
                        "socket.connection.setup.timeout.ms",
                        1_000),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private void consume(String name) {
        try (KafkaConsumer<String, String> consumer = consumer(name)) {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
                    // What was read is committed already.
                }

                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
                    for (TopicPartition partition : assigned) {
                        history.add(new Resumed(partition.partition(), consumer.position(partition, PATIENCE)));
                    }
                }
            });
            while (consuming) {
                try {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                        history.add(new Read(
                                record.partition(),
                                record.offset(),
                                record.value(),
                                record.leaderEpoch().orElse(-1)));
                    }
                    commit(consumer);
                } catch (KafkaException unavailable) {
                    // A coordinator that cannot be reached, or a rebalance: the next poll begins where the group is.
                    LockSupport.parkNanos(100_000_000);
                }
            }
        }
    }

    private void commit(KafkaConsumer<String, String> consumer) {
        List<Committed> offsets = consumer.assignment().stream()
                .map(partition -> new Committed(partition.partition(), consumer.position(partition, PATIENCE)))
                .toList();
        consumer.commitSync();
        offsets.forEach(history::add);
    }

    /** Waits until everything that was sent is acknowledged. */
    void stopProducing() throws InterruptedException {
        producing = false;
        for (Thread producer : producers) {
            producer.join();
        }
    }

    void stopConsuming() throws InterruptedException {
        consuming = false;
        for (Thread consumer : consumers) {
            consumer.join();
        }
    }
}

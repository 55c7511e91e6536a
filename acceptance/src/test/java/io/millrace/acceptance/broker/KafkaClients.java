package io.millrace.acceptance.broker;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The newest Java clients for one bootstrap address: text keys and values, short timeouts where a default would stall a test. */
public final class KafkaClients implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String bootstrap;
    private final Admin admin;

    public KafkaClients(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap, "default.api.timeout.ms", "30000", "request.timeout.ms", "15000")));
    }

    void awaitServing(Duration limit) {
        await().pollInterval(Duration.ofMillis(20))
                .atMost(limit)
                .until(() -> !get(admin.describeCluster().nodes()).isEmpty());
    }

    public Admin admin() {
        return admin;
    }

    /** Waits for an admin result; its cause is what a failing call throws. */
    public static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no answer within " + PATIENCE, e);
        }
    }

    public void createTopic(String topic, int partitions, Map<String, String> configs) {
        get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all());
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> hasLeaders(topic, partitions));
    }

    private boolean hasLeaders(String topic, int partitions) {
        try {
            var described =
                    get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
            return described.partitions().size() == partitions
                    && described.partitions().stream()
                            .allMatch(partition -> partition.leader() != null
                                    && !partition.leader().isEmpty());
        } catch (org.apache.kafka.common.errors.UnknownTopicOrPartitionException notYet) {
            return false;
        }
    }

    public KafkaProducer<String, String> producer(Map<String, String> overrides) {
        return producer(bootstrap, overrides);
    }

    /** A producer that does not depend on this broker process being the one that is up. */
    public static KafkaProducer<String, String> producer(String bootstrap, Map<String, String> overrides) {
        Map<String, Object> configs = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "linger.ms", "0"));
        configs.putAll(overrides);
        return new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer());
    }

    /**
     * A consumer that joins a group quickly and, unless told otherwise, speaks the classic protocol and starts at the beginning. In the
     * consumer protocol ({@code group.protocol}) the coordinator sets the times.
     */
    public KafkaConsumer<String, String> consumer(String group, Map<String, String> overrides) {
        return consumer(bootstrap, group, overrides);
    }

    /** A consumer that does not depend on this broker process being the one that is up. */
    public static KafkaConsumer<String, String> consumer(
            String bootstrap, String group, Map<String, String> overrides) {
        Map<String, Object> configs = new HashMap<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest"));
        if (!"consumer".equals(overrides.get("group.protocol"))) {
            configs.putAll(Map.of("session.timeout.ms", "10000", "heartbeat.interval.ms", "500"));
        }
        configs.putAll(overrides);
        return new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer());
    }

    /** Sends one record and waits for its acknowledgement. */
    public static RecordMetadata send(KafkaProducer<String, String> producer, ProducerRecord<String, String> record) {
        try {
            return producer.send(record).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no acknowledgement within " + PATIENCE, e);
        }
    }

    /** Sends the values in order to one partition and waits for all of them. */
    public void produce(String topic, int partition, Collection<String> values) {
        try (KafkaProducer<String, String> producer = producer(Map.of("linger.ms", "5"))) {
            var pending = values.stream()
                    .map(value -> producer.send(new ProducerRecord<>(topic, partition, null, value)))
                    .toList();
            for (var acknowledgement : pending) {
                acknowledgement.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException | ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("producing to " + topic + "-" + partition, e);
        }
    }

    /** Polls until {@code count} records have come; returns them, or fails with what did come. */
    public static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (records.size() < count) {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("expected " + count + " records, got " + records.size() + ": " + records);
            }
        }
        return records;
    }

    /** All values of one partition from its log start to its end, without a group. */
    public List<ConsumerRecord<String, String>> readAll(String topic, int partition) {
        TopicPartition assigned = new TopicPartition(topic, partition);
        long endOffset = endOffset(assigned);
        Map<String, String> configs = Map.of("enable.auto.commit", "false");
        try (KafkaConsumer<String, String> consumer = consumer("unused", configs)) {
            consumer.assign(List.of(assigned));
            consumer.seekToBeginning(List.of(assigned));
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(assigned) < endOffset) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                if (System.nanoTime() > deadlineNanos) {
                    throw new AssertionError(
                            "read only to " + consumer.position(assigned) + " of " + endOffset + " in " + assigned);
                }
            }
            return records;
        }
    }

    public long endOffset(TopicPartition partition) {
        return offset(partition, OffsetSpec.latest());
    }

    public long startOffset(TopicPartition partition) {
        return offset(partition, OffsetSpec.earliest());
    }

    public long offset(TopicPartition partition, OffsetSpec spec) {
        return get(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition))
                .offset();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}

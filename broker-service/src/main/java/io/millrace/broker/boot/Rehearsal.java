package io.millrace.broker.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the first clients of a broker do, done once while its start-up cache is recorded: the classes behind it are then in the cache,
 * with profiles of the methods that ran often. Creates a topic, produces with every compression, reads in a group of each protocol, commits, deletes.
 */
final class Rehearsal {

    private static final String TOPIC = "rehearsal";
    private static final int PARTITIONS = 3;
    private static final int ROUNDS = 400;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String bootstrapServer;

    Rehearsal(String bootstrapServer) {
        this.bootstrapServer = bootstrapServer;
    }

    /** Plays every part; throws when one cannot be finished. */
    void play() {
        try (Admin admin = Admin.create(settings(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            int records = 0;
            for (CompressionType compression : CompressionType.values()) {
                records += produce(compression);
            }
            for (GroupProtocol protocol : GroupProtocol.values()) {
                consume(protocol.name(), records);
                admin.listConsumerGroupOffsets(protocol.name()).all().get();
            }
            admin.deleteTopics(List.of(TOPIC)).all().get();
        } catch (ExecutionException e) {
            throw new StartFailure("the rehearsal failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the rehearsal was interrupted", e);
        }
    }

    /** Waits for most records one by one: requests, not records, are what is rehearsed. */
    private int produce(CompressionType compression) throws ExecutionException, InterruptedException {
        Map<String, Object> settings = settings(Map.of(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.name));
        int rounds = compression == CompressionType.NONE ? ROUNDS : PARTITIONS;
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int round = 0; round < rounds; round++) {
                List<Future<?>> sent = new ArrayList<>();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    sent.add(producer.send(new ProducerRecord<>(TOPIC, partition, new byte[] {1}, new byte[100])));
                }
                for (Future<?> future : sent) {
                    future.get();
                }
            }
        }
        return rounds * PARTITIONS;
    }

    private void consume(String protocol, int records) {
        Map<String, Object> settings = settings(Map.of(
                ConsumerConfig.GROUP_ID_CONFIG, protocol,
                ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "100"));
        long endNs = System.nanoTime() + LIMIT.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            int read = 0;
            while (read < records) {
                read += consumer.poll(Duration.ofSeconds(1)).count();
                if (System.nanoTime() > endNs) {
                    throw new StartFailure("the rehearsal read " + read + " of " + records + " records in " + LIMIT);
                }
                consumer.commitSync();
            }
        }
    }

    private Map<String, Object> settings(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServer);
        return settings;
    }
}

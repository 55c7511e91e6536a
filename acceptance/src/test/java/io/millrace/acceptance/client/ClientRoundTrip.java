package io.millrace.acceptance.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Creates a topic, produces, consumes in a group, commits, and deletes both, with whatever kafka-clients its class loader finds.
 * Uses only what kafka-clients has had since 2.8; takes and returns JDK types, since the caller has another class loader.
 */
public final class ClientRoundTrip implements Function<Map<String, String>, Map<String, String>> {
    private static final long LIMIT_S = 30;

    @Override
    public Map<String, String> apply(Map<String, String> arguments) {
        try {
            return run(arguments);
        } catch (Exception e) {
            throw new IllegalStateException("round trip with kafka-clients " + AppInfoParser.getVersion(), e);
        }
    }

    private static Map<String, String> run(Map<String, String> arguments) throws Exception {
        String bootstrap = arguments.get("bootstrap");
        String topic = arguments.get("topic");
        String group = arguments.get("group");
        int count = Integer.parseInt(arguments.get("count"));
        Map<String, String> answer = new HashMap<>();
        answer.put("version", AppInfoParser.getVersion());
        try (AdminClient admin = AdminClient.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(Collections.singleton(new NewTopic(topic, 1, (short) 1)))
                    .all()
                    .get(LIMIT_S, TimeUnit.SECONDS);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2)))
                    .all()
                    .get(LIMIT_S, TimeUnit.SECONDS);
            answer.put(
                    "acknowledged", Integer.toString(produce(bootstrap, topic, arguments.get("compression"), count)));
            answer.put("consumed", Integer.toString(consume(bootstrap, topic, group, count)));
            long committed = admin
                    .listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(LIMIT_S, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .mapToLong(offset -> offset.offset())
                    .sum();
            answer.put("committed", Long.toString(committed));
            admin.deleteConsumerGroups(Collections.singleton(group)).all().get(LIMIT_S, TimeUnit.SECONDS);
            admin.deleteTopics(Collections.singleton(topic)).all().get(LIMIT_S, TimeUnit.SECONDS);
        }
        return answer;
    }

    private static int produce(String bootstrap, String topic, String compression, int count) throws Exception {
        Map<String, Object> configs = Map.of(
                "bootstrap.servers", bootstrap,
                "compression.type", compression,
                "acks", "all",
                "enable.idempotence", "true",
                "linger.ms", "10");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> pending = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                pending.add(producer.send(new ProducerRecord<>(topic, "key " + number, value(number))));
            }
            for (Future<RecordMetadata> acknowledgement : pending) {
                acknowledgement.get(LIMIT_S, TimeUnit.SECONDS);
            }
            return pending.size();
        }
    }

    private static int consume(String bootstrap, String topic, String group, int count) {
        Map<String, Object> configs = Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                group,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(Collections.singleton(topic));
            Map<String, String> received = new HashMap<>();
            long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_S);
            while (received.size() < count && System.nanoTime() < deadlineNanos) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    if (received.put(record.key(), record.value()) != null) {
                        throw new IllegalStateException("came twice: " + record.key());
                    }
                }
            }
            for (int number = 0; number < count; number++) {
                if (!value(number).equals(received.get("key " + number))) {
                    throw new IllegalStateException("record " + number + " of " + count + " missing or changed");
                }
            }
            consumer.commitSync();
            return received.size();
        }
    }

    private static String value(int number) {
        return "value " + number + " " + "x".repeat(100);
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.BrokerUnderTest;
import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.Test;

/** One of two log directories fails: its partitions go offline, the broker says so wherever one looks, and the others go on. */
@Lab
final class DiskTroubleIT {
    private static final String KILOBYTE = "x".repeat(1024);

    @Test
    void aDirectoryThatFailsTakesItsPartitionsOfflineAndNoOthers(Brokers brokers) throws Exception {
        BrokerUnderTest broker = brokers.start(Map.of(
                "log.dirs", "{directory}/one,{directory}/two",
                "log.segment.bytes", "1048576",
                "millrace.metrics.listener", "127.0.0.1:{secondPort}"));
        Path failing = broker.dataDirectory().resolveSibling("two");
        String topic = broker.newTopic("jbod", 4);
        broker.clients().produce(topic, 0, List.of("before"));
        List<TopicPartition> lost = partitionsIn(broker, failing, topic);
        assertThat(lost).hasSizeBetween(1, 3);
        TopicPartition kept = IntStream.range(0, 4)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .filter(partition -> !lost.contains(partition))
                .findFirst()
                .orElseThrow();

        remove(failing);
        fillASegment(broker, lost.getFirst());

        await().untilAsserted(() -> assertThat(
                        descriptions(broker).get(failing.toString()).error())
                .isInstanceOf(KafkaStorageException.class));
        await().untilAsserted(() -> {
            for (TopicPartition partition : lost) {
                assertThat(leader(broker, partition))
                        .as("leader of %s", partition)
                        .isNull();
            }
        });
        assertThat(leader(broker, kept)).isNotNull();
        List<String> values = Collections.nCopies(3000, KILOBYTE);
        broker.clients().produce(topic, kept.partition(), values);
        assertThat(broker.clients().readAll(topic, kept.partition()))
                .extracting(ConsumerRecord::value)
                .endsWith(values.toArray(String[]::new));
        if (!Distribution.isApacheKafka()) {
            assertThat(broker.process().linesMatching("ERROR Log directory " + failing + " is offline"))
                    .hasSize(1);
            assertThat(metrics(broker)).contains("millrace_log_dirs_offline 1.0");
        }
    }

    private static List<TopicPartition> partitionsIn(BrokerUnderTest broker, Path directory, String topic)
            throws Exception {
        return descriptions(broker).get(directory.toString()).replicaInfos().keySet().stream()
                .filter(partition -> partition.topic().equals(topic))
                .toList();
    }

    private static Map<String, LogDirDescription> descriptions(BrokerUnderTest broker) throws Exception {
        return broker.admin()
                .describeLogDirs(List.of(1))
                .allDescriptions()
                .get()
                .get(1);
    }

    private static Node leader(BrokerUnderTest broker, TopicPartition partition) throws Exception {
        return broker.admin()
                .describeTopics(List.of(partition.topic()))
                .allTopicNames()
                .get()
                .get(partition.topic())
                .partitions()
                .get(partition.partition())
                .leader();
    }

    /** What no broker can do when the directory is gone is to make the next file. */
    private static void fillASegment(BrokerUnderTest broker, TopicPartition partition) {
        Map<String, String> impatient =
                Map.of("delivery.timeout.ms", "2000", "request.timeout.ms", "1000", "linger.ms", "0");
        try (KafkaProducer<String, String> producer = broker.clients().producer(impatient)) {
            for (int i = 0; i < 1500; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, KILOBYTE));
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String metrics(BrokerUnderTest broker) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + broker.secondPort() + "/metrics");
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}

package io.millrace.acceptance.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.acceptance.broker.Brokers;
import io.millrace.acceptance.broker.ClusterUnderTest;
import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.broker.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** D2, the other way round: consumers read from the replica in their rack (KIP-392). */
@Lab
final class D2FollowersServeConsumersLab {
    private static final TopicPartition PARTITION = new TopicPartition("near", 0);

    @Test
    void aConsumerReadsFromTheFollowerInItsRackAndFromTheLeaderWhenThatIsGone(Brokers brokers) {
        ClusterUnderTest cluster = brokers.cluster(
                Distribution.underTest(),
                3,
                Map.of(
                        "broker.rack", "rack-{id}",
                        "replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector"));
        cluster.tool("kafka-topics", "--create", "--topic", "near", "--replica-assignment", "1:2:3")
                .succeeded();
        cluster.awaitInSync("near");
        List<String> first = values(0, 500);
        List<String> second = values(500, 1_000);
        List<String> third = values(1_000, 1_500);
        cluster.clients().produce("near", 0, first);

        try (KafkaConsumer<String, String> consumer = cluster.clients()
                .consumer("near-readers", Map.of("client.rack", "rack-2", "fetch.max.wait.ms", "200"))) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            List<String> seen = new ArrayList<>();
            read(consumer, seen, 500);
            cluster.clients().produce("near", 0, second);
            read(consumer, seen, 1_000);
            assertThat(preferredReplica(consumer)).isEqualTo(2);
            assertThat(bytesFrom(consumer, 2)).isGreaterThan(bytesFrom(consumer, 1));

            cluster.node(2).kill();
            cluster.clients().produce("near", 0, third);
            read(consumer, seen, 1_500);
            assertThat(seen).isEqualTo(values(0, 1_500));
            assertThat(preferredReplica(consumer)).isNotEqualTo(2);
        }
    }

    private static List<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "value-" + i).toList();
    }

    private static void read(KafkaConsumer<String, String> consumer, List<String> seen, int count) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(1))
                .pollInSameThread()
                .until(() -> {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
                    return seen.size() >= count;
                });
    }

    private static int preferredReplica(KafkaConsumer<String, String> consumer) {
        return (int) metric(consumer, "preferred-read-replica", Map.of("topic", "near", "partition", "0"));
    }

    private static double bytesFrom(KafkaConsumer<String, String> consumer, int broker) {
        return metric(consumer, "incoming-byte-total", Map.of("node-id", "node-" + broker));
    }

    private static double metric(KafkaConsumer<String, String> consumer, String name, Map<String, String> tags) {
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals(name)
                        && metric.metricName().tags().entrySet().containsAll(tags.entrySet()))
                .map(Metric::metricValue)
                .map(Number.class::cast)
                .mapToDouble(Number::doubleValue)
                .findFirst()
                .orElse(-1);
    }
}

package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker alone tells Prometheus. */
class MetricsTest {

    @TempDir
    Path directory;

    @Test
    void aBrokerIsScrapedOverHttpAndCountsWhatClientsDo() throws Exception {
        int port = freePort();
        Broker broker = broker("127.0.0.1:" + port);
        broker.start();
        try {
            rebalance(broker.bootstrapServer());
            String text = get(port, "/metrics");
            assertThat(text)
                    .contains("millrace_group_rebalances_total{cause=\"MEMBER_JOINED\"} 1.0")
                    .contains("millrace_group_generation_members_count")
                    .contains("millrace_group_rebalance_duration_seconds_bucket")
                    .contains("millrace_group_coordinator_load_duration_seconds_count")
                    .contains("millrace_group_journal_lost_total 0.0")
                    .contains("millrace_partitions_under_replicated 0.0")
                    .contains("millrace_partitions_offline 0.0")
                    .contains("millrace_log_dirs_offline 0.0")
                    .contains("millrace_controller_active 1.0")
                    .contains("jvm_memory_used_bytes");
            assertThat(value(text, "millrace_requests_seconds_count{api=\"JoinGroup\"}"))
                    .isGreaterThanOrEqualTo(1);
            assertThat(value(text, "millrace_requests_seconds_count{api=\"OffsetCommit\"}"))
                    .as("the rate of commits")
                    .isEqualTo(1);
            assertThat(value(text, "millrace_requests_seconds_sum{api=\"OffsetCommit\"}"))
                    .as("their latency")
                    .isBetween(1e-9, 10.0);
            assertThat(value(text, "millrace_request_size_bytes_total{api=\"Metadata\"}"))
                    .isGreaterThan(10);
            assertThat(value(text, "millrace_partitions_led")).isGreaterThan(2);
            assertThat(get(port, "/actuator/prometheus")).contains("millrace_connections");
        } finally {
            broker.close();
        }
    }

    @Test
    void whereMetricsCannotBeServedTheStartSaysSo() {
        assertThatThrownBy(() -> broker("nowhere").start())
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("millrace.metrics.listener=nowhere is not of the form HOST:PORT");
    }

    private Broker broker(String metricsListener) throws Exception {
        Path file = directory.resolve("server.properties");
        Files.write(
                file,
                List.of(
                        "listeners=PLAINTEXT://127.0.0.1:0",
                        "log.dirs=" + directory.resolve("data"),
                        "offsets.topic.num.partitions=1",
                        "millrace.metrics.listener=" + metricsListener));
        return new Broker(NodeConfig.of(Settings.ofFile(file)), FirstStart.FORMATS, Map.of());
    }

    private static void rebalance(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic("orders", 2, (short) 1)))
                    .all()
                    .get();
        }
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", bootstrap, "group.id", "shop", "enable.auto.commit", "false"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            long limitNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (consumer.assignment().size() < 2) {
                consumer.poll(Duration.ofMillis(100));
                assertThat(System.nanoTime()).as("an assignment within 60 s").isLessThan(limitNs);
            }
            consumer.commitSync(Map.of(new TopicPartition("orders", 0), new OffsetAndMetadata(0)));
        }
    }

    private static double value(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(-1);
    }

    private static String get(int port, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

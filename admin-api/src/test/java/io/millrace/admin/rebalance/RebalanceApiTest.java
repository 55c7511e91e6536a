package io.millrace.admin.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import io.millrace.admin.kafka.KafkaProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A group of a cluster without a journal: it is looked at, and the answer says so. */
@SpringBootTest(classes = AdminApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class RebalanceApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    int port;

    @DynamicPropertySource
    static void cluster(DynamicPropertyRegistry registry) {
        registry.add("millrace.clusters[0].bootstrap-servers", KafkaProcess::bootstrap);
    }

    @Test
    void withoutAJournalAGroupIsLookedAtAndTheAnswerSaysSo() throws Exception {
        String topic = "looked-at-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaProcess.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
        }
        try (var first = consumer(topic);
                BufferedReader tail = tail(topic)) {
            assertThat(nextLine(tail, "event:")).isEqualTo("event:ready");
            assertThat(nextLine(tail, "data:")).contains("POLLING");
            poll(first, 2);
            assertThat(nextLine(tail, "event:")).isEqualTo("event:events");
            assertThat(nextLine(tail, "data:"))
                    .contains("\"type\":\"MEMBER_JOINED\"")
                    .contains(topic + "-0");

            JsonNode history = get("/consumer-groups/" + topic + "/rebalances");
            assertThat(history.path("source").asString()).isEqualTo("POLLING");
            assertThat(history.path("note").asString()).contains("keeps no group journal");
        }
        JsonNode history = get("/consumer-groups/" + topic + "/rebalances");
        long limitNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!history.path("events").toString().contains("MEMBER_LEFT") && System.nanoTime() < limitNs) {
            history = get("/consumer-groups/" + topic + "/rebalances");
        }
        assertThat(history.path("events").toString()).contains("\"departure\":\"UNKNOWN\"");
        assertThat(history.at("/verdict/sentence").asString()).contains("why cannot be told");
        assertThat(get("/rebalances").path("groups").toString()).contains(topic);
    }

    @Test
    void whatCannotBeAskedIsAProblem() throws Exception {
        assertThat(answer("local", "/consumer-groups/g/rebalances?minutes=0").body())
                .contains("INVALID_MINUTES");
        assertThat(answer("local", "/rebalances?minutes=1441").statusCode()).isEqualTo(400);
        assertThat(answer("elsewhere", "/consumer-groups/g/rebalances").body()).contains("UNKNOWN_CLUSTER");
        assertThat(get("/consumer-groups/nobody/rebalances").at("/verdict/kind").asString())
                .isEqualTo("QUIET");
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String topic) {
        var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", KafkaProcess.bootstrap(), "group.id", topic),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private static void poll(KafkaConsumer<byte[], byte[]> consumer, int partitions) {
        long limitNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (consumer.assignment().size() != partitions) {
            consumer.poll(Duration.ofMillis(100));
            assertThat(System.nanoTime()).isLessThan(limitNs);
        }
    }

    private BufferedReader tail(String group) throws Exception {
        return new BufferedReader(new InputStreamReader(
                HTTP.send(
                                HttpRequest.newBuilder(uri("local", "/rebalances:tail?groupId=" + group))
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8));
    }

    private static String nextLine(BufferedReader stream, String start) throws Exception {
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith(start)) return line;
        }
        return "";
    }

    private JsonNode get(String path) throws Exception {
        HttpResponse<String> answer = answer("local", path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private HttpResponse<String> answer(String cluster, String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(uri(cluster, path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String cluster, String path) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/clusters/" + cluster + path);
    }
}

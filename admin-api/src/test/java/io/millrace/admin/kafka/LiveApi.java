package io.millrace.admin.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the tests of the API over real brokers share: one API that looks after Apache Kafka and Millrace at once, under the
 * ids "apache" and "millrace". A class that extends this runs once for each, and every test has a topic name of its own.
 */
@ParameterizedClass
@EnumSource(BrokerProcess.Kind.class)
@SpringBootTest(classes = AdminApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
public abstract class LiveApi {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    protected static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    protected int port;

    @Parameter
    protected BrokerProcess.Kind kind = BrokerProcess.Kind.APACHE;

    protected String topic = "";

    @DynamicPropertySource
    static void clusters(DynamicPropertyRegistry registry) {
        for (BrokerProcess.Kind one : BrokerProcess.Kind.values()) {
            String prefix = "millrace.clusters[" + one.ordinal() + "].";
            registry.add(prefix + "id", one::id);
            registry.add(prefix + "bootstrap-servers", () -> BrokerProcess.bootstrap(one));
        }
        String schemas = PaymentSchemas.serve();
        for (BrokerProcess.Kind one : BrokerProcess.Kind.values()) {
            registry.add("millrace.schema-registry." + one.id() + ".url", () -> schemas);
        }
        registry.add("millrace.masking.rules[0].topics", () -> "masked-.*");
        registry.add("millrace.masking.rules[0].paths", () -> "card.number");
        registry.add("millrace.masking.rules[1].topics", () -> "masked-.*");
        registry.add("millrace.masking.rules[1].part", () -> "headers");
        registry.add("millrace.masking.rules[1].headers", () -> "secret");
    }

    @BeforeEach
    void freshName() {
        topic = "orders-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");
    }

    public record Answer(int status, java.net.http.HttpHeaders headers, JsonNode body) {
        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        public String text(String path) {
            return body.at(path).asString();
        }
    }

    protected String bootstrap() {
        return BrokerProcess.bootstrap(kind);
    }

    protected static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.text("/code")).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.text("/detail")).isNotBlank();
        assertThat(answer.body().has("trace")).isFalse();
    }

    protected void create(String name, int partitions) throws Exception {
        Answer answer = post("/topics", "{\"name\":\"%s\",\"partitions\":%d}".formatted(name, partitions));
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(201);
    }

    /** Spreads records evenly over the partitions. */
    protected void fill(int count) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap()), new StringSerializer(), new StringSerializer())) {
            int partitions = producer.partitionsFor(topic).size();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, i % partitions, "key-" + i, "value-" + i)));
            }
            for (Future<RecordMetadata> one : sent) one.get();
        }
    }

    protected Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    protected static String nextWith(BufferedReader reader, String prefix) throws Exception {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(prefix)) return line;
        }
        return "";
    }

    protected URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/clusters/" + kind.id() + path);
    }

    protected Answer get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    protected Answer delete(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).DELETE());
    }

    /** Posts with further headers, names and values in turn; JSON unless they say otherwise. */
    protected Answer post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path)).headers(headers).POST(HttpRequest.BodyPublishers.ofString(body));
        if (!List.of(headers).contains("Content-Type")) request.header("Content-Type", "application/json");
        return send(request);
    }

    protected Answer post(String path, String json) throws Exception {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    protected static Answer send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        JsonNode body = response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        return new Answer(response.statusCode(), response.headers(), body);
    }

    /** The events of a stream, one line after the other; closing it ends the stream. */
    protected BufferedReader stream(String path) throws Exception {
        return new BufferedReader(new InputStreamReader(
                HTTP.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8));
    }
}

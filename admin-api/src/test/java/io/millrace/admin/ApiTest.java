package io.millrace.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.KafkaProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API over a real broker: an Admin client of our own must see exactly what the API did. */
@SpringBootTest(classes = AdminApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    int port;

    private String topic = "";

    @DynamicPropertySource
    static void cluster(DynamicPropertyRegistry registry) {
        registry.add("millrace.clusters[0].bootstrap-servers", KafkaProcess::bootstrap);
    }

    @BeforeEach
    void freshName() {
        topic = "orders-" + Uuid.randomUuid().toString().replaceAll("[^A-Za-z0-9]", "");
    }

    record Answer(int status, String type, JsonNode body) {
        String text(String path) {
            return body.at(path).asString();
        }
    }

    @Test
    void aTopicIsCreatedDescribedGrownConfiguredAndDeleted() throws Exception {
        Answer dry = post("/topics?dryRun=true", "{\"name\":\"%s\",\"partitions\":2}".formatted(topic));
        assertThat(dry.status()).isEqualTo(200);
        assertThat(get("/topics/" + topic).status()).isEqualTo(404);

        Answer created = post(
                "/topics",
                "{\"name\":\"%s\",\"partitions\":2,\"configs\":{\"retention.ms\":\"1000000\"}}".formatted(topic));
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.body().at("/partitions")).hasSize(2);
        assertThat(created.text("/partitions/0/endOffset")).isEqualTo("0");

        assertThat(post("/topics/" + topic + "/partitions:grow", "{\"total\":3}")
                        .status())
                .isEqualTo(200);
        Answer shrunk = post("/topics/" + topic + "/partitions:grow", "{\"total\":2}");
        assertThat(shrunk.status()).isEqualTo(400);
        assertThat(shrunk.text("/detail"))
                .isEqualTo("topic '" + topic
                        + "' has 3 partitions; partitions can be added but not removed (asked for 2)");

        Answer altered = post(
                "/topics/" + topic + "/configs:alter",
                "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"2000000\"}]}");
        assertThat(altered.text("/changes/0/before")).isEqualTo("1000000");
        try (Admin admin = admin()) {
            assertThat(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic)
                            .partitions())
                    .hasSize(3);
        }
        assertThat(delete("/topics/" + topic).text("/code")).isEqualTo("CONFIRMATION_REQUIRED");
        assertThat(delete("/topics/" + topic + "?confirm=" + topic).status()).isEqualTo(204);
        try (Admin admin = admin()) {
            assertThat(admin.listTopics().names().get()).doesNotContain(topic);
        }
        assertThat(get("/audit-events").body().at("/items/0/action").asString()).isEqualTo("delete-topic");
    }

    @Test
    void listsArePagedByCursorWithoutGapsOrDoubles() throws Exception {
        for (int i = 0; i < 5; i++) create(topic + "-" + i, 1);
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = get("/topics?limit=2&q=" + topic + cursor);
            page.body().at("/items").forEach(item -> seen.add(item.at("/name").asString()));
            assertThat(page.body().at("/page/total").asInt()).isEqualTo(5);
            cursor = page.body().at("/page/next").isMissingNode() ? "" : "&cursor=" + page.text("/page/next");
        } while (!cursor.isEmpty());
        assertThat(seen).containsExactly(topic + "-0", topic + "-1", topic + "-2", topic + "-3", topic + "-4");
    }

    @Test
    void everyRecordIsFoundForwardsAndBackwardsExactlyOnce() throws Exception {
        create(topic, 3);
        fill(250);
        for (String from : List.of("OLDEST", "NEWEST")) {
            Set<String> seen = new HashSet<>();
            int items = 0;
            String cursor = "";
            do {
                Answer page = get("/topics/" + topic + "/records?limit=40&from=" + from + cursor);
                assertThat(page.status()).isEqualTo(200);
                for (JsonNode item : page.body().at("/items")) {
                    items++;
                    seen.add(item.at("/partition").asInt() + "@"
                            + item.at("/offset").asString());
                }
                cursor = page.body().at("/next").isMissingNode() ? "" : "&cursor=" + page.text("/next");
            } while (!cursor.isEmpty());
            assertThat(items).as(from).isEqualTo(250);
            assertThat(seen).as(from).hasSize(250);
        }
        Answer filtered = get("/topics/" + topic + "/records?from=OLDEST&q=VALUE-17");
        assertThat(filtered.body().at("/items")).hasSize(11);
        assertThat(filtered.text("/scanned")).isEqualTo("250");
    }

    @Test
    void aProducedRecordComesBackWhole() throws Exception {
        create(topic, 1);
        Answer produced = post(
                "/topics/" + topic + "/records",
                "{\"key\":\"k\",\"value\":\"{\\\"id\\\":9223372036854775807}\",\"headers\":[{\"name\":\"h\",\"value\":\"v\"}]}");
        assertThat(produced.status()).isEqualTo(201);
        Answer one = get("/topics/" + topic + "/partitions/0/records/" + produced.text("/offset"));
        assertThat(one.text("/value/data")).isEqualTo("{\"id\":9223372036854775807}");
        assertThat(one.text("/key/data")).isEqualTo("k");
        assertThat(one.text("/headers/0/value/data")).isEqualTo("v");
        assertThat(get("/topics/" + topic + "/partitions/0/records/99").text("/code"))
                .isEqualTo("UNKNOWN_RECORD");
        assertThat(get("/topics/" + topic + "/partitions/7/records/0").text("/code"))
                .isEqualTo("UNKNOWN_PARTITION");
    }

    @Test
    void purgingShowsWhatGoesAndThenRemovesExactlyThat() throws Exception {
        create(topic, 1);
        fill(20);
        Answer preview = post("/topics/" + topic + "/records:purge?dryRun=true", "{\"beforeOffset\":\"15\"}");
        assertThat(preview.text("/offsetsRemoved")).isEqualTo("15");
        assertThat(post("/topics/" + topic + "/records:purge", "{\"everything\":true}")
                        .text("/code"))
                .isEqualTo("CONFIRMATION_REQUIRED");
        post("/topics/" + topic + "/records:purge?confirm=" + topic, "{\"beforeOffset\":\"15\"}");
        Answer left = get("/topics/" + topic + "/records?from=OLDEST");
        assertThat(left.body().at("/items")).hasSize(5);
        assertThat(left.text("/items/0/offset")).isEqualTo("15");
    }

    @Test
    void tailSendsNewRecordsAsEvents() throws Exception {
        create(topic, 1);
        HttpResponse<java.io.InputStream> events = HTTP.send(
                HttpRequest.newBuilder(uri("/topics/" + topic + "/records:tail"))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            assertThat(nextWith(reader, "event:")).isEqualTo("event:ready");
            fill(1);
            assertThat(nextWith(reader, "event:")).isEqualTo("event:records");
            assertThat(nextWith(reader, "data:")).contains("value-0");
        }
    }

    @Test
    void offsetsAreResetOnlyWhileNobodyReads() throws Exception {
        create(topic, 2);
        fill(30);
        String group = "group-" + topic;
        try (KafkaConsumer<String, String> consumer = consumer(group)) {
            consumer.subscribe(List.of(topic));
            await().atMost(KafkaProcess.patience()).until(() -> {
                consumer.poll(Duration.ofMillis(200));
                return consumer.assignment().size() == 2
                        && consumer.position(new TopicPartition(topic, 0))
                                        + consumer.position(new TopicPartition(topic, 1))
                                == 30;
            });
            consumer.commitSync();
            Answer refused = post("/consumer-groups/" + group + "/offsets:reset", "{\"mode\":\"EARLIEST\"}");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.text("/code")).isEqualTo("GROUP_HAS_ACTIVE_MEMBERS");
            Answer detail = get("/consumer-groups/" + group);
            assertThat(detail.body().at("/members")).hasSize(1);
            assertThat(detail.text("/group/lag")).isEqualTo("0");
        }
        Answer preview = post("/consumer-groups/" + group + "/offsets:reset?dryRun=true", "{\"mode\":\"EARLIEST\"}");
        assertThat(preview.body().at("/applied").asBoolean()).isFalse();
        assertThat(committed(group)).isEqualTo(30);
        assertReset(group, "{\"mode\":\"EARLIEST\"}", 0);
        assertReset(group, "{\"mode\":\"LATEST\"}", 30);
        assertReset(group, "{\"mode\":\"SHIFT_BY\",\"shiftBy\":\"-3\"}", 24);
        assertReset(group, "{\"mode\":\"OFFSET\",\"offset\":\"2\"}", 4);
        assertReset(group, "{\"mode\":\"CURRENT\"}", 4);
        assertReset(group, "{\"mode\":\"DURATION\",\"duration\":\"P1D\"}", 0);
        assertReset(group, "{\"mode\":\"DATETIME\",\"datetime\":\"2999-01-01T00:00:00Z\"}", 30);
        assertReset(
                group,
                "{\"mode\":\"OFFSETS\",\"partitions\":[{\"topic\":\"%s\",\"partition\":0,\"offset\":\"1\"},{\"topic\":\"%s\",\"partition\":1,\"offset\":\"1\"}]}"
                        .formatted(topic, topic),
                2);
        String other = "other-" + group;
        post(
                "/consumer-groups/" + other + "/offsets:reset",
                "{\"mode\":\"FROM_GROUP\",\"fromGroup\":\"%s\",\"topics\":[\"%s\"]}".formatted(group, topic));
        assertThat(committed(other)).isEqualTo(2);
        Answer lag = get("/consumer-groups/" + group);
        assertThat(lag.text("/group/lag")).isEqualTo("28");
        assertThat(lag.body().at("/group/lagSeconds").isNumber()).isTrue();
        assertThat(delete("/consumer-groups/" + group + "?confirm=" + group).status())
                .isEqualTo(204);
        assertThat(get("/consumer-groups/" + group).text("/code")).isEqualTo("UNKNOWN_GROUP");
    }

    @Test
    void burrowEvaluatesAGroup() throws Exception {
        create(topic, 1);
        fill(10);
        String group = "burrow-" + topic;
        post(
                "/consumer-groups/" + group + "/offsets:reset",
                "{\"mode\":\"LATEST\",\"topics\":[\"%s\"]}".formatted(topic));
        await().atMost(KafkaProcess.patience()).untilAsserted(() -> {
            Answer lag = burrow("/consumer/" + group + "/lag");
            assertThat(lag.status()).isEqualTo(200);
            assertThat(lag.text("/status/status")).isEqualTo("OK");
            assertThat(lag.body().at("/status/partitions/0/end/offset").asLong())
                    .isEqualTo(10);
            assertThat(lag.body().at("/status/totallag").isNumber()).isTrue();
        });
        Answer verdict = get("/consumer-groups/" + group + "/evaluation");
        assertThat(verdict.text("/status")).isEqualTo("OK");
        assertThat(verdict.text("/partitions/0/rule")).isEqualTo("nothing is left to consume");
        assertThat(burrow("/consumer/" + group + "/status").body().at("/status/partitions"))
                .isEmpty();
        Answer detail = burrow("/consumer/" + group);
        assertThat(detail.body().at("/topics/" + topic + "/0/current-lag").isNumber())
                .isTrue();
        assertThat(detail.body().at("/topics/" + topic + "/0/offsets")).isNotEmpty();
        String metrics = metrics();
        assertThat(metrics)
                .contains("burrow_kafka_consumer_lag_total{cluster=\"local\",consumer_group=\"" + group + "\"} 0.0")
                .contains("burrow_kafka_consumer_status{cluster=\"local\",consumer_group=\"" + group + "\"} 1.0")
                .contains("millrace_consumer_group_lag_records{cluster=\"local\",group=\"" + group + "\"} 0.0")
                .contains("millrace_consumer_group_partition_lag_seconds{client_id=\"\",cluster=\"local\",group=\""
                        + group + "\",partition=\"0\",topic=\"" + topic + "\"} 0.0");
        assertThat(send(HttpRequest.newBuilder(burrowUri("/consumer/" + group)).DELETE())
                        .text("/message"))
                .isEqualTo("consumer group removed");
        assertThat(burrow("/consumer/" + group + "/lag")
                        .body()
                        .at("/status/complete")
                        .asDouble())
                .isZero();
        Answer unknown = burrow("/consumer/nobody/lag");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.body().at("/error").asBoolean()).isFalse();
        assertThat(unknown.text("/status/status")).isEqualTo("NOTFOUND");
        assertThat(burrow("/topic/" + topic).body().at("/offsets/0").asLong()).isEqualTo(10);
    }

    @Test
    void burrowTellsItsConfiguration() throws Exception {
        assertThat(v3("/config").body().has("general")).isTrue();
        assertThat(v3("/config/storage").body().at("/modules/0").asString()).isEqualTo("default");
        assertThat(v3("/config/storage/default").body().at("/module/intervals").asInt())
                .isEqualTo(10);
        assertThat(v3("/config/consumer/local").text("/module/offsets-topic")).isEqualTo("__consumer_offsets");
        assertThat(v3("/config/evaluator").text("/coordinator")).isEqualTo("evaluator");
        assertThat(v3("/config/notifier").body().at("/modules")).isEmpty();
        assertThat(v3("/config/nothing").status()).isEqualTo(404);
        assertThat(v3("/admin/loglevel").text("/level")).isEqualTo("info");
        assertThat(burrow("").body().at("/module/topic-refresh").asInt()).isEqualTo(10);
    }

    @Test
    void lagIsToldForGroupTopicMemberAndPartition() throws Exception {
        create(topic, 2);
        String group = "lag-" + topic;
        post(
                "/consumer-groups/" + group + "/offsets:reset",
                "{\"mode\":\"EARLIEST\",\"topics\":[\"%s\"]}".formatted(topic));
        fill(10);
        await().atMost(KafkaProcess.patience()).untilAsserted(() -> {
            Answer detail = get("/consumer-groups/" + group);
            assertThat(detail.text("/group/lag")).isEqualTo("10");
            assertThat(detail.text("/topics/0/lag")).isEqualTo("10");
            assertThat(detail.text("/partitions/1/lag")).isEqualTo("5");
            assertThat(detail.body().at("/topics/0/lagSeconds").isNumber()).isTrue();
            assertThat(detail.body().at("/group/lagTrendPerSecond").isNumber()).isTrue();
            assertThat(detail.body().at("/group/catchUpSeconds").isMissingNode())
                    .isTrue();
        });
        for (String window : List.of("HOUR", "DAY")) {
            Answer points = get("/consumer-groups/" + group + "/lag-history?window=" + window);
            assertThat(points.body().at("/items")).isNotEmpty();
            assertThat(points.body()
                            .at("/items")
                            .get(points.body().at("/items").size() - 1)
                            .at("/lag")
                            .asString())
                    .isEqualTo("10");
        }
    }

    /** What the document says is required is required; every endpoint that takes a body is in this list. */
    @Test
    void bodiesThatLackSomethingAreRefusedByName() throws Exception {
        create(topic, 1);
        String base = "/topics/" + topic;
        assertLacks(post("/topics", "{}"), "/name");
        assertLacks(post(base + "/configs:alter", "{}"), "/changes");
        assertLacks(post(base + "/configs:alter", "{\"changes\":[{}]}"), "/changes/0/name");
        assertLacks(post("/brokers/1/configs:alter", "{}"), "/changes");
        assertLacks(post("/consumer-groups/g/offsets:reset", "{}"), "/mode");
        assertLacks(post("/partitions:reassign", "{}"), "/assignments");
        assertLacks(post("/partitions:elect-leader", "{}"), "/type");
        assertProblem(post(base + "/partitions:grow", "{}"), 400, "BAD_REQUEST");
        assertProblem(post(base + "/partitions:grow", "{\"total\":\"many\"}"), 400, "BAD_REQUEST");
        assertProblem(post(base + "/records:purge?confirm=" + topic, "{}"), 400, "MISSING_FIELD");
        assertProblem(post("/consumer-groups/g/offsets:reset", "{\"mode\":\"SIDEWAYS\"}"), 400, "BAD_REQUEST");
    }

    @Test
    void unknownNamesAreToldEverywhere() throws Exception {
        create(topic, 1);
        for (String path : List.of(
                "/topics/nope",
                "/topics/nope/configs",
                "/topics/nope/records",
                "/topics/nope/records:tail",
                "/topics/nope/partitions/0/records/0")) {
            assertProblem(get(path), 404, "UNKNOWN_TOPIC");
        }
        assertProblem(post("/topics/nope/configs:alter", "{\"changes\":[{\"name\":\"a\"}]}"), 404, "UNKNOWN_TOPIC");
        assertProblem(post("/topics/nope/partitions:grow", "{\"total\":3}"), 404, "UNKNOWN_TOPIC");
        assertProblem(post("/topics/nope/records", "{\"value\":\"v\"}"), 404, "UNKNOWN_TOPIC");
        assertProblem(post("/topics/nope/records:purge?confirm=nope", "{\"everything\":true}"), 404, "UNKNOWN_TOPIC");
        assertProblem(delete("/topics/nope?confirm=nope"), 404, "UNKNOWN_TOPIC");
        for (String path : List.of("", "/evaluation", "/lag-history")) {
            assertProblem(get("/consumer-groups/nope" + path), 404, "UNKNOWN_GROUP");
        }
        assertProblem(delete("/consumer-groups/nope?confirm=nope"), 404, "UNKNOWN_GROUP");
        assertProblem(post("/consumer-groups/nope/offsets:reset", "{\"mode\":\"EARLIEST\"}"), 404, "UNKNOWN_GROUP");
        for (String path : List.of("/configs", "/log-dirs")) {
            assertProblem(get("/brokers/99" + path), 404, "UNKNOWN_BROKER");
        }
        assertProblem(post("/brokers/99/configs:alter", "{\"changes\":[{\"name\":\"a\"}]}"), 404, "UNKNOWN_BROKER");
        assertProblem(
                post(
                        "/partitions:reassign",
                        "{\"assignments\":[{\"topic\":\"%s\",\"partition\":0,\"replicas\":[99]}]}".formatted(topic)),
                400,
                "UNKNOWN_BROKER");
        Answer outcome = post(
                "/partitions:reassign", "{\"assignments\":[{\"topic\":\"nope\",\"partition\":0,\"replicas\":[1]}]}");
        assertThat(outcome.text("/items/0/code")).isEqualTo("KAFKA_UNKNOWN_TOPIC_OR_PARTITION");
        assertProblem(
                post(
                        "/topics/" + topic + "/configs:alter",
                        "{\"changes\":[{\"name\":\"no.such.key\",\"value\":\"1\"}]}"),
                400,
                "KAFKA_INVALID_CONFIG");
        String elsewhere = "http://127.0.0.1:" + port + "/api/v1/clusters/nowhere";
        for (String path : List.of(
                "",
                "/topics",
                "/consumer-groups",
                "/brokers",
                "/quorum",
                "/partitions",
                "/reassignments",
                "/audit-events")) {
            assertProblem(send(HttpRequest.newBuilder(URI.create(elsewhere + path))), 404, "UNKNOWN_CLUSTER");
        }
    }

    @Test
    void whatIsTooLargeIsRefusedAsSuch() throws Exception {
        create(topic, 1);
        Answer tooLarge = post("/topics/" + topic + "/records", "{\"value\":\"" + "x".repeat(2_000_000) + "\"}");
        assertProblem(tooLarge, 413, "KAFKA_MESSAGE_TOO_LARGE");
        assertProblem(get("/topics?limit=100000"), 400, "INVALID_LIMIT");
        assertProblem(get("/topics/" + topic + "/records?limit=5000"), 400, "INVALID_LIMIT");
        assertProblem(apply("#" + "x".repeat(1_500_000)), 400, "INVALID_MANIFEST");
    }

    @Test
    void wrongMethodsAndMediaTypesAreProblems() throws Exception {
        assertProblem(
                send(HttpRequest.newBuilder(uri("/topics")).PUT(HttpRequest.BodyPublishers.noBody())),
                405,
                "METHOD_NOT_ALLOWED");
        assertProblem(
                send(HttpRequest.newBuilder(uri("/topics"))
                        .header("Content-Type", "text/csv")
                        .POST(HttpRequest.BodyPublishers.ofString("a,b"))),
                415,
                "UNSUPPORTED_MEDIA_TYPE");
    }

    private static void assertLacks(Answer answer, String pointer) {
        assertProblem(answer, 400, "INVALID_FIELDS");
        assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
    }

    @Test
    void strimziManifestsAreAppliedAndOnlyDifferencesChangeAnything() throws Exception {
        String manifest = """
                apiVersion: kafka.strimzi.io/v1beta2
                kind: KafkaTopic
                metadata:
                  name: %s
                  labels:
                    strimzi.io/cluster: local
                spec:
                  partitions: %d
                  replicas: 1
                  config:
                    retention.ms: 7200000
                """;
        assertThat(apply(manifest.formatted(topic, 1)).text("/items/0/outcome")).isEqualTo("CREATED");
        assertThat(apply(manifest.formatted(topic, 1)).text("/items/0/outcome")).isEqualTo("UNCHANGED");
        assertThat(apply(manifest.formatted(topic, 3)).text("/items/0/outcome")).isEqualTo("CONFIGURED");
        Answer shrunk = apply(manifest.formatted(topic, 2));
        assertThat(shrunk.text("/items/0/outcome")).isEqualTo("FAILED");
        assertThat(shrunk.text("/items/0/code")).isEqualTo("PARTITIONS_CANNOT_SHRINK");
        assertThat(apply("kind: Deployment\napiVersion: apps/v1").text("/code")).isEqualTo("INVALID_MANIFEST");
    }

    @Test
    void failuresAreTypedProblems() throws Exception {
        assertProblem(get("/topics/nope"), 404, "UNKNOWN_TOPIC");
        assertProblem(get("/topics/nope/records"), 404, "UNKNOWN_TOPIC");
        assertProblem(get("/consumer-groups/nope"), 404, "UNKNOWN_GROUP");
        assertProblem(get("/brokers/99/configs"), 404, "UNKNOWN_BROKER");
        assertProblem(get("/topics?limit=abc"), 400, "WRONG_TYPE");
        assertProblem(get("/topics?limit=0"), 400, "INVALID_LIMIT");
        assertProblem(get("/topics?sort=colour"), 400, "UNKNOWN_SORT");
        assertProblem(get("/topics?cursor=!!"), 400, "INVALID_CURSOR");
        assertProblem(post("/topics", "{\"name\":\"\"}"), 400, "INVALID_FIELDS");
        assertProblem(post("/topics", "{not json"), 400, "BAD_REQUEST");
        assertProblem(post("/topics", "{\"name\":\"a b\"}"), 400, "KAFKA_INVALID_TOPIC_EXCEPTION");
        assertProblem(
                post("/topics", "{\"name\":\"%s\",\"replicationFactor\":9}".formatted(topic)),
                400,
                "KAFKA_INVALID_REPLICATION_FACTOR");
        create(topic, 1);
        assertProblem(post("/topics", "{\"name\":\"%s\"}".formatted(topic)), 409, "KAFKA_TOPIC_ALREADY_EXISTS");
        assertProblem(get("/topics/" + topic + "/records?from=OFFSET"), 400, "MISSING_FIELD");
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.text("/code")).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.text("/detail")).isNotBlank();
        assertThat(answer.body().has("trace")).isFalse();
    }

    private void assertReset(String group, String request, long expectedSum) throws Exception {
        Answer answer = post("/consumer-groups/" + group + "/offsets:reset", request);
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(200);
        assertThat(committed(group)).as(request).isEqualTo(expectedSum);
    }

    private long committed(String group) throws Exception {
        try (Admin admin = admin()) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(offset -> offset.offset())
                    .sum();
        }
    }

    private void create(String name, int partitions) throws Exception {
        Answer answer = post("/topics", "{\"name\":\"%s\",\"partitions\":%d}".formatted(name, partitions));
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(201);
    }

    /** Spreads records evenly over the partitions. */
    private void fill(int count) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", KafkaProcess.bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            int partitions = producer.partitionsFor(topic).size();
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, "key-" + i, "value-" + i))
                        .get();
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        KafkaProcess.bootstrap(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", KafkaProcess.bootstrap()));
    }

    private static String nextWith(BufferedReader reader, String prefix) throws Exception {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(prefix)) return line;
        }
        return "";
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/clusters/local" + path);
    }

    private Answer get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    private URI burrowUri(String path) {
        return URI.create("http://127.0.0.1:" + port + "/v3/kafka/local" + path);
    }

    private Answer burrow(String path) throws Exception {
        return send(HttpRequest.newBuilder(burrowUri(path)));
    }

    private Answer v3(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v3" + path)));
    }

    private String metrics() throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/prometheus");
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Answer delete(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).DELETE());
    }

    private Answer post(String path, String json) throws Exception {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private Answer apply(String yaml) throws Exception {
        return send(HttpRequest.newBuilder(uri("/topics:apply"))
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(yaml)));
    }

    private static Answer send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        JsonNode body = response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                body);
    }
}

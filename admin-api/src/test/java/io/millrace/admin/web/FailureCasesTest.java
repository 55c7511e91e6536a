package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.BrokerProcess.Kind;
import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks the OpenAPI document: every problem that it says an endpoint may answer with is provoked there, over real brokers, and
 * what comes is that problem. A problem that is documented without a way to provoke it fails this test.
 */
class FailureCasesTest extends LiveApi {
    /** Shown by tests of their own, which walk all endpoints too, or test what stands before all of them. */
    private static final Map<String, String> SHOWN_ELSEWHERE = Map.of(
            "NOT_AUTHENTICATED", "BasicAccessTest",
            "NOT_AUTHORIZED", "BasicAccessTest",
            "READ_ONLY", "ReadOnlyModeTest",
            "CLUSTER_UNREACHABLE", "OpenApiDocumentTest",
            "KAFKA_REQUEST_TIMED_OUT", "OpenApiDocumentTest",
            "BROKER_OFFLINE", "the console's labs, where one broker of three is down",
            "TOO_MANY_TAILS", "EventStreamsTest",
            "CHANGE_IN_PROGRESS", "ResourceLocksTest",
            "REQUEST_IN_PROGRESS", "IdempotencyKeysTest");

    /** What else must be shown of an endpoint that takes these. */
    private static final Map<String, String> DEMANDED = Map.of(
            "clusterId", "UNKNOWN_CLUSTER",
            "topic", "UNKNOWN_TOPIC",
            "brokerId", "UNKNOWN_BROKER",
            "operationId", "UNKNOWN_OPERATION",
            "limit", "INVALID_LIMIT");

    private String operation = "";

    /** One endpoint, and a request to it that would do. */
    private record Endpoint(String method, String path, JsonNode document) {
        List<JsonNode> parameters() {
            return document.path("parameters").valueStream().toList();
        }

        boolean takesYaml() {
            return document.at("/requestBody/content").has("application/yaml");
        }

        boolean takesJson() {
            return document.at("/requestBody/content").has("application/json");
        }

        boolean takesBody() {
            return document.has("requestBody");
        }

        String example() {
            JsonNode content = document.at("/requestBody/content");
            if (takesJson())
                return content.path("application/json").path("example").toString();
            return takesYaml()
                    ? content.path("application/yaml").path("example").asString()
                    : "";
        }

        Set<String> problems() {
            Set<String> codes = new TreeSet<>();
            document.path("responses")
                    .forEach(response -> response.at("/content/application~1problem+json/examples")
                            .propertyNames()
                            .forEach(codes::add));
            return codes;
        }

        int statusOf(String code) {
            for (Map.Entry<String, JsonNode> response :
                    document.path("responses").properties()) {
                if (response.getValue()
                        .at("/content/application~1problem+json/examples")
                        .has(code)) return Integer.parseInt(response.getKey());
            }
            return 0;
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @BeforeEach
    void somethingToAskAbout() throws Exception {
        create(topic, 1);
        fill(1);
        post("/consumer-groups/" + topic + "/offsets:reset", "{\"mode\":\"EARLIEST\",\"topics\":[\"" + topic + "\"]}");
        JsonNode begun = post(
                        "/topics/" + topic + "/records:purge?confirm=" + topic,
                        "{\"beforeOffset\":\"0\"}",
                        "Prefer",
                        "respond-async")
                .body();
        operation = begun.at("/id").asString();
        try (BufferedReader events = stream("/operations/" + operation + ":tail")) {
            while (!nextWith(events, "data:").isEmpty()) continue;
        }
    }

    @Test
    void whatTheDocumentSaysMayGoWrongGoesWrongSo() throws Exception {
        int shown = 0;
        List<String> wrong = new ArrayList<>();
        for (Endpoint endpoint : endpoints()) {
            Set<String> problems = endpoint.problems();
            for (JsonNode parameter : endpoint.parameters()) {
                String demanded = DEMANDED.get(parameter.path("name").asString());
                boolean filters = parameter.path("in").asString().equals("query") && "UNKNOWN_TOPIC".equals(demanded);
                if (demanded != null && !filters && !problems.contains(demanded))
                    wrong.add(endpoint + " does not document " + demanded);
            }
            if (endpoint.takesBody() && !problems.contains("CONTENT_TOO_LARGE"))
                wrong.add(endpoint + " does not document what is too large");
            for (String code : problems) {
                if (SHOWN_ELSEWHERE.containsKey(code)) continue;
                for (Answer answer : provoke(endpoint, code)) {
                    shown++;
                    if (!answer.text("/code").equals(code)
                            || answer.status() != endpoint.statusOf(code)
                            || answer.text("/detail").isBlank()) {
                        wrong.add(endpoint + " should answer " + endpoint.statusOf(code) + " " + code + ", answered "
                                + answer.status() + " " + answer.body());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(shown).isGreaterThan(150);
    }

    private List<Answer> provoke(Endpoint endpoint, String code) throws Exception {
        Asking ask = new Asking(endpoint);
        return switch (code) {
            case "UNKNOWN_CLUSTER" ->
                List.of(ask.in("clusterId", "nowhere").query("confirm", topic).send());
            case "UNKNOWN_TOPIC" ->
                List.of(ask.in("topic", "nope").query("confirm", "nope").send());
            case "UNKNOWN_GROUP" ->
                List.of(ask.in("groupId", "nope")
                        .query("confirm", "nope")
                        .body("{\"mode\":\"EARLIEST\"}")
                        .send());
            case "UNKNOWN_BROKER" ->
                List.of(
                        endpoint.path().contains("{brokerId}")
                                ? ask.in("brokerId", "99").send()
                                : ask.body("{\"assignments\":[{\"topic\":\"%s\",\"partition\":0,\"replicas\":[99]}]}"
                                                .formatted(topic))
                                        .send());
            case "UNKNOWN_OPERATION" -> List.of(ask.in("operationId", "nope").send());
            case "UNKNOWN_PARTITION" ->
                List.of(ask.in("partition", "7").query("partition", "7").send());
            case "UNKNOWN_RECORD" -> List.of(ask.in("offset", "77").send());
            case "UNKNOWN_SORT" -> List.of(ask.query("sort", "colour").send());
            case "UNKNOWN_FILTER" -> List.of(ask.query("filter", "old").send());
            case "UNKNOWN_INCLUDE" -> List.of(ask.query("include", "colours").send());
            case "INVALID_LIMIT" ->
                List.of(
                        ask.query("limit", "100000").send(),
                        new Asking(endpoint).query("limit", "0").send());
            case "INVALID_MINUTES" -> List.of(ask.query("minutes", "0").send());
            case "INVALID_CURSOR" -> List.of(ask.query("cursor", "!!").send());
            case "INVALID_FILTER" -> List.of(ask.query("cel", "valu ==").send());
            case "MISSING_FIELD" ->
                List.of(ask.query("from", "OFFSET")
                        .query("confirm", topic)
                        .body("{}")
                        .send());
            case "WRONG_TYPE" -> wrongTypes(endpoint);
            case "CONFIRMATION_REQUIRED" ->
                List.of(
                        ask.send(),
                        new Asking(endpoint).query("confirm", "nope").send());
            case "CHANGED_MEANWHILE" ->
                List.of(ask.header("If-Match", "\"0\"")
                        .query("dryRun", "true")
                        .body(endpoint.example().replace("orders", topic))
                        .send());
            case "INVALID_FIELDS" -> List.of(ask.body("{}").send());
            case "BAD_REQUEST" -> wrongBodies(endpoint);
            case "INVALID_MANIFEST" ->
                List.of(
                        ask.body("kind: ConfigMap").send(),
                        new Asking(endpoint).body("{").send());
            case "UNSUPPORTED_MEDIA_TYPE" ->
                List.of(ask.header("Content-Type", "text/csv").send());
            case "CROSS_ORIGIN" ->
                List.of(ask.header("Sec-Fetch-Site", "cross-site").send());
            // The same for every cluster, and much to send.
            case "CONTENT_TOO_LARGE" ->
                kind == Kind.APACHE
                        ? List.of()
                        : List.of(ask.unsized(" ".repeat(RequestSizeLimit.MAX_BYTES + 1))
                                .send());
            case "KAFKA_MESSAGE_TOO_LARGE" ->
                List.of(ask.body("{\"value\":\"" + "x".repeat(2_000_000) + "\"}")
                        .send());
            case "IDEMPOTENCY_KEY_REUSED" -> {
                String key = topic + endpoint.path();
                ask.in("clusterId", "nowhere").header("Idempotency-Key", key).send();
                yield List.of(new Asking(endpoint)
                        .in("clusterId", "nowhere")
                        .header("Idempotency-Key", key)
                        .query("again", "1")
                        .send());
            }
            case "GROUP_HAS_ACTIVE_MEMBERS" -> withAMember(ask);
            case "NOTHING_COMMITTED" ->
                List.of(ask.query("confirm", topic)
                        .body("{\"topics\":[\"nope\"]}")
                        .send());
            case "DRY_RUN_UNSUPPORTED" -> List.of(ask.query("dryRun", "true").send());
            case "NO_CHANGES" -> List.of(ask.body("{\"changes\":[]}").send());
            case "KAFKA_INVALID_CONFIG" ->
                List.of(ask.body("{\"changes\":[{\"name\":\"no.such.key\",\"value\":\"1\"}]}")
                        .send());
            case "PARTITIONS_CANNOT_SHRINK" -> List.of(ask.body("{\"total\":0}").send());
            case "KAFKA_TOPIC_ALREADY_EXISTS" ->
                List.of(ask.body("{\"name\":\"" + topic + "\"}").send());
            case "KAFKA_INVALID_TOPIC_EXCEPTION" ->
                List.of(ask.body("{\"name\":\"a b\"}").send());
            case "PARTITIONS_REQUIRED" ->
                List.of(ask.body("{\"type\":\"UNCLEAN\"}").send());
            case "INVALID_SETTING" ->
                List.of(ask.query("confirm", topic).body("{\"acks\":\"2\"}").send());
            case "OPERATION_ENDED" -> List.of(ask.send());
            default ->
                throw new AssertionError(endpoint + " documents " + code
                        + ", and nobody shows how that happens; teach FailureCasesTest to provoke it");
        };
    }

    /** Every parameter that not every text is good for gets one that it is not good for. */
    private List<Answer> wrongTypes(Endpoint endpoint) throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (JsonNode parameter : endpoint.parameters()) {
            JsonNode schema = parameter.path("schema");
            boolean typed = schema.has("format")
                    || schema.has("enum")
                    || !schema.path("type").asString("string").equals("string");
            String name = parameter.path("name").asString();
            if (parameter.path("in").asString().equals("query") && typed) {
                answers.add(new Asking(endpoint).query(name, "abc").send());
            } else if (parameter.path("in").asString().equals("path") && typed) {
                answers.add(new Asking(endpoint).in(name, "abc").send());
            }
        }
        assertThat(answers).as(endpoint.toString()).isNotEmpty();
        return answers;
    }

    /** No JSON, JSON of another shape, and every property as something that it is not. */
    private List<Answer> wrongBodies(Endpoint endpoint) throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (String body : List.of("{not json", "[]", "\"text\"", "")) {
            answers.add(new Asking(endpoint).query("confirm", topic).body(body).send());
        }
        for (String property : properties(endpoint)) {
            ObjectNode body = (ObjectNode) JsonMapper.shared().readTree(endpoint.example());
            body.set(property, JsonMapper.shared().readTree("[[{\"no\":[\"such\"]}]]"));
            answers.add(new Asking(endpoint)
                    .query("confirm", topic)
                    .body(body.toString())
                    .send());
        }
        return answers;
    }

    private List<String> properties(Endpoint endpoint) throws Exception {
        String reference = endpoint.document()
                .at("/requestBody/content/application~1json/schema/$ref")
                .asString();
        return List.copyOf(
                document().at(reference.substring(1)).path("properties").propertyNames());
    }

    private List<Answer> withAMember(Asking ask) throws Exception {
        try (KafkaConsumer<String, String> member = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap(), "group.id", topic),
                new StringDeserializer(),
                new StringDeserializer())) {
            member.subscribe(List.of(topic));
            while (member.assignment().isEmpty()) member.poll(Duration.ofMillis(50));
            return List.of(
                    ask.query("confirm", topic).body("{\"mode\":\"EARLIEST\"}").send());
        }
    }

    private List<Endpoint> endpoints() throws Exception {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document().at("/paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                endpoints.add(new Endpoint(
                        operation.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey(), operation.getValue()));
            }
        }
        return endpoints;
    }

    private JsonNode document() throws Exception {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v3/api-docs")))
                .body();
    }

    /** A request that would do, made to fail in one way. */
    private final class Asking {
        private final Endpoint endpoint;
        private final Map<String, String> path = new HashMap<>();
        private final Map<String, String> query = new TreeMap<>();
        private final Map<String, String> headers = new TreeMap<>();
        private String body;
        private HttpRequest.@Nullable BodyPublisher unsized;

        Asking(Endpoint endpoint) {
            this.endpoint = endpoint;
            this.body = endpoint.example().replace("orders-copy", topic + "-copy");
            path.putAll(Map.of(
                    "clusterId",
                    kind.id(),
                    "topic",
                    topic,
                    "groupId",
                    topic,
                    "brokerId",
                    "1",
                    "operationId",
                    operation));
            path.putAll(Map.of("partition", "0", "offset", "0"));
            if (endpoint.takesBody()) {
                headers.put("Content-Type", endpoint.takesJson() ? "application/json" : "application/yaml");
            }
        }

        Asking in(String name, String value) {
            path.put(name, value);
            return this;
        }

        Asking query(String name, String value) {
            query.put(name, value);
            return this;
        }

        Asking header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Asking body(String text) {
            body = text;
            return this;
        }

        /** So much that it does not say how much it is. */
        Asking unsized(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            unsized = HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes));
            return this;
        }

        Answer send() throws Exception {
            String filled = endpoint.path();
            for (Map.Entry<String, String> one : path.entrySet()) {
                filled = filled.replace("{" + one.getKey() + "}", one.getValue());
            }
            StringBuilder asked = new StringBuilder("http://127.0.0.1:" + port + filled);
            char separator = '?';
            for (Map.Entry<String, String> one : query.entrySet()) {
                asked.append(separator)
                        .append(one.getKey())
                        .append('=')
                        .append(URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8));
                separator = '&';
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(asked.toString()));
            headers.forEach(request::header);
            HttpRequest.BodyPublisher sent = unsized;
            if (sent == null) {
                sent = endpoint.takesBody()
                        ? HttpRequest.BodyPublishers.ofString(body)
                        : HttpRequest.BodyPublishers.noBody();
            }
            return LiveApi.send(request.method(endpoint.method(), sent));
        }
    }
}

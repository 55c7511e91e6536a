package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.BrokerProcess.Kind;
import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records the examples of the OpenAPI document, {@code openapi-examples.json}, from a tour through the API over a broker:
 * {@code ./mvnw -pl admin-api -am test -Dtest=ExamplesTour}. Lists are cut to two items.
 */
class ExamplesTour extends LiveApi {
    private static final Path RESOURCE = Path.of("src/main/resources/openapi-examples.json");
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String CLUSTER = "/api/v1/clusters/{clusterId}";
    private final Map<String, ObjectNode> examples = new TreeMap<>();

    @Test
    void record() throws Exception {
        if (kind != Kind.MILLRACE) return;
        ask(
                "POST",
                "/topics",
                "",
                "{\"name\":\"orders\",\"partitions\":3,\"configs\":{\"retention.ms\":\"86400000\"}}");
        topic = "orders";
        fill(6);
        ask("POST", "/topics/{topic}/records", "", """
            {"key":"o-7","value":"{\\"id\\":7,\\"total\\":129.90}","headers":[{"name":"trace","value":"abc"}]}\
            """);
        ask("POST", "/topics:apply", "?dryRun=true", """
            apiVersion: kafka.strimzi.io/v1
            kind: KafkaTopic
            metadata:
              name: orders
            spec:
              partitions: 6
              config:
                retention.ms: 3600000
            """);
        ask("POST", "/topics/{topic}/partitions:grow", "?dryRun=true", "{\"total\":6}");
        ask(
                "POST",
                "/topics/{topic}/configs:alter",
                "?dryRun=true",
                "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"3600000\"},{\"name\":\"cleanup.policy\"}]}");
        ask("POST", "/topics/{topic}/records:purge", "?dryRun=true", "{\"beforeOffset\":\"1\"}");
        ask(
                "POST",
                "/brokers/{brokerId}/configs:alter",
                "?dryRun=true",
                "{\"changes\":[{\"name\":\"message.max.bytes\",\"value\":\"2000000\"}]}");
        ask(
                "POST",
                "/partitions:reassign",
                "?dryRun=true",
                "{\"assignments\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[1]}]}");
        ask(
                "POST",
                "/partitions:elect-leader",
                "",
                "{\"type\":\"PREFERRED\",\"partitions\":[{\"topic\":\"orders\",\"partition\":0}]}");
        ask("POST", "/consumer-groups/{groupId}/offsets:reset", "", "{\"mode\":\"EARLIEST\",\"topics\":[\"orders\"]}");
        ask("POST", "/consumer-groups/{groupId}/offsets:delete", "?dryRun=true", "{\"topics\":[\"orders\"]}");
        ask(
                "POST",
                "/topics/{topic}/acks-lab",
                "?confirm=orders",
                "{\"acks\":\"all\",\"records\":100,\"recordsPerSecond\":200}");
        JsonNode clone = ask("POST", "/topics/{topic}:clone", "", "{\"name\":\"orders-copy\",\"records\":true}");
        String operation = clone.at("/copy/id").asString();
        String tail = "";
        try (BufferedReader events = stream("/operations/" + operation + ":tail")) {
            for (String data = nextWith(events, "data:"); !data.isEmpty(); data = nextWith(events, "data:"))
                tail = data;
        }
        put(
                "GET " + CLUSTER + "/operations/{operationId}:tail",
                200,
                null,
                JSON.getNodeFactory().stringNode("id:4\nevent:operation\n" + tail + "\n\n"));
        ask(
                "GET",
                "/operations/{operationId}".replace("{operationId}", operation),
                "",
                null,
                "/operations/{operationId}");
        try (KafkaConsumer<byte[], byte[]> member = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap(),
                        "group.id",
                        "shop",
                        "client.id",
                        "shop-1",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            member.subscribe(List.of("orders"));
            while (member.assignment().size() < 3) member.poll(Duration.ofMillis(100));
            member.commitSync();
            for (String path : List.of(
                    "",
                    "/topics",
                    "/topics/{topic}",
                    "/topics/{topic}/configs",
                    "/topics/{topic}/records",
                    "/topics/{topic}/partitions/{partition}/records/{offset}",
                    "/brokers",
                    "/brokers/{brokerId}/configs",
                    "/brokers/{brokerId}/log-dirs",
                    "/quorum",
                    "/partitions",
                    "/reassignments",
                    "/consumer-groups",
                    "/consumer-groups/{groupId}",
                    "/consumer-groups/{groupId}/lag-history",
                    "/consumer-groups/{groupId}/evaluation",
                    "/consumer-groups/{groupId}/rebalances",
                    "/rebalances",
                    "/operations",
                    "/audit-events",
                    "/acls",
                    "/client-quotas",
                    "/users",
                    "/events")) {
                ask("GET", path, "", null);
            }
        }
        put(
                "GET " + CLUSTER + "/topics/{topic}/records:tail",
                200,
                null,
                text("event:ready\n"
                        + "data:{}\n\n"
                        + "event:records\n"
                        + "data:{\"items\":[…],\"scanned\":\"2\",\"matched\":\"2\"}\n\n"));
        put("GET " + CLUSTER + "/topics/{topic}/records:search", 200, null, text("""
            event:page
            data:{"items":[…],"next":"…","scanned":"41872","unanswered":"0","remaining":"958128","partitions":[…]}

            """));
        // Who has a transaction open says more than who has none, and there is none on this tour.
        put("GET " + CLUSTER + "/topics/{topic}/producers", 200, null, JSON.readTree("""
            {"items":[{"partition":0,"producerId":"1000","producerEpoch":0,"lastSequence":41,"lastTimestamp":"2026-11-21T08:00:00Z",
            "coordinatorEpoch":0,"transactionStartOffset":"40"}],"total":1,"warnings":[]}\
            """));
        put("GET " + CLUSTER + "/transactions", 200, null, JSON.readTree("""
            {"items":[{"transactionalId":"payments-1","producerId":"1000","state":"Ongoing","coordinator":1}],"total":1,"warnings":[]}\
            """));
        put(
                "GET " + CLUSTER + "/events:tail",
                200,
                null,
                text("id:7\nevent:ready\ndata:{}\n\nid:8\nevent:events\ndata:{\"items\":[…]}\n\n"));
        put(
                "GET " + CLUSTER + "/rebalances:tail",
                200,
                null,
                text("event:ready\ndata:{\"source\":\"JOURNAL\"}\n\nevent:events\ndata:{\"items\":[…]}\n\n"));
        for (String path : List.of("/api/v1/clusters", "/api/v1/session")) {
            put(
                    "GET " + path,
                    200,
                    null,
                    trimmed(send(HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + port + path)))
                            .body()));
        }
        post("/operations/" + operation + ":cancel", "");
        ObjectNode cancelled = (ObjectNode) get("/operations/" + operation).body();
        cancelled.put("state", "CANCELLED");
        put("POST " + CLUSTER + "/operations/{operationId}:cancel", 200, null, cancelled);
        ObjectNode all = JSON.createObjectNode();
        examples.forEach(all::set);
        Files.writeString(
                RESOURCE,
                JSON.writeValueAsString(all)
                                .replace("\"millrace\"", "\"local\"")
                                .replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:9092")
                                .replaceAll("/tmp/[^\"]*/data", "/var/lib/millrace")
                        + "\n");
    }

    private static JsonNode text(String text) {
        return JSON.getNodeFactory().stringNode(text);
    }

    private JsonNode ask(String method, String path, String query, @Nullable String body) throws Exception {
        return ask(
                method,
                path.replace("{topic}", "orders")
                        .replace("{groupId}", "shop")
                        .replace("{brokerId}", "1")
                        .replace("{partition}", "0")
                        .replace("{offset}", "0"),
                query,
                body,
                path);
    }

    private JsonNode ask(String method, String path, String query, @Nullable String body, String pattern)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path + query));
        if (body != null) {
            request.header("Content-Type", path.endsWith(":apply") ? "application/yaml" : "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        Answer answer = send(request);
        if (answer.status() == 404 && answer.text("/code").equals("NOT_FOUND")) return answer.body();
        assertThat(answer.status()).as(pattern + " " + answer.body()).isLessThan(300);
        JsonNode asked = body == null ? null : body.startsWith("{") ? JSON.readTree(body) : text(body);
        put(method + " " + CLUSTER + pattern, answer.status(), asked, trimmed(answer.body()));
        return answer.body();
    }

    private void put(String name, int status, @Nullable JsonNode request, JsonNode answer) {
        ObjectNode example = JSON.createObjectNode();
        example.put("status", status);
        if (request != null) example.set("request", request);
        example.set("answer", answer);
        examples.put(name, example);
    }

    private static JsonNode trimmed(JsonNode node) {
        if (node instanceof ArrayNode array) {
            while (array.size() > 2) array.remove(array.size() - 1);
        }
        List<JsonNode> children = new ArrayList<>();
        node.forEach(children::add);
        children.forEach(ExamplesTour::trimmed);
        return node;
    }
}

package io.millrace.admin.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each endpoint answers to what it cannot do, over real brokers. */
class ProblemsApiTest extends LiveApi {
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
        assertLacks(post(base + "/partitions:grow", "{}"), "/total");
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

    private Answer apply(String yaml) throws Exception {
        return send(HttpRequest.newBuilder(uri("/topics:apply"))
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(yaml)));
    }
}

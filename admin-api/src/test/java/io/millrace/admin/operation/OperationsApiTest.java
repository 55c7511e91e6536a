package io.millrace.admin.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Work that takes longer than a request: it answers 202, tells how far it is, and can be stopped. */
class OperationsApiTest extends LiveApi {

    @Test
    void aCloneHasConfigurationPartitionsAndIfAskedTheRecords() throws Exception {
        post(
                "/topics",
                "{\"name\":\"%s\",\"partitions\":3,\"configs\":{\"retention.ms\":\"7200000\"}}".formatted(topic));
        fill(300);
        String path = "/topics/" + topic + ":clone";
        Answer preview = post(path + "?dryRun=true", "{\"name\":\"%s-b\",\"records\":true}".formatted(topic));
        assertThat(preview.status()).isEqualTo(200);
        assertThat(preview.text("/records")).isEqualTo("300");
        assertProblem(get("/topics/" + topic + "-b"), 404, "UNKNOWN_TOPIC");

        Answer bare = post(path, "{\"name\":\"%s-b\"}".formatted(topic));
        assertThat(bare.status()).isEqualTo(201);
        assertThat(bare.text("/configs/retention.ms")).isEqualTo("7200000");
        assertThat(get("/topics/" + topic + "-b").body().at("/partitions")).hasSize(3);

        Answer full = post(path, "{\"name\":\"%s-c\",\"records\":true}".formatted(topic));
        assertThat(full.status()).isEqualTo(202);
        JsonNode done = awaited(full.header("Location"));
        assertThat(done.at("/state").asString()).isEqualTo("SUCCEEDED");
        assertThat(done.at("/progress/done").asString()).isEqualTo("300");
        assertThat(done.at("/result/recordsCopied").asString()).isEqualTo("300");
        Answer original = get("/topics/" + topic + "/records?from=OLDEST&partition=1&limit=200");
        Answer copy = get("/topics/" + topic + "-c/records?from=OLDEST&partition=1&limit=200");
        assertThat(copy.body().at("/items")).isEqualTo(original.body().at("/items"));

        assertProblem(post(path, "{\"name\":\"%s-c\"}".formatted(topic)), 409, "KAFKA_TOPIC_ALREADY_EXISTS");
        assertProblem(post(path, "{}"), 400, "INVALID_FIELDS");
        assertProblem(post("/topics/nope:clone", "{\"name\":\"x\"}"), 404, "UNKNOWN_TOPIC");
    }

    @Test
    void aPurgeAnswersAtOnceToWhoPrefersThat() throws Exception {
        create(topic, 2);
        fill(20);
        String path = "/topics/" + topic + "/records:purge?confirm=" + topic;
        assertProblem(post(path, "{}", "Prefer", "respond-async"), 400, "MISSING_FIELD");
        Answer begun = post(path, "{\"everything\":true}", "Prefer", "respond-async, wait=10");
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.header("Preference-Applied")).isEqualTo("respond-async");
        assertThat(begun.text("/kind")).isEqualTo("purge-records");
        JsonNode done = awaited(begun.header("Location"));
        assertThat(done.at("/result/offsetsRemoved").asString()).isEqualTo("20");
        assertThat(done.at("/cancellable").asBoolean()).isFalse();
        assertThat(get("/topics/" + topic + "/records").body().at("/items")).isEmpty();
        assertThat(get("/audit-events?limit=1").text("/items/0/who")).isEqualTo("anonymous@127.0.0.1");
        assertThat(get("/operations").body().findValuesAsString("id"))
                .contains(done.at("/id").asString());
        assertProblem(post("/operations/" + done.at("/id").asString() + ":cancel", ""), 409, "OPERATION_ENDED");
    }

    @Test
    void manyManifestsAreAppliedInTheBackground() throws Exception {
        StringBuilder manifests = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            manifests.append("""
                    ---
                    apiVersion: kafka.strimzi.io/v1
                    kind: KafkaTopic
                    metadata:
                      name: %s-%d
                    spec:
                      partitions: 1
                      replicas: 1
                    """.formatted(topic, i));
        }
        Answer begun =
                post("/topics:apply", manifests.toString(), "Prefer", "respond-async", "Content-Type", "text/yaml");
        assertThat(begun.status()).isEqualTo(202);
        JsonNode done = awaited(begun.header("Location"));
        assertThat(done.at("/progress/done").asString()).isEqualTo("5");
        assertThat(done.at("/result/items/4/outcome").asString()).isEqualTo("CREATED");
    }

    @Test
    void anOperationThatIsNotThereIsAProblem() throws Exception {
        for (String path : new String[] {"/operations/nope", "/operations/nope:tail"}) {
            assertProblem(get(path), 404, "UNKNOWN_OPERATION");
        }
        assertProblem(post("/operations/nope:cancel", ""), 404, "UNKNOWN_OPERATION");
    }

    /** Follows the operation's events to the last one. */
    private JsonNode awaited(String location) throws Exception {
        String path = location.substring(location.indexOf("/operations/"));
        String last = "";
        try (BufferedReader events = stream(path + ":tail")) {
            for (String data = nextWith(events, "data:"); !data.isEmpty(); data = nextWith(events, "data:"))
                last = data;
        }
        JsonNode shown = get(path).body();
        assertThat(JsonMapper.shared().readTree(last.substring("data:".length())))
                .isEqualTo(shown);
        return shown;
    }
}

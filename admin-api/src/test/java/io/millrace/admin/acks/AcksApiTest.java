package io.millrace.admin.acks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** The acks lab on real brokers. */
class AcksApiTest extends LiveApi {
    @Test
    void aRunIsMeasuredReadBackAndLeavesNothingBehind() throws Exception {
        create(topic, 2);
        fill(3);
        for (String acks : new String[] {"0", "1", "all"}) {
            Answer run = post(
                    "/topics/" + topic + "/acks-lab?confirm=" + topic,
                    "{\"acks\":\"%s\",\"records\":40,\"recordsPerSecond\":400}".formatted(acks));
            assertThat(run.status()).as(String.valueOf(run.body())).isEqualTo(200);
            assertThat(run.body().at("/acknowledged").asInt()).isEqualTo(40);
            assertThat(run.body().at("/found").asInt()).isEqualTo(40);
            assertThat(run.body().at("/lost").asInt()).isZero();
            assertThat(run.body().at("/duplicates").asInt()).isZero();
            assertThat(run.body().at("/latency/buckets")).isNotEmpty();
            assertThat(run.body().has("leftBehind")).isFalse();
            try (Admin admin = admin()) {
                assertThat(admin.listTopics().names().get()).doesNotContain(run.text("/topic"));
            }
        }
        // The topic itself was left alone.
        Answer records = get("/topics/" + topic + "/records");
        assertThat(records.body().at("/items")).hasSize(3);
        assertThat(get("/audit-events").text("/items/0/action")).isEqualTo("acks-lab");
    }

    /** Kafka asks for no more replicas in sync than there are: a topic whose own setting is beyond them can be written to. */
    @Test
    void aSettingBeyondTheReplicasRefusesNothing() throws Exception {
        Answer made = post("/topics", "{\"name\":\"%s\",\"configs\":{\"min.insync.replicas\":\"2\"}}".formatted(topic));
        assertThat(made.status()).isEqualTo(201);
        Answer all = post("/topics/" + topic + "/acks-lab?confirm=" + topic, "{\"acks\":\"all\",\"records\":5}");
        assertThat(all.body().at("/minInsyncReplicas").asInt()).isEqualTo(2);
        assertThat(all.body().at("/acknowledged").asInt()).isEqualTo(5);
    }

    @Test
    void aRunIsConfirmedBoundedAndOfATopicThatIsThere() throws Exception {
        create(topic, 1);
        String path = "/topics/" + topic + "/acks-lab";
        assertProblem(post(path, "{\"acks\":\"1\"}"), 400, "CONFIRMATION_REQUIRED");
        assertProblem(post(path + "?confirm=" + topic, "{}"), 400, "INVALID_FIELDS");
        assertProblem(post(path + "?confirm=" + topic, "{\"acks\":\"2\"}"), 400, "INVALID_SETTING");
        assertProblem(post(path + "?confirm=" + topic, "{\"acks\":\"1\",\"records\":1000000}"), 400, "INVALID_SETTING");
        assertProblem(
                post(path + "?confirm=" + topic, "{\"acks\":\"all\",\"minInsyncReplicas\":2}"), 400, "INVALID_SETTING");
        assertProblem(post("/topics/no-such/acks-lab?confirm=no-such", "{\"acks\":\"1\"}"), 404, "UNKNOWN_TOPIC");
    }
}

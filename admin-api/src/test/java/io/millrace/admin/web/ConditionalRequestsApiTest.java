package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Changes asked for twice happen once, and nobody undoes what somebody else changed meanwhile. */
class ConditionalRequestsApiTest extends LiveApi {

    @Test
    void theSameKeyAndRequestGetTheFirstAnswerAgain() throws Exception {
        create(topic, 1);
        String path = "/topics/" + topic + "/records";
        Answer first = post(path, "{\"value\":\"v\"}", "Idempotency-Key", topic);
        Answer again = post(path, "{\"value\":\"v\"}", "Idempotency-Key", topic);
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(get(path).body().at("/items")).hasSize(1);
        assertProblem(post(path, "{\"value\":\"w\"}", "Idempotency-Key", topic), 422, "IDEMPOTENCY_KEY_REUSED");
        assertProblem(
                post(path + ":purge", "{\"value\":\"v\"}", "Idempotency-Key", topic), 422, "IDEMPOTENCY_KEY_REUSED");
        assertThat(post(path, "{\"value\":\"w\"}", "Idempotency-Key", topic + "-2")
                        .status())
                .isEqualTo(201);
        assertThat(get(path).body().at("/items")).hasSize(2);
    }

    @Test
    void aRefusalIsReplayedTooAndBadKeysAreRefused() throws Exception {
        String body = "{\"name\":\"%s\",\"replicationFactor\":9}".formatted(topic);
        for (int i = 0; i < 2; i++) {
            assertProblem(post("/topics", body, "Idempotency-Key", topic), 400, "KAFKA_INVALID_REPLICATION_FACTOR");
        }
        assertProblem(post("/topics", body, "Idempotency-Key", " "), 400, "INVALID_IDEMPOTENCY_KEY");
        assertProblem(post("/topics", body, "Idempotency-Key", "k".repeat(256)), 400, "INVALID_IDEMPOTENCY_KEY");
        assertProblem(
                post("/topics", "x".repeat(2_100_000), "Idempotency-Key", topic + "-large"), 413, "CONTENT_TOO_LARGE");
    }

    @Test
    void aTopicsConfigurationIsChangedOnlyAsItWasRead() throws Exception {
        create(topic, 1);
        String change = "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"%d\"}]}";
        String path = "/topics/" + topic + "/configs";
        String tag = get(path).header("ETag");
        assertThat(tag).startsWith("\"");
        assertThat(post(path + ":alter", change.formatted(1_000_000), "If-Match", tag)
                        .status())
                .isEqualTo(200);
        assertProblem(post(path + ":alter", change.formatted(2_000_000), "If-Match", tag), 412, "CHANGED_MEANWHILE");
        assertProblem(
                post(path + ":alter?dryRun=true", change.formatted(2_000_000), "If-Match", tag),
                412,
                "CHANGED_MEANWHILE");
        assertThat(post(path + ":alter", change.formatted(2_000_000), "If-Match", "*")
                        .status())
                .isEqualTo(200);
        assertThat(get(path).header("ETag")).isNotEqualTo(tag);
    }

    @Test
    void aBrokersConfigurationToo() throws Exception {
        String change = "{\"changes\":[{\"name\":\"message.max.bytes\",\"value\":\"2000000\"}]}";
        assertThat(get("/brokers/1/configs").header("ETag")).startsWith("\"");
        assertProblem(
                post("/brokers/1/configs:alter?dryRun=true", change, "If-Match", "\"0\""), 412, "CHANGED_MEANWHILE");
    }

    /** What the preview showed is what is moved, or nothing is. */
    @Test
    void offsetsAreMovedOnlyAsThePreviewShowedThem() throws Exception {
        create(topic, 1);
        fill(10);
        String path = "/consumer-groups/" + topic + "/offsets:reset";
        String latest = "{\"mode\":\"LATEST\",\"topics\":[\"%s\"]}".formatted(topic);
        String tag = post(path + "?dryRun=true", latest).header("ETag");
        assertThat(post(path, latest, "If-Match", tag).status()).isEqualTo(200);
        assertProblem(post(path, "{\"mode\":\"EARLIEST\"}", "If-Match", tag), 412, "CHANGED_MEANWHILE");
        String now = post(path + "?dryRun=true", "{\"mode\":\"EARLIEST\"}").header("ETag");
        assertThat(post(path, "{\"mode\":\"EARLIEST\"}", "If-Match", now).status())
                .isEqualTo(200);
    }

    /** All were shown the same configuration; whoever comes second would undo what the first did without having seen it. */
    @Test
    void ofChangesAtTheSameTimeOnlyOneIsMade() throws Exception {
        create(topic, 1);
        String path = "/topics/" + topic + "/configs";
        String tag = get(path).header("ETag");
        List<Answer> answers = atOnce(number -> post(
                path + ":alter",
                "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"%d\"}]}".formatted(1_000_000 + number),
                "If-Match",
                tag));
        assertOneWins(answers);
        Answer winner =
                answers.stream().filter(one -> one.status() == 200).findFirst().orElseThrow();
        assertThat(get(path).body().at("/items").toString()).contains(winner.text("/changes/0/after"));
    }

    @Test
    void ofResetsAtTheSameTimeOnlyOneIsMade() throws Exception {
        create(topic, 1);
        fill(20);
        String path = "/consumer-groups/" + topic + "/offsets:reset";
        String wanted = "{\"mode\":\"OFFSET\",\"offset\":\"%d\",\"topics\":[\"" + topic + "\"]}";
        String tag = post(path + "?dryRun=true", wanted.formatted(0)).header("ETag");
        List<Answer> answers = atOnce(number -> post(path, wanted.formatted(1 + number), "If-Match", tag));
        assertOneWins(answers);
    }

    private interface Request {
        Answer send(int number) throws Exception;
    }

    private static List<Answer> atOnce(Request request) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int number = i;
                asked.add(threads.submit(() -> request.send(number)));
            }
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> one : asked) answers.add(one.get());
            return answers;
        }
    }

    private static void assertOneWins(List<Answer> answers) {
        assertThat(answers).filteredOn(one -> one.status() == 200).hasSize(1);
        for (Answer one : answers) {
            if (one.status() != 200) assertProblem(one, 412, "CHANGED_MEANWHILE");
        }
    }
}

package io.millrace.admin.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.BrokerProcess;
import io.millrace.admin.kafka.BrokerProcess.Kind;
import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What happened to a group: Millrace's journal tells; a cluster without one is looked at, and the answer says so. */
class RebalanceApiTest extends LiveApi {

    @Test
    void theJournalTellsOrTheGroupIsLookedAtAndTheAnswerSaysSo() throws Exception {
        String source = kind == Kind.MILLRACE ? "JOURNAL" : "POLLING";
        create(topic, 2);
        // A journal begins with the first group of the cluster.
        try (var another = consumer(topic + "-first")) {
            poll(another, 2);
        }
        await().atMost(BrokerProcess.patience())
                .until(() -> answered("/rebalances").path("source").asString().equals(source));
        try (var first = consumer(topic);
                BufferedReader tail = tail(topic)) {
            assertThat(nextWith(tail, "event:")).isEqualTo("event:ready");
            assertThat(nextWith(tail, "data:")).contains(source);
            poll(first, 2);
            String events = "";
            while (!(events.contains("\"type\":\"MEMBER_JOINED\"") && events.contains(topic + "-0"))) {
                events += nextWith(tail, "data:");
            }

            JsonNode history = answered("/consumer-groups/" + topic + "/rebalances");
            assertThat(history.path("source").asString()).isEqualTo(source);
            if (kind == Kind.APACHE) assertThat(history.path("note").asString()).contains("keeps no group journal");
        }
        JsonNode history = answered("/consumer-groups/" + topic + "/rebalances");
        long limitNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!history.path("events").toString().contains("MEMBER_LEFT") && System.nanoTime() < limitNs) {
            history = answered("/consumer-groups/" + topic + "/rebalances");
        }
        String departure = kind == Kind.MILLRACE ? "LEFT" : "UNKNOWN";
        assertThat(history.path("events").toString()).contains("\"departure\":\"" + departure + "\"");
        if (kind == Kind.APACHE)
            assertThat(history.at("/verdict/sentence").asString()).contains("why cannot be told");
        assertThat(answered("/rebalances").path("groups").toString()).contains(topic);
    }

    @Test
    void whatCannotBeAskedIsAProblem() throws Exception {
        assertProblem(get("/consumer-groups/g/rebalances?minutes=0"), 400, "INVALID_MINUTES");
        assertProblem(get("/rebalances?minutes=1441"), 400, "INVALID_MINUTES");
        assertThat(answered("/consumer-groups/nobody/rebalances")
                        .at("/verdict/kind")
                        .asString())
                .isEqualTo("QUIET");
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group) {
        var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap(), "group.id", group),
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
        return stream("/rebalances:tail?groupId=" + group);
    }

    private JsonNode answered(String path) throws Exception {
        Answer answer = get(path);
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(200);
        return answer.body();
    }
}

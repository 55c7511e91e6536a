package io.millrace.admin.burrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.BrokerProcess;
import io.millrace.admin.kafka.LiveApi;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Burrow's facade over real brokers, as Burrow's own clients ask. */
class BurrowApiTest extends LiveApi {
    @Test
    void burrowEvaluatesAGroup() throws Exception {
        create(topic, 1);
        fill(10);
        String group = "burrow-" + topic;
        post(
                "/consumer-groups/" + group + "/offsets:reset",
                "{\"mode\":\"LATEST\",\"topics\":[\"%s\"]}".formatted(topic));
        await().atMost(BrokerProcess.patience()).untilAsserted(() -> {
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
                .contains("burrow_kafka_consumer_lag_total{cluster=\"" + kind.id() + "\",consumer_group=\"" + group
                        + "\"} 0.0")
                .contains("burrow_kafka_consumer_status{cluster=\"" + kind.id() + "\",consumer_group=\"" + group
                        + "\"} 1.0")
                .contains("millrace_consumer_group_lag_records{cluster=\"" + kind.id() + "\",group=\"" + group
                        + "\"} 0.0")
                .contains("millrace_consumer_group_partition_lag_seconds{client_id=\"\",cluster=\"" + kind.id()
                        + "\",group=\"" + group + "\",partition=\"0\",topic=\"" + topic + "\"} 0.0");
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
        await().atMost(BrokerProcess.patience())
                .until(() -> burrow("/topic/" + topic).body().at("/offsets/0").asLong() == 10);
    }

    @Test
    void burrowTellsItsConfiguration() throws Exception {
        assertThat(v3("/config").body().has("general")).isTrue();
        assertThat(v3("/config/storage").body().at("/modules/0").asString()).isEqualTo("default");
        assertThat(v3("/config/storage/default").body().at("/module/intervals").asInt())
                .isEqualTo(10);
        assertThat(v3("/config/consumer/" + kind.id() + "").text("/module/offsets-topic"))
                .isEqualTo("__consumer_offsets");
        assertThat(v3("/config/evaluator").text("/coordinator")).isEqualTo("evaluator");
        assertThat(v3("/config/notifier").body().at("/modules")).isEmpty();
        assertThat(v3("/config/nothing").status()).isEqualTo(404);
        assertThat(v3("/admin/loglevel").text("/level")).isEqualTo("info");
        assertThat(burrow("").body().at("/module/topic-refresh").asInt()).isEqualTo(10);
    }

    private URI burrowUri(String path) {
        return URI.create("http://127.0.0.1:" + port + "/v3/kafka/" + kind.id() + path);
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
}

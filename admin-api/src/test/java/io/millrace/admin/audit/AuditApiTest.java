package io.millrace.admin.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.BrokerProcess;
import io.millrace.admin.kafka.LiveApi;
import org.junit.jupiter.api.Test;

/** Every change is in the audit log with who made it, what was before and what is after; what changes nothing is not. */
class AuditApiTest extends LiveApi {

    @Test
    void everyChangeIsRecorded() throws Exception {
        String path = "/topics/" + topic;
        String group = "/consumer-groups/" + topic;
        post("/topics", "{\"name\":\"%s\",\"partitions\":1}".formatted(topic));
        assertNewest("create-topic", "", "partitions");
        post(path + "/partitions:grow", "{\"total\":2}");
        assertNewest("add-partitions", "1", "2");
        post(path + "/configs:alter", "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"1000000\"}]}");
        assertNewest("alter-topic-configs", "604800000", "1000000");
        post(path + "/records", "{\"value\":\"secret\"}");
        assertNewest("produce-record", "", "offset");
        assertThat(get("/audit-events?limit=1").body().toString()).doesNotContain("secret");
        post(group + "/offsets:reset", "{\"mode\":\"LATEST\",\"topics\":[\"%s\"]}".formatted(topic));
        assertNewest("reset-offsets", "none", topic + "-0");
        post(path + "/records:purge?confirm=" + topic, "{\"everything\":true}");
        assertNewest("purge-records", "logStartOffset", "logStartOffset");
        post(
                "/partitions:elect-leader",
                "{\"type\":\"PREFERRED\",\"partitions\":[{\"topic\":\"%s\",\"partition\":0}]}".formatted(topic));
        assertNewest("elect-leaders", "", "PREFERRED");
        post(
                "/partitions:reassign",
                "{\"assignments\":[{\"topic\":\"%s\",\"partition\":0,\"replicas\":[1]}]}".formatted(topic));
        assertNewest("reassign-partitions", topic + "-0", "asked");
        post(path + ":clone", "{\"name\":\"%s-b\",\"records\":true}".formatted(topic));
        await().atMost(BrokerProcess.patience()).untilAsserted(() -> assertNewest("copy-records", "", topic));
        post("/brokers/1/configs:alter", "{\"changes\":[{\"name\":\"log.cleaner.threads\",\"value\":\"1\"}]}");
        assertNewest("alter-broker-configs", "log.cleaner.threads", "1");
        delete(group + "?confirm=" + topic);
        assertNewest("delete-group", "partitions", "");
        delete(path + "?confirm=" + topic);
        assertNewest("delete-topic", "replicationFactor", "");
    }

    @Test
    void whatChangesNothingIsNotRecorded() throws Exception {
        create(topic, 1);
        String before = get("/audit-events?limit=1").text("/items/0/sequence");
        post("/topics/" + topic + "/partitions:grow?dryRun=true", "{\"total\":2}");
        post(
                "/topics/" + topic + "/configs:alter?dryRun=true",
                "{\"changes\":[{\"name\":\"retention.ms\",\"value\":\"1\"}]}");
        post("/topics/" + topic + "/records:purge?dryRun=true", "{\"everything\":true}");
        post("/topics/" + topic + ":clone?dryRun=true", "{\"name\":\"%s-b\"}".formatted(topic));
        delete("/topics/" + topic);
        assertThat(get("/audit-events?limit=1").text("/items/0/sequence")).isEqualTo(before);
    }

    private void assertNewest(String action, String before, String after) throws Exception {
        Answer newest = get("/audit-events?limit=1");
        assertThat(newest.text("/items/0/action")).isEqualTo(action);
        assertThat(newest.text("/items/0/who")).isEqualTo("anonymous@127.0.0.1");
        assertThat(newest.body().at("/items/0/before").toString()).contains(before);
        assertThat(newest.body().at("/items/0/after").toString()).contains(after);
    }
}

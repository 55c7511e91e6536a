package io.millrace.admin.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** Topics over real brokers: an Admin client of our own must see exactly what the API did. */
class TopicsApiTest extends LiveApi {
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
}

package io.millrace.admin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.BrokerProcess;
import io.millrace.admin.kafka.LiveApi;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

/** Consumer groups over real brokers: their offsets are moved in every way, their lag is told at every level. */
class GroupsApiTest extends LiveApi {
    @Test
    void offsetsAreResetOnlyWhileNobodyReads() throws Exception {
        create(topic, 2);
        fill(30);
        String group = "group-" + topic;
        try (KafkaConsumer<String, String> consumer = consumer(group)) {
            consumer.subscribe(List.of(topic));
            await().atMost(BrokerProcess.patience()).until(() -> {
                consumer.poll(Duration.ofMillis(200));
                return consumer.assignment().size() == 2
                        && consumer.position(new TopicPartition(topic, 0))
                                        + consumer.position(new TopicPartition(topic, 1))
                                == 30;
            });
            consumer.commitSync();
            Answer refused = post("/consumer-groups/" + group + "/offsets:reset", "{\"mode\":\"EARLIEST\"}");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.text("/code")).isEqualTo("GROUP_HAS_ACTIVE_MEMBERS");
            Answer detail = get("/consumer-groups/" + group);
            assertThat(detail.body().at("/members")).hasSize(1);
            assertThat(detail.text("/group/lag")).isEqualTo("0");
        }
        Answer preview = post("/consumer-groups/" + group + "/offsets:reset?dryRun=true", "{\"mode\":\"EARLIEST\"}");
        assertThat(preview.body().at("/applied").asBoolean()).isFalse();
        assertThat(committed(group)).isEqualTo(30);
        assertReset(group, "{\"mode\":\"EARLIEST\"}", 0);
        assertReset(group, "{\"mode\":\"LATEST\"}", 30);
        assertReset(group, "{\"mode\":\"SHIFT_BY\",\"shiftBy\":\"-3\"}", 24);
        assertReset(group, "{\"mode\":\"OFFSET\",\"offset\":\"2\"}", 4);
        assertReset(group, "{\"mode\":\"CURRENT\"}", 4);
        assertReset(group, "{\"mode\":\"DURATION\",\"duration\":\"P1D\"}", 0);
        assertReset(group, "{\"mode\":\"DATETIME\",\"datetime\":\"2999-01-01T00:00:00Z\"}", 30);
        assertReset(
                group,
                "{\"mode\":\"OFFSETS\",\"partitions\":[{\"topic\":\"%s\",\"partition\":0,\"offset\":\"1\"},{\"topic\":\"%s\",\"partition\":1,\"offset\":\"1\"}]}"
                        .formatted(topic, topic),
                2);
        String other = "other-" + group;
        post(
                "/consumer-groups/" + other + "/offsets:reset",
                "{\"mode\":\"FROM_GROUP\",\"fromGroup\":\"%s\",\"topics\":[\"%s\"]}".formatted(group, topic));
        assertThat(committed(other)).isEqualTo(2);
        await().atMost(BrokerProcess.patience()).untilAsserted(() -> {
            Answer lag = get("/consumer-groups/" + group);
            assertThat(lag.text("/group/lag")).isEqualTo("28");
            assertThat(lag.body().at("/group/lagSeconds").isNumber()).isTrue();
        });
        Answer tried = delete("/consumer-groups/" + group + "?dryRun=true");
        assertThat(tried.status()).isEqualTo(200);
        assertThat(tried.text("/group/groupId")).isEqualTo(group);
        assertThat(delete("/consumer-groups/" + group + "?confirm=" + group).status())
                .isEqualTo(204);
        assertThat(get("/consumer-groups/" + group).text("/code")).isEqualTo("UNKNOWN_GROUP");
    }

    @Test
    void lagIsToldForGroupTopicMemberAndPartition() throws Exception {
        create(topic, 2);
        String group = "lag-" + topic;
        post(
                "/consumer-groups/" + group + "/offsets:reset",
                "{\"mode\":\"EARLIEST\",\"topics\":[\"%s\"]}".formatted(topic));
        fill(10);
        await().atMost(BrokerProcess.patience()).untilAsserted(() -> {
            Answer detail = get("/consumer-groups/" + group);
            assertThat(detail.text("/group/lag")).isEqualTo("10");
            assertThat(detail.text("/topics/0/lag")).isEqualTo("10");
            assertThat(detail.text("/partitions/1/lag")).isEqualTo("5");
            assertThat(detail.body().at("/topics/0/lagSeconds").isNumber()).isTrue();
            assertThat(detail.body().at("/group/lagTrendPerSecond").isNumber()).isTrue();
            assertThat(detail.body().at("/group/catchUpSeconds").isMissingNode())
                    .isTrue();
        });
        Answer listed = get("/consumer-groups?include=partitions,members&q=" + group);
        assertThat(listed.body().at("/items/0/partitionLags")).hasSize(2);
        assertThat(listed.body().at("/items/0/memberDetails").isArray()).isTrue();
        assertThat(get("/consumer-groups?q=" + group).body().at("/items/0").has("partitionLags"))
                .isFalse();
        Answer topics = get("/topics?include=partitions&q=" + topic);
        assertThat(topics.body().at("/items/0/partitionStates")).hasSize(2);
        assertThat(topics.body().at("/items/0/partitionStates/0/leaderEpoch").isInt())
                .as(String.valueOf(topics.body()))
                .isTrue();
        for (String window : List.of("HOUR", "DAY")) {
            Answer points = get("/consumer-groups/" + group + "/lag-history?window=" + window);
            assertThat(points.body().at("/items")).isNotEmpty();
            assertThat(points.body()
                            .at("/items")
                            .get(points.body().at("/items").size() - 1)
                            .at("/lag")
                            .asString())
                    .isEqualTo("10");
        }
    }

    @Test
    void offsetsAreDeletedWhereNobodyReads() throws Exception {
        create(topic, 2);
        String group = "forget-" + topic;
        String path = "/consumer-groups/" + group + "/offsets:delete";
        post(
                "/consumer-groups/" + group + "/offsets:reset",
                "{\"mode\":\"LATEST\",\"topics\":[\"%s\"]}".formatted(topic));
        String one = "{\"partitions\":[{\"topic\":\"%s\",\"partition\":1}]}".formatted(topic);
        Answer preview = post(path + "?dryRun=true", one);
        assertThat(preview.body().at("/items")).hasSize(1);
        assertThat(preview.body().at("/applied").asBoolean()).isFalse();
        assertThat(post(path, one).text("/code")).isEqualTo("CONFIRMATION_REQUIRED");
        assertThat(committedPartitions(group)).isEqualTo(2);
        Answer done = post(path + "?confirm=" + group, one);
        assertThat(done.body().at("/items/0/deleted").asBoolean())
                .as(String.valueOf(done.body()))
                .isTrue();
        assertThat(committedPartitions(group)).isEqualTo(1);
        assertThat(post(path + "?confirm=" + group, one).text("/code")).isEqualTo("NOTHING_COMMITTED");
        try (KafkaConsumer<String, String> consumer = consumer(group)) {
            consumer.subscribe(List.of(topic));
            await().atMost(BrokerProcess.patience()).until(() -> {
                consumer.poll(Duration.ofMillis(200));
                return consumer.assignment().size() == 2;
            });
            Answer refused = post(path + "?confirm=" + group, "{}");
            assertThat(refused.status()).as(String.valueOf(refused.body())).isEqualTo(409);
            assertThat(refused.text("/code")).isEqualTo("GROUP_HAS_ACTIVE_MEMBERS");
            assertThat(committedPartitions(group)).isEqualTo(1);
        }
    }

    private int committedPartitions(String group) throws Exception {
        try (Admin admin = admin()) {
            return admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .size();
        }
    }

    private void assertReset(String group, String request, long expectedSum) throws Exception {
        Answer answer = post("/consumer-groups/" + group + "/offsets:reset", request);
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(200);
        assertThat(committed(group)).as(request).isEqualTo(expectedSum);
    }

    private long committed(String group) throws Exception {
        try (Admin admin = admin()) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(offset -> offset.offset())
                    .sum();
        }
    }

    private KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }
}

package io.millrace.admin.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Records over real brokers: each is found once, whole, and removed only when asked to. */
class RecordsApiTest extends LiveApi {
    @Test
    void everyRecordIsFoundForwardsAndBackwardsExactlyOnce() throws Exception {
        create(topic, 3);
        fill(250);
        for (String from : List.of("OLDEST", "NEWEST")) {
            Set<String> seen = new HashSet<>();
            int items = 0;
            long scanned = 0;
            String cursor = "";
            do {
                Answer page = get("/topics/" + topic + "/records?limit=40&from=" + from + cursor);
                assertThat(page.status()).isEqualTo(200);
                for (JsonNode item : page.body().at("/items")) {
                    items++;
                    seen.add(item.at("/partition").asInt() + "@"
                            + item.at("/offset").asString());
                }
                scanned += Long.parseLong(page.text("/scanned"));
                cursor = page.body().at("/next").isMissingNode() ? "" : "&cursor=" + page.text("/next");
            } while (!cursor.isEmpty());
            assertThat(scanned).as(from).isEqualTo(250);
            assertThat(items).as(from).isEqualTo(250);
            assertThat(seen).as(from).hasSize(250);
        }
        Answer filtered = get("/topics/" + topic + "/records?from=OLDEST&q=VALUE-17");
        assertThat(filtered.body().at("/items")).hasSize(11);
        assertThat(filtered.text("/scanned")).isEqualTo("250");
    }

    @Test
    void aTimeRangeHasWhatLiesWithinAndNothingElse() throws Exception {
        create(topic, 1);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int minute = 0; minute < 10; minute++) {
                long timestampMs = Instant.parse("2026-01-01T00:00:00Z")
                        .plus(minute, ChronoUnit.MINUTES)
                        .toEpochMilli();
                var _ = producer.send(new ProducerRecord<>(topic, 0, timestampMs, null, new byte[] {1}));
            }
        }
        String until = "&until=2026-01-01T00:07:00Z";
        assertThat(offsets("from=TIME&time=2026-01-01T00:03:00Z" + until)).containsExactly("3", "4", "5", "6");
        assertThat(offsets("from=NEWEST&limit=2" + until)).containsExactly("6", "5");
        assertThat(offsets("from=OLDEST&until=2027-01-01T00:00:00Z")).hasSize(10);
        assertThat(offsets("from=TIME&time=2026-01-01T00:08:00Z" + until)).isEmpty();
    }

    private List<String> offsets(String query) throws Exception {
        List<String> offsets = new ArrayList<>();
        get("/topics/" + topic + "/records?" + query)
                .body()
                .at("/items")
                .forEach(item -> offsets.add(item.at("/offset").asString()));
        return offsets;
    }

    /** 60 MB in one partition: more than is held at once, so that windows must shrink, and shrink no further than needed. */
    @Test
    void largeRecordsAreFoundBackwardsToo() throws Exception {
        create(topic, 1);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 60; i++) {
                var _ = producer.send(new ProducerRecord<>(topic, new byte[1_000_000]));
            }
        }
        List<String> offsets = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = get("/topics/" + topic + "/records?limit=100&from=NEWEST" + cursor);
            page.body()
                    .at("/items")
                    .forEach(item -> offsets.add(item.at("/offset").asString()));
            cursor = page.body().at("/next").isMissingNode() ? "" : "&cursor=" + page.text("/next");
        } while (!cursor.isEmpty());
        assertThat(offsets).hasSize(60).doesNotHaveDuplicates().startsWith("59", "58");
    }

    @Test
    void aProducedRecordComesBackWhole() throws Exception {
        create(topic, 1);
        Answer produced = post(
                "/topics/" + topic + "/records",
                "{\"key\":\"k\",\"value\":\"{\\\"id\\\":9223372036854775807}\",\"headers\":[{\"name\":\"h\",\"value\":\"v\"}]}");
        assertThat(produced.status()).isEqualTo(201);
        Answer one = get("/topics/" + topic + "/partitions/0/records/" + produced.text("/offset"));
        assertThat(one.text("/value/data")).isEqualTo("{\"id\":9223372036854775807}");
        assertThat(one.text("/key/data")).isEqualTo("k");
        assertThat(one.text("/headers/0/value/data")).isEqualTo("v");
        assertThat(get("/topics/" + topic + "/partitions/0/records/99").text("/code"))
                .isEqualTo("UNKNOWN_RECORD");
        assertThat(get("/topics/" + topic + "/partitions/7/records/0").text("/code"))
                .isEqualTo("UNKNOWN_PARTITION");
    }

    @Test
    void purgingShowsWhatGoesAndThenRemovesExactlyThat() throws Exception {
        create(topic, 1);
        fill(20);
        Answer preview = post("/topics/" + topic + "/records:purge?dryRun=true", "{\"beforeOffset\":\"15\"}");
        assertThat(preview.text("/offsetsRemoved")).isEqualTo("15");
        assertThat(post("/topics/" + topic + "/records:purge", "{\"everything\":true}")
                        .text("/code"))
                .isEqualTo("CONFIRMATION_REQUIRED");
        post("/topics/" + topic + "/records:purge?confirm=" + topic, "{\"beforeOffset\":\"15\"}");
        Answer left = get("/topics/" + topic + "/records?from=OLDEST");
        assertThat(left.body().at("/items")).hasSize(5);
        assertThat(left.text("/items/0/offset")).isEqualTo("15");
    }

    @Test
    void tailSendsNewRecordsAsEvents() throws Exception {
        create(topic, 1);
        try (BufferedReader reader = stream("/topics/" + topic + "/records:tail")) {
            assertThat(nextWith(reader, "event:")).isEqualTo("event:ready");
            fill(1);
            assertThat(nextWith(reader, "event:")).isEqualTo("event:records");
            assertThat(nextWith(reader, "data:")).contains("value-0");
        }
    }
}

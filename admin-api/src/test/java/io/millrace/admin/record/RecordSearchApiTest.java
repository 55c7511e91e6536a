package io.millrace.admin.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Searches as streams: they tell how far they are, miss nothing, and end when nobody reads them any more. */
class RecordSearchApiTest extends LiveApi {
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    @Autowired
    private @Nullable RecordSearch search;

    @Test
    void everyMatchIsFoundAndEveryRecordCounted() throws Exception {
        create(topic, 3);
        fill(30_000);
        for (String from : new String[] {"OLDEST", "NEWEST"}) {
            Set<String> found = new HashSet<>();
            long scanned = 0;
            String cursor = "";
            do {
                // 300 have "-77" in them.
                String path = "/topics/" + topic + "/records:search?limit=100&q=value-77&from=" + from + cursor;
                cursor = "";
                try (BufferedReader events = stream(path)) {
                    for (String data = nextWith(events, "data:"); !data.isEmpty(); data = nextWith(events, "data:")) {
                        JsonNode page = JsonMapper.shared().readTree(data.substring("data:".length()));
                        page.at("/items")
                                .forEach(
                                        item -> found.add(item.at("/value/data").asString()));
                        scanned += Long.parseLong(page.at("/scanned").asString());
                        cursor = page.at("/next").isMissingNode()
                                ? ""
                                : "&cursor=" + page.at("/next").asString();
                    }
                }
            } while (!cursor.isEmpty());
            assertThat(found).as(from).hasSize(111);
            assertThat(scanned).as(from).isEqualTo(30_000);
        }
    }

    /** Each record takes the filter a good part of a millisecond, so that the search would go on for a minute. */
    @Test
    void closingTheConnectionStopsItAtOnce() throws Exception {
        create(topic, 2);
        fill(100_000);
        String numbers = "[1" + ",1".repeat(69) + "]";
        String slow = numbers + ".all(a, " + numbers + ".all(b, a + b > 0)) && value == 'none'";
        for (String from : new String[] {"OLDEST", "NEWEST"}) {
            String path = "/topics/" + topic + "/records:search?from=" + from + "&cel="
                    + URLEncoder.encode(slow, StandardCharsets.UTF_8);
            BufferedReader events = stream(path);
            assertThat(nextWith(events, "data:")).contains("\"items\":[]").contains("\"next\":");
            assertThat(open()).isEqualTo(1);
            events.close();
            long closed = System.nanoTime();
            await().atMost(AT_ONCE).pollInterval(Duration.ofMillis(5)).until(() -> open() == 0);
            System.getLogger(RecordSearchApiTest.class.getName())
                    .log(
                            System.Logger.Level.INFO,
                            "{0} {1}: its consumer was closed {2} ms after the connection",
                            kind,
                            from,
                            (System.nanoTime() - closed) / 1_000_000);
        }
    }

    private int open() {
        return search == null ? -1 : search.open();
    }
}

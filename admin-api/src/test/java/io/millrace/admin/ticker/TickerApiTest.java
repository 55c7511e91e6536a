package io.millrace.admin.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** Events as they happen on real brokers, by whomever they were caused. */
class TickerApiTest extends LiveApi {
    @Test
    void whatAnyClientDoesIsToldToWhoListens() throws Exception {
        try (BufferedReader events = stream("/events:tail");
                Admin admin = admin()) {
            assertThat(nextWith(events, "event:ready")).isNotEmpty();
            create(topic, 1);
            assertThat(nextWithBoth(events, topic, "create-topic")).contains("\"kind\":\"CHANGE\"");
            admin.deleteTopics(java.util.List.of(topic)).all().get();
            assertThat(nextWithBoth(events, topic, "TOPIC_DELETED")).isNotEmpty();
        }
        Answer listed = get("/events?limit=500");
        assertThat(listed.body()
                        .at("/items")
                        .valueStream()
                        .map(event -> event.at("/topic").asString("")))
                .contains(topic);
        assertThat(listed.body().at("/last").asString()).isNotEqualTo("0");
    }

    private static String nextWithBoth(BufferedReader events, String first, String second) throws Exception {
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.contains(first) && line.contains(second)) return line;
        }
        return "";
    }
}

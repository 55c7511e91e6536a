package io.millrace.admin.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import java.io.BufferedReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is masked is seen nowhere, and cannot be asked for either: a filter works on what is shown. */
class MaskingApiTest extends LiveApi {
    private static final String RECORD =
            "{\"value\":\"{\\\"card\\\":{\\\"number\\\":\\\"4111\\\"},\\\"id\\\":7}\",\"headers\":[{\"name\":\"secret\",\"value\":\"hush\"}]}";
    private static final String SHOWN = "{\"card\":{\"number\":\"***\"},\"id\":7}";

    @BeforeEach
    void aMaskedTopicWithARecord() throws Exception {
        topic = "masked-" + topic;
        create(topic, 1);
        assertThat(post("/topics/" + topic + "/records", RECORD).status()).isEqualTo(201);
    }

    @Test
    void browsingShowsTheMask() throws Exception {
        for (String path : new String[] {"/records?from=NEWEST", "/records?from=OLDEST"}) {
            Answer page = get("/topics/" + topic + path);
            assertThat(page.text("/items/0/value/data")).isEqualTo(SHOWN);
            assertThat(page.text("/items/0/headers/0/value/data")).isEqualTo("***");
        }
        Answer one = get("/topics/" + topic + "/partitions/0/records/0");
        assertThat(one.text("/value/data")).isEqualTo(SHOWN);
    }

    @Test
    void filtersDoNotSeeWhatIsMasked() throws Exception {
        for (String filter : new String[] {
            "q=4111",
            "q=hush",
            cel("value.contains('4111')"),
            cel("json.card.number == '4111'"),
            cel("headers['secret'] == 'hush'")
        }) {
            for (String from : new String[] {"NEWEST", "OLDEST"}) {
                Answer page = get("/topics/" + topic + "/records?from=" + from + "&" + filter);
                assertThat(page.text("/scanned")).isEqualTo("1");
                assertThat(page.body().at("/items")).as(filter).isEmpty();
            }
        }
        assertThat(get("/topics/" + topic + "/records?" + cel("json.card.number == '***' && json.id == 7"))
                        .body()
                        .at("/items"))
                .hasSize(1);
    }

    @Test
    void theTailIsMaskedToo() throws Exception {
        try (BufferedReader tail = stream("/topics/" + topic + "/records:tail")) {
            assertThat(nextWith(tail, "event:")).isEqualTo("event:ready");
            post("/topics/" + topic + "/records", RECORD);
            assertThat(nextWith(tail, "event:")).isEqualTo("event:records");
            assertThat(nextWith(tail, "data:"))
                    .contains("***")
                    .doesNotContain("4111")
                    .doesNotContain("hush");
        }
    }

    @Test
    void recordsAreNotCopiedOutOfTheirMask() throws Exception {
        String open = topic.replace("masked-", "open-");
        assertProblem(
                post("/topics/" + topic + ":clone", "{\"name\":\"%s\",\"records\":true}".formatted(open)),
                403,
                "MASKED");
        assertProblem(get("/topics/" + open), 404, "UNKNOWN_TOPIC");
        assertThat(post("/topics/" + topic + ":clone", "{\"name\":\"%s-2\",\"records\":true}".formatted(topic))
                        .status())
                .isEqualTo(202);
    }

    private static String cel(String expression) {
        return "cel=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    }
}

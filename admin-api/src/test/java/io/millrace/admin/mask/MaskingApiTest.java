package io.millrace.admin.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.kafka.LiveApi;
import io.millrace.admin.kafka.PaymentSchemas;
import java.io.BufferedReader;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is masked is seen nowhere, and cannot be asked for either: a filter works on what is shown. */
class MaskingApiTest extends LiveApi {
    private static final String RECORD =
            "{\"value\":\"{\\\"card\\\":{\\\"number\\\":\\\"4111\\\"},\\\"id\\\":7}\",\"headers\":[{\"name\":\"secret\",\"value\":\"hush\"}]}";
    private static final Pattern SCANNED = Pattern.compile("\"scanned\":\"(\\d+)\"");
    private static final String DECODED = "{\\\"card\\\":{\\\"number\\\":\\\"***\\\"},\\\"id\\\":7}";
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

    /** Avro, Protobuf and JSON with a schema: the field is masked wherever a record is looked at, and no filter finds it. */
    @Test
    void fieldsOfWhatASchemaDescribesAreMasked() throws Exception {
        String base = "/topics/" + topic + "/records";
        List<byte[]> payloads =
                List.of(PaymentSchemas.avro("4111"), PaymentSchemas.protobuf("4111"), PaymentSchemas.json("4111"));
        try (BufferedReader tail = stream(base + ":tail")) {
            assertThat(nextWith(tail, "data:")).isEqualTo("data:{}");
            for (int i = 0; i < payloads.size(); i++) {
                produce(payloads.get(i));
                assertThat(nextWith(tail, "data:"))
                        .contains(DECODED)
                        .contains("\"id\":" + (7 + i))
                        .doesNotContain("4111");
                String one = "/topics/" + topic + "/partitions/0/records/" + (1 + i);
                Answer decoded = get(one);
                assertThat(decoded.text("/value/data")).isEqualTo(SHOWN);
                assertThat(decoded.text("/value/schema/id")).isEqualTo(String.valueOf(7 + i));
                Answer raw = get(one + "?decode=false");
                assertThat(raw.text("/value/data")).isEqualTo("***");
                assertThat(raw.text("/value/encoding")).isEqualTo("text");
            }
        }
        for (String from : List.of("NEWEST", "OLDEST")) {
            for (String path : List.of(base + "?from=", base + ":search?from=")) {
                String all = text(path + from);
                assertThat(all.split(Pattern.quote(DECODED), -1)).hasSize(5);
                assertThat(all).doesNotContain("4111");
                for (String filter : List.of(
                        "q=4111",
                        cel("value.contains('411')"),
                        cel("json.card.number.startsWith('4')"),
                        cel("size(json.card.number) == 4"))) {
                    String answer = text(path + from + "&" + filter);
                    assertThat(answer).as(filter).contains("\"items\":[]").doesNotContain("\"timestamp\"");
                    assertThat(SCANNED.matcher(answer)
                                    .results()
                                    .mapToInt(one -> Integer.parseInt(one.group(1)))
                                    .sum())
                            .as(filter)
                            .isEqualTo(4);
                }
                assertThat(text(path + from + "&" + cel("json.id == 7 && json.card.number == '***'")))
                        .contains("\"offset\":\"3\"");
            }
        }
    }

    /** What cannot be decoded is hidden whole: not even why it could not be is told, for that may quote it. */
    @Test
    void whatCannotBeDecodedIsHiddenWhole() throws Exception {
        byte[] cutOff = Arrays.copyOf(PaymentSchemas.avro("4111"), 9);
        byte[] unknown = PaymentSchemas.avro("4111");
        unknown[4] = 99;
        byte[] broken = PaymentSchemas.json("4111\"");
        for (byte[] payload : List.of(cutOff, unknown, broken)) produce(payload);
        Answer page = get("/topics/" + topic + "/records?from=OLDEST");
        for (int i = 1; i <= 3; i++) {
            assertThat(page.text("/items/" + i + "/value/data")).isEqualTo("***");
            assertThat(page.body().at("/items/" + i + "/value").has("schema")).isFalse();
        }
    }

    private void produce(byte[] payload) throws Exception {
        String value = Base64.getEncoder().encodeToString(payload);
        Answer answer =
                post("/topics/" + topic + "/records", "{\"value\":\"%s\",\"encoding\":\"base64\"}".formatted(value));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body().toString()).doesNotContain(value);
    }

    private String text(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String cel(String expression) {
        return "cel=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    }
}

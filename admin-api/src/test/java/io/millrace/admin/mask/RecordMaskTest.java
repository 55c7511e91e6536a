package io.millrace.admin.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.mask.MaskingProperties.Part;
import io.millrace.admin.mask.MaskingProperties.Rule;
import io.millrace.admin.mask.ShownRecord.Content;
import io.millrace.admin.schema.PayloadDecoder;
import io.millrace.admin.schema.PayloadDecoder.Decoded;
import io.millrace.admin.schema.PayloadDecoder.SchemaUse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordMaskTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        card              | {"card":"4111","id":1}                  | {"card":"***","id":1}
        a.b               | {"a":{"b":{"c":1},"d":2}}               | {"a":{"b":"***","d":2}}
        items.*.card      | {"items":[{"card":1,"n":2},{"n":3}]}    | {"items":[{"card":"***","n":2},{"n":3}]}
        items.card        | {"items":[{"card":1},[{"card":2}]]}     | {"items":[{"card":"***"},[{"card":"***"}]]}
        *                 | {"a":1,"b":[1]}                         | {"a":"***","b":"***"}
        *                 | [1,2]                                   | ["***","***"]
        **.ssn            | {"ssn":1,"a":[{"b":{"ssn":{"x":2}}}]}   | {"ssn":"***","a":[{"b":{"ssn":"***"}}]}
        none              | {"n":9223372036854775808,"d":1.10}      | {"n":9223372036854775808,"d":1.10}
        card              | {"card":1,"card":2}                     | {"card":"***"}
        card              | {"card":null}                           | {"card":"***"}
        card              | card=4111                               | ***
        card              | {"card":"4111"                          | ***
        card              | {"a":1} {"card":"4111"}                 | ***
        card              | "4111"                                  | ***
        card              | 4111                                    | ***
        """)
    void pathsAreMaskedAndWhatIsNoJsonAltogether(String path, String value, String expected) {
        RecordMask mask = new RecordMask(List.of(rule(Part.VALUE, ".*", path)));
        assertThat(text(show(mask, record("k", value)).value())).isEqualTo(expected);
    }

    /** What a schema tells how to read is masked field by field; its size would tell the length of what is hidden. */
    @Test
    void fieldsThatASchemaTellsOfAreMasked() {
        PayloadDecoder decoder = payload -> new Decoded(
                "{\"card\":{\"number\":\"4111\"},\"id\":7}", new SchemaUse(3, "AVRO", "shop.Payment", null));
        Content shown = new RecordMask(List.of(rule(Part.VALUE, ".*", "card.number")))
                .show(record("k", "\0\0\0\0\3whatever"), decoder)
                .value();
        assertThat(text(shown)).isEqualTo("{\"card\":{\"number\":\"***\"},\"id\":7}");
        assertThat(shown).extracting(Content::sizeBytes).isEqualTo(text(shown).length());
        assertThat(shown).extracting(Content::schema).isEqualTo(new SchemaUse(3, "AVRO", "shop.Payment", null));
    }

    @Test
    void whatCannotBeDecodedOrIsMaskedWholeNamesNoSchemaEither() {
        PayloadDecoder failing = payload -> new Decoded(null, new SchemaUse(3, "AVRO", null, "4111 is no union"));
        PayloadDecoder text = payload -> new Decoded("\"4111\"", new SchemaUse(3, "AVRO", null, null));
        ConsumerRecord<byte[], byte[]> record = record("k", "\0\0\0\0\3x4111");
        for (RecordMask mask : List.of(
                new RecordMask(List.of(rule(Part.VALUE, ".*", "card"))),
                new RecordMask(List.of(rule(Part.VALUE, ".*"))))) {
            for (PayloadDecoder decoder : List.of(failing, text, PayloadDecoder.NONE)) {
                Content shown = mask.show(record, decoder).value();
                assertThat(text(shown)).isEqualTo("***");
                assertThat(shown).extracting(Content::schema).isNull();
                assertThat(shown).extracting(Content::sizeBytes).isEqualTo(3);
            }
        }
    }

    /** In a Schema Registry's wire format even JSON is no JSON to a path where nobody decodes it. */
    @Test
    void whatASchemaDescribesIsMaskedAltogetherWithoutIt() {
        RecordMask mask = new RecordMask(List.of(rule(Part.VALUE, ".*", "card")));
        for (String body : List.of("{\"card\":\"4111\",\"id\":1}", "\b4111")) {
            for (String prefix : List.of("\0\0\0\0\1", "\0\0\0{\1", "\0\0{\0\1")) {
                assertThat(text(show(mask, record("k", prefix + body)).value())).isEqualTo("***");
            }
        }
    }

    @Test
    void keysValuesAndHeadersAreMaskedEachByItsRule() {
        RecordMask mask = new RecordMask(List.of(rule(Part.KEY, ".*"), rule(Part.HEADERS, "auth.*")));
        ConsumerRecord<byte[], byte[]> whole = record("secret", "open");
        whole.headers()
                .add("authorization", bytes("Bearer x"))
                .add("trace", bytes("t"))
                .add("auth", null);
        ShownRecord shown = show(mask, whole);
        assertThat(text(shown.key())).isEqualTo("***");
        assertThat(text(shown.value())).isEqualTo("open");
        assertThat(text(shown.headers().lastHeader("authorization").value())).isEqualTo("***");
        assertThat(text(shown.headers().lastHeader("trace").value())).isEqualTo("t");
        assertThat(shown.headers().lastHeader("auth").value()).isNull();
        assertThat(shown.offset()).isEqualTo(7);
        assertThat(text(whole.key())).isEqualTo("secret");
    }

    @Test
    void aTombstoneStaysOne() {
        RecordMask mask = new RecordMask(List.of(rule(Part.VALUE, ".*"), rule(Part.KEY, ".*")));
        ShownRecord shown = show(mask, record(null, null));
        assertThat(shown.key()).isNull();
        assertThat(shown.value()).isNull();
    }

    @Test
    void rulesAreForTopicsWhoseWholeNameMatches() {
        Masking masking = new Masking(
                new MaskingProperties(List.of(new Rule("payments(-copy)?", Part.VALUE, ".*", List.of(), "***"))));
        assertThat(text(show(masking.of("payments"), record("k", "v")).value())).isEqualTo("***");
        assertThat(text(show(masking.of("payments-2"), record("k", "v")).value()))
                .isEqualTo("v");
        assertThat(masking.masksAtLeast("payments", "payments-copy")).isTrue();
        assertThat(masking.masksAtLeast("payments", "elsewhere")).isFalse();
        assertThat(masking.masksAtLeast("elsewhere", "payments")).isTrue();
    }

    @Test
    void rulesThatCannotBeMeantStopTheStart() {
        assertThatThrownBy(() -> new Rule("[", Part.KEY, ".*", List.of(), "x")).hasMessageContaining("topics='['");
        assertThatThrownBy(() -> new Rule(null, Part.KEY, ".*", List.of(), "x"))
                .hasMessageContaining("without 'topics'");
        assertThatThrownBy(() -> new Rule(".*", Part.VALUE, ".*", List.of("a..b"), "x"))
                .hasMessageContaining("the path 'a..b'");
    }

    private static Rule rule(Part part, String headers, String... paths) {
        return new Rule(".*", part, headers, List.of(paths), "***");
    }

    private static ConsumerRecord<byte[], byte[]> record(@Nullable String key, @Nullable String value) {
        return new ConsumerRecord<>(
                "t",
                0,
                7L,
                8L,
                TimestampType.CREATE_TIME,
                -1,
                -1,
                key == null ? null : bytes(key),
                value == null ? null : bytes(value),
                new RecordHeaders(),
                Optional.empty());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ShownRecord show(RecordMask mask, ConsumerRecord<byte[], byte[]> record) {
        return mask.show(record, PayloadDecoder.NONE);
    }

    private static String text(@Nullable Content content) {
        return content == null ? "(nothing)" : content.text();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

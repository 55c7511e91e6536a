package io.millrace.admin.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.mask.RecordMask;
import io.millrace.admin.mask.ShownRecord;
import io.millrace.admin.problem.ApiException;
import io.millrace.admin.schema.PayloadDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFilterTest {
    private static ShownRecord record(@Nullable String key, @Nullable String value) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("orders", 2, 41, bytes(key), bytes(value));
        record.headers().add("trace", bytes("abc"));
        return RecordMask.NONE.show(record, PayloadDecoder.NONE);
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "json.total > 100 && json.state == 'PAID'",
                "json.id == 9223372036854775807",
                "json.items.exists(item, item.sku == 'b-2')",
                "json.price < 1.5",
                "key.startsWith('order-') && headers['trace'] == 'abc'",
                "partition == 2 && offset == 41",
                "value.matches('.*PAI[A-Z].*')",
                "!has(json.gone) && !has(json.nothing)",
            })
    void aTrueExpressionLetsTheRecordPass(String cel) {
        String value = "{\"id\":9223372036854775807,\"total\":101,\"price\":1.25,\"state\":\"PAID\",\"gone\":null,"
                + "\"items\":[{\"sku\":\"a-1\"},{\"sku\":\"b-2\"}]}";
        assertThat(RecordFilter.of("", cel).matches(record("order-1", value))).isTrue();
        assertThat(RecordFilter.of("paid", cel).matches(record("order-1", value)))
                .isTrue();
        assertThat(RecordFilter.of("refunded", cel).matches(record("order-1", value)))
                .isFalse();
    }

    @Test
    void aRecordWithoutAnAnswerDoesNotMatchAndIsCounted() {
        RecordFilter filter = RecordFilter.of("", "json.total > 100");
        assertThat(filter.matches(record(null, "not json"))).isFalse();
        assertThat(filter.matches(record(null, null))).isFalse();
        assertThat(filter.matches(record(null, "{\"total\":\"many\"}"))).isFalse();
        assertThat(filter.matches(record(null, "{\"total\":50}"))).isFalse();
        assertThat(filter.failures()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json.total >", "unknown == 1", "1 + 1", "value.toString()", "java.lang.Runtime"})
    void whatIsNoConditionIsRefused(String cel) {
        assertThatThrownBy(() -> RecordFilter.of("", cel))
                .isInstanceOf(ApiException.class)
                .hasMessageStartingWith("the CEL filter cannot be used: ");
    }

    @Test
    void anExpressionHasLimits() {
        assertThatThrownBy(() -> RecordFilter.of("", "true" + " && true".repeat(500)))
                .hasMessageContaining("at most 2000 are taken");
        String list = "[" + "1,".repeat(300) + "1]";
        RecordFilter greedy = RecordFilter.of("", "json.all(a, json.all(b, json.all(c, a + b + c > 0)))");
        assertThat(greedy.matches(record(null, list))).isFalse();
        assertThat(greedy.failures()).isEqualTo(1);
    }
}

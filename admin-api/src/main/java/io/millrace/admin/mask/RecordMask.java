package io.millrace.admin.mask;

import io.millrace.admin.mask.MaskingProperties.Rule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What of a topic's records is shown in another way. Where a rule's paths cannot be followed, because a part is no JSON,
 * the whole part is masked: too much is hidden rather than too little. What is null stays null.
 */
public final class RecordMask {
    private final List<Step> steps;

    private record Step(Rule rule, Pattern headers, JsonMask paths) {
        byte @Nullable [] apply(byte @Nullable [] bytes) {
            if (bytes == null) return null;
            byte[] whole = rule.replacement().getBytes(StandardCharsets.UTF_8);
            if (rule.paths().isEmpty()) return whole;
            byte @Nullable [] masked = paths.apply(bytes);
            return masked == null ? whole : masked;
        }
    }

    RecordMask(List<Rule> rules) {
        steps = rules.stream()
                .map(rule ->
                        new Step(rule, Pattern.compile(rule.headers()), new JsonMask(rule.paths(), rule.replacement())))
                .toList();
    }

    public boolean hidesNothing() {
        return steps.isEmpty();
    }

    /** The record as it may be seen. */
    public ConsumerRecord<byte[], byte[]> apply(ConsumerRecord<byte[], byte[]> record) {
        if (steps.isEmpty()) return record;
        byte @Nullable [] key = record.key();
        byte @Nullable [] value = record.value();
        Headers headers = record.headers();
        for (Step step : steps) {
            switch (step.rule().part()) {
                case KEY -> key = step.apply(key);
                case VALUE -> value = step.apply(value);
                case HEADERS -> headers = masked(headers, step);
            }
        }
        return new ConsumerRecord<>(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.timestampType(),
                key == null ? -1 : key.length,
                value == null ? -1 : value.length,
                key,
                value,
                headers,
                record.leaderEpoch());
    }

    private static Headers masked(Headers headers, Step step) {
        RecordHeaders result = new RecordHeaders();
        for (Header header : headers) {
            boolean meant = step.headers().matcher(header.key()).matches();
            result.add(header.key(), meant ? step.apply(header.value()) : header.value());
        }
        return result;
    }
}

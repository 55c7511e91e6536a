package io.millrace.admin.mask;

import io.millrace.admin.mask.MaskingProperties.Part;
import io.millrace.admin.mask.MaskingProperties.Rule;
import io.millrace.admin.mask.ShownRecord.Content;
import io.millrace.admin.schema.PayloadDecoder;
import io.millrace.admin.schema.PayloadDecoder.Decoded;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What of a topic's records is shown in another way. Paths are followed in JSON, and in what a schema tells how to read as JSON; where
 * they cannot be followed, the whole part is masked: too much is hidden rather than too little. What is null stays null.
 */
public final class RecordMask {
    /** Hides nothing. */
    public static final RecordMask NONE = new RecordMask(List.of());

    private final List<Step> steps;

    private record Step(Rule rule, Pattern headers, JsonMask paths) {
        byte[] whole() {
            return rule.replacement().getBytes(StandardCharsets.UTF_8);
        }

        /** Null where the whole part must be masked. */
        byte @Nullable [] within(byte[] bytes) {
            return rule.paths().isEmpty() ? null : paths.apply(bytes);
        }
    }

    RecordMask(List<Rule> rules) {
        steps = rules.stream()
                .map(rule ->
                        new Step(rule, Pattern.compile(rule.headers()), new JsonMask(rule.paths(), rule.replacement())))
                .toList();
    }

    /** The record as it may be seen. */
    public ShownRecord show(ConsumerRecord<byte[], byte[]> record, PayloadDecoder decoder) {
        return new ShownRecord(
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.timestampType(),
                content(Part.KEY, record.key(), decoder),
                content(Part.VALUE, record.value(), decoder),
                headers(record.headers()));
    }

    private @Nullable Content content(Part part, byte @Nullable [] bytes, PayloadDecoder decoder) {
        if (bytes == null) return null;
        Decoded decoded = decoder.decode(bytes);
        String json = decoded == null ? null : decoded.json();
        byte[] seen = json == null ? bytes : json.getBytes(StandardCharsets.UTF_8);
        boolean masked = false;
        for (Step step : steps) {
            if (step.rule().part() != part) continue;
            byte[] left = step.within(seen);
            // Not even why it could not be decoded is told: that may quote what it says.
            if (left == null) return new Content(step.whole(), step.whole().length, null);
            seen = left;
            masked = true;
        }
        return new Content(seen, masked ? seen.length : bytes.length, decoded == null ? null : decoded.schema());
    }

    private Headers headers(Headers headers) {
        Headers seen = headers;
        for (Step step : steps) {
            if (step.rule().part() == Part.HEADERS) seen = masked(seen, step);
        }
        return seen;
    }

    private static Headers masked(Headers headers, Step step) {
        RecordHeaders result = new RecordHeaders();
        for (Header header : headers) {
            byte[] value = header.value();
            if (value != null && step.headers().matcher(header.key()).matches()) {
                byte[] left = step.within(value);
                value = left == null ? step.whole() : left;
            }
            result.add(header.key(), value);
        }
        return result;
    }
}

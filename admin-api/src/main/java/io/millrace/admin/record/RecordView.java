package io.millrace.admin.record;

import io.millrace.admin.schema.PayloadDecoder;
import io.millrace.admin.schema.PayloadDecoder.Decoded;
import io.millrace.admin.schema.PayloadDecoder.SchemaUse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** One record as JSON shows it. */
record RecordView(
        int partition,
        long offset,
        Instant timestamp,
        String timestampType,
        @Nullable Payload key,
        @Nullable Payload value,
        List<HeaderView> headers) {

    /**
     * Bytes as text when they are UTF-8, else as base64.
     *
     * @param encoding "text" or "base64"
     * @param sizeBytes of the record, whatever is shown of it
     * @param truncated the data is only the beginning of what there is
     * @param schema the schema of a payload in a Schema Registry's wire format, whose JSON the data then is
     */
    record Payload(
            String encoding,
            String data,
            int sizeBytes,
            boolean truncated,
            @Nullable SchemaUse schema) {

        static @Nullable Payload of(byte @Nullable [] bytes, int limitBytes, PayloadDecoder decoder) {
            if (bytes == null) return null;
            Decoded decoded = decoder.decode(bytes);
            if (decoded == null) return of(bytes, bytes.length, limitBytes, null);
            String json = decoded.json();
            byte[] shown = json == null ? bytes : json.getBytes(StandardCharsets.UTF_8);
            return of(shown, bytes.length, limitBytes, decoded.schema());
        }

        private static Payload of(byte[] bytes, int sizeBytes, int limitBytes, @Nullable SchemaUse schema) {
            boolean truncated = bytes.length > limitBytes;
            byte[] shown = truncated ? Arrays.copyOf(bytes, wholeCharacters(bytes, limitBytes)) : bytes;
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(shown))
                        .toString();
                return new Payload("text", text, sizeBytes, truncated, schema);
            } catch (CharacterCodingException binary) {
                return new Payload("base64", Base64.getEncoder().encodeToString(shown), sizeBytes, truncated, schema);
            }
        }

        /** The largest length up to {@code limit} that does not cut a UTF-8 character in two. */
        private static int wholeCharacters(byte[] bytes, int limit) {
            int end = limit;
            while (end > 0 && end > limit - 4 && (bytes[end] & 0xC0) == 0x80) end--;
            return end;
        }
    }

    record HeaderView(String name, @Nullable Payload value) {}

    static RecordView of(ConsumerRecord<byte[], byte[]> record, int limitBytes, PayloadDecoder decoder) {
        List<HeaderView> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new HeaderView(header.key(), Payload.of(header.value(), limitBytes, PayloadDecoder.NONE)));
        }
        return new RecordView(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.timestampType().name,
                Payload.of(record.key(), limitBytes, decoder),
                Payload.of(record.value(), limitBytes, decoder),
                headers);
    }

    /** Whether key, value or a header contains the text, whatever its case. */
    static boolean contains(ConsumerRecord<byte[], byte[]> record, String lowerCaseText, PayloadDecoder decoder) {
        if (lowerCaseText.isEmpty()) return true;
        if (matches(text(record.key(), decoder), lowerCaseText)
                || matches(text(record.value(), decoder), lowerCaseText)) return true;
        for (Header header : record.headers()) {
            if (matches(header.key(), lowerCaseText)
                    || matches(text(header.value(), PayloadDecoder.NONE), lowerCaseText)) return true;
        }
        return false;
    }

    /** What a filter looks at: the payload's JSON if it can be decoded, else its bytes as UTF-8. */
    static String text(byte @Nullable [] bytes, PayloadDecoder decoder) {
        if (bytes == null) return "";
        Decoded decoded = decoder.decode(bytes);
        String json = decoded == null ? null : decoded.json();
        return json != null ? json : new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean matches(String text, String lowerCaseText) {
        return text.toLowerCase(Locale.ROOT).contains(lowerCaseText);
    }
}

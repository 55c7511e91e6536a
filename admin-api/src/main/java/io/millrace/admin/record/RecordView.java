package io.millrace.admin.record;

import io.millrace.admin.mask.ShownRecord;
import io.millrace.admin.mask.ShownRecord.Content;
import io.millrace.admin.schema.PayloadDecoder.SchemaUse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
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

        static @Nullable Payload of(@Nullable Content content, int limitBytes) {
            return content == null ? null : of(content.bytes(), content.sizeBytes(), limitBytes, content.schema());
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

    static RecordView of(ShownRecord record, int limitBytes) {
        List<HeaderView> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            byte[] value = header.value();
            headers.add(new HeaderView(
                    header.key(), value == null ? null : Payload.of(value, value.length, limitBytes, null)));
        }
        return new RecordView(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestampMs()),
                record.timestampType().name,
                Payload.of(record.key(), limitBytes),
                Payload.of(record.value(), limitBytes),
                headers);
    }
}

package io.millrace.admin.record;

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
     * @param truncated the data is only the first bytes of {@code sizeBytes}
     */
    record Payload(String encoding, String data, int sizeBytes, boolean truncated) {

        static @Nullable Payload of(byte @Nullable [] bytes, int limitBytes) {
            if (bytes == null) return null;
            boolean truncated = bytes.length > limitBytes;
            byte[] shown = truncated ? Arrays.copyOf(bytes, wholeCharacters(bytes, limitBytes)) : bytes;
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(shown))
                        .toString();
                return new Payload("text", text, bytes.length, truncated);
            } catch (CharacterCodingException binary) {
                return new Payload("base64", Base64.getEncoder().encodeToString(shown), bytes.length, truncated);
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

    static RecordView of(ConsumerRecord<byte[], byte[]> record, int limitBytes) {
        List<HeaderView> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new HeaderView(header.key(), Payload.of(header.value(), limitBytes)));
        }
        return new RecordView(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.timestampType().name,
                Payload.of(record.key(), limitBytes),
                Payload.of(record.value(), limitBytes),
                headers);
    }

    /** Whether key, value or a header contains the text, whatever its case. */
    static boolean contains(ConsumerRecord<byte[], byte[]> record, String lowerCaseText) {
        if (lowerCaseText.isEmpty()) return true;
        if (matches(record.key(), lowerCaseText) || matches(record.value(), lowerCaseText)) return true;
        for (Header header : record.headers()) {
            if (header.key().toLowerCase(Locale.ROOT).contains(lowerCaseText) || matches(header.value(), lowerCaseText))
                return true;
        }
        return false;
    }

    private static boolean matches(byte @Nullable [] bytes, String lowerCaseText) {
        return bytes != null
                && new String(bytes, StandardCharsets.UTF_8)
                        .toLowerCase(Locale.ROOT)
                        .contains(lowerCaseText);
    }
}

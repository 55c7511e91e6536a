package io.millrace.admin.mask;

import io.millrace.admin.schema.PayloadDecoder.SchemaUse;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** A record as it may be seen: decoded where a schema tells how, then masked. Whatever looks at records looks at this. */
public record ShownRecord(
        int partition,
        long offset,
        long timestampMs,
        TimestampType timestampType,
        @Nullable Content key,
        @Nullable Content value,
        Headers headers) {

    /** A key or a value. Whoever holds it leaves the bytes as they are. */
    public static final class Content {
        private final byte[] bytes;
        private final int sizeBytes;
        private final @Nullable SchemaUse schema;

        Content(byte[] bytes, int sizeBytes, @Nullable SchemaUse schema) {
            this.bytes = bytes;
            this.sizeBytes = sizeBytes;
            this.schema = schema;
        }

        /** What may be seen; JSON in UTF-8 where a schema was followed. */
        public byte[] bytes() {
            return bytes;
        }

        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** Of the record's own bytes; of what may be seen where something is masked, which says nothing of the rest. */
        public int sizeBytes() {
            return sizeBytes;
        }

        /** The schema that the payload names; absent where all is masked. */
        public @Nullable SchemaUse schema() {
            return schema;
        }
    }
}

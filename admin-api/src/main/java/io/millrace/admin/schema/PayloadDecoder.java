package io.millrace.admin.schema;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Shows payloads in a Schema Registry's wire format as JSON. Any thread. */
@FunctionalInterface
public interface PayloadDecoder {
    /** Where no registry is configured. */
    PayloadDecoder NONE = payload -> null;

    /** The payload as JSON; null if it is not in the wire format, and is shown as it is. */
    @Nullable
    Decoded decode(byte @Nullable [] payload);

    /**
     * A payload in the wire format.
     *
     * @param json absent where it could not be decoded; {@code schema} says why
     */
    record Decoded(@Nullable String json, SchemaUse schema) {}

    /**
     * Which schema a payload names.
     *
     * @param type AVRO, PROTOBUF or JSON; absent while the schema is not known
     * @param name the record or message; absent where the schema has none
     * @param problem why the payload is shown as it is; absent if it was decoded
     */
    @Schema(name = "SchemaUse")
    record SchemaUse(
            int id,
            @Nullable String type,
            @Nullable String name,
            @Nullable String problem) {}
}

package io.millrace.admin.schema;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what follows the schema's id by one schema. Any thread; the bytes are hostile. */
interface PayloadReader {
    /** AVRO, PROTOBUF or JSON, as the registry calls them. */
    String type();

    /** The record or message that a payload is; null where the schema has no name. */
    @Nullable
    String name(ByteBuffer body) throws IOException;

    /** Throws where the bytes are not what the schema says. */
    JsonNode read(ByteBuffer body) throws IOException;
}

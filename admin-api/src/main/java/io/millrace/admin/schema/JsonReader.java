package io.millrace.admin.schema;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON Schema: the payload is JSON already. It is shown as it was written, whether the schema allows it or not. */
final class JsonReader implements PayloadReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final @Nullable String title;

    JsonReader(String schema) {
        JsonNode name = JSON.readTree(schema).path("title");
        this.title = name.isString() ? name.asString() : null;
    }

    @Override
    public String type() {
        return "JSON";
    }

    @Override
    public @Nullable String name(ByteBuffer body) {
        return title;
    }

    @Override
    public JsonNode read(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return JSON.readTree(bytes);
    }
}

package io.millrace.admin.schema;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Avro's binary encoding as plain JSON: no wrapping of unions, decimals and points in time as people read them, bytes as base64.
 */
final class AvroReader implements PayloadReader {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final GenericData DATA = new GenericData();

    static {
        DATA.addLogicalTypeConversion(new Conversions.DecimalConversion());
        DATA.addLogicalTypeConversion(new Conversions.UUIDConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.DateConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
        DATA.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
    }

    private final Schema schema;

    /** {@code references} in an order in which each names only earlier ones. */
    AvroReader(String schema, List<String> references) {
        Schema.Parser parser = new Schema.Parser();
        references.forEach(parser::parse);
        this.schema = parser.parse(schema);
    }

    @Override
    public String type() {
        return "AVRO";
    }

    @Override
    public String name(ByteBuffer body) {
        return schema.getFullName();
    }

    @Override
    public JsonNode read(ByteBuffer body) throws IOException {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        // One that never changes its schema is cheap to make and not safe to share.
        GenericDatumReader<@Nullable Object> reader = new GenericDatumReader<>(schema, schema, DATA);
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
        Object datum = reader.read(null, decoder);
        if (!decoder.isEnd()) throw new IOException("there is more after the end of the value");
        return json(datum);
    }

    private static JsonNode json(@Nullable Object datum) {
        return switch (datum) {
            case null -> JSON.nullNode();
            case IndexedRecord record -> {
                ObjectNode node = JSON.objectNode();
                for (Schema.Field field : record.getSchema().getFields()) {
                    node.set(field.name(), json(record.get(field.pos())));
                }
                yield node;
            }
            case Map<?, ?> map -> {
                ObjectNode node = JSON.objectNode();
                map.forEach((key, value) -> node.set(String.valueOf(key), json(value)));
                yield node;
            }
            case Collection<?> items -> {
                ArrayNode node = JSON.arrayNode();
                for (Object item : items) node.add(json(item));
                yield node;
            }
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case BigDecimal number -> JSON.numberNode(number);
            case Boolean truth -> JSON.booleanNode(truth);
            case ByteBuffer buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                yield JSON.binaryNode(bytes);
            }
            case GenericFixed fixed -> JSON.binaryNode(fixed.bytes());
            // Text, enum symbols, UUIDs, and points in time, which print as ISO 8601.
            default -> JSON.stringNode(datum.toString());
        };
    }
}

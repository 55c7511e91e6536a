package io.millrace.admin.schema;

import com.squareup.wire.ProtoAdapter;
import com.squareup.wire.schema.CoreLoader;
import com.squareup.wire.schema.EnumType;
import com.squareup.wire.schema.ErrorCollector;
import com.squareup.wire.schema.Field;
import com.squareup.wire.schema.Linker;
import com.squareup.wire.schema.Loader;
import com.squareup.wire.schema.Location;
import com.squareup.wire.schema.MessageType;
import com.squareup.wire.schema.ProtoFile;
import com.squareup.wire.schema.ProtoType;
import com.squareup.wire.schema.Schema;
import com.squareup.wire.schema.Type;
import com.squareup.wire.schema.internal.parser.ProtoParser;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Protobuf messages by the text of their {@code .proto} file. A path of message indexes stands before the message:
 *
 * <pre>
 * count (zigzag varint; 0 means the first message of the file) | count indexes (zigzag varints) | message
 * </pre>
 */
final class ProtobufReader implements PayloadReader {
    private static final String MAIN = "value.proto";
    private static final int MAX_DEPTH = 100;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Schema schema;
    private final List<Type> topLevel;

    /** {@code imports} by the name under which they are imported. */
    ProtobufReader(String text, Map<String, String> imports) {
        Map<String, ProtoFile> files = new HashMap<>();
        imports.forEach((name, imported) -> files.put(name, parsed(name, imported)));
        ProtoFile main = parsed(MAIN, text);
        this.schema = new Linker(new Imports(files), new ErrorCollector(), true, true).link(List.of(main));
        this.topLevel = main.getTypes();
    }

    private static ProtoFile parsed(String name, String text) {
        return ProtoFile.Companion.get(ProtoParser.Companion.parse(Location.get(name), text));
    }

    /** What may be imported: the schema's references, and Google's well-known types. */
    private record Imports(Map<String, ProtoFile> files) implements Loader {
        @Override
        public ProtoFile load(String path) {
            ProtoFile file = files.get(path);
            return file != null ? file : CoreLoader.INSTANCE.load(path);
        }

        @Override
        public Loader withErrors(ErrorCollector errors) {
            return this;
        }
    }

    @Override
    public String type() {
        return "PROTOBUF";
    }

    @Override
    public String name(ByteBuffer body) throws IOException {
        return message(body).getType().toString();
    }

    @Override
    public JsonNode read(ByteBuffer body) throws IOException {
        Type message = message(body);
        ProtoAdapter<Object> adapter = schema.protoAdapter(message.getType().toString(), true);
        Buffer bytes = new Buffer();
        bytes.write(body);
        return json(adapter.decode(bytes), message.getType());
    }

    private Type message(ByteBuffer body) throws IOException {
        int count = index(body);
        if (count == 0) return nth(topLevel, 0);
        if (count > MAX_DEPTH) throw new IOException("a path of " + count + " message indexes is too long");
        List<Type> level = topLevel;
        Type found = nth(level, index(body));
        for (int depth = 1; depth < count; depth++) found = nth(found.getNestedTypes(), index(body));
        return found;
    }

    /** Enums are no messages and are not counted. */
    private static Type nth(List<Type> types, int index) throws IOException {
        List<Type> messages =
                types.stream().filter(type -> !(type instanceof EnumType)).toList();
        if (index >= messages.size()) throw new IOException("the schema has no message with index " + index);
        return messages.get(index);
    }

    private static int index(ByteBuffer body) throws IOException {
        long raw = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (!body.hasRemaining()) throw new IOException("the message indexes are cut off");
            byte next = body.get();
            raw |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                long value = (raw >>> 1) ^ -(raw & 1);
                if (value < 0 || value > Integer.MAX_VALUE) throw new IOException("message index " + value);
                return (int) value;
            }
        }
        throw new IOException("a message index is longer than five bytes");
    }

    private JsonNode json(@Nullable Object value, @Nullable ProtoType type) {
        return switch (value) {
            case null -> JSON.nullNode();
            case Map<?, ?> map -> {
                ObjectNode node = JSON.objectNode();
                map.forEach((name, member) -> node.set(String.valueOf(name), json(member, member(type, name))));
                yield node;
            }
            case List<?> items -> {
                ArrayNode node = JSON.arrayNode();
                for (Object item : items) node.add(json(item, type));
                yield node;
            }
            // Java has no unsigned numbers, Protobuf has.
            case Integer number
            when isOneOf(type, ProtoType.UINT32, ProtoType.FIXED32) -> JSON.numberNode(Integer.toUnsignedLong(number));
            case Long number
            when isOneOf(type, ProtoType.UINT64, ProtoType.FIXED64) ->
                JSON.numberNode(new BigInteger(Long.toUnsignedString(number)));
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case Boolean truth -> JSON.booleanNode(truth);
            case ByteString bytes -> JSON.binaryNode(bytes.toByteArray());
            default -> JSON.stringNode(value.toString());
        };
    }

    private static boolean isOneOf(@Nullable ProtoType type, ProtoType first, ProtoType second) {
        return first.equals(type) || second.equals(type);
    }

    /** The type of a field of a message, or of a map's values; null for fields that the schema does not have. */
    private @Nullable ProtoType member(@Nullable ProtoType of, Object name) {
        if (of == null) return null;
        if (of.isMap()) return of.getValueType();
        if (!(schema.getType(of) instanceof MessageType message)) return null;
        Field field = message.field(String.valueOf(name));
        return field == null ? null : field.getType();
    }
}

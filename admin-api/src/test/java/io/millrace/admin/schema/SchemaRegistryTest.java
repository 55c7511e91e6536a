package io.millrace.admin.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.admin.schema.PayloadDecoder.Decoded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Payloads of every type over a registry that speaks the documented REST interface. */
class SchemaRegistryTest {
    private static final String ORDER = """
            {"type":"record","name":"Order","namespace":"shop","fields":[
              {"name":"id","type":"long"},
              {"name":"note","type":["null","string"]},
              {"name":"total","type":{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}},
              {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
              {"name":"state","type":{"type":"enum","name":"State","symbols":["NEW","PAID"]}},
              {"name":"lines","type":{"type":"array","items":"shop.Line"}}]}""";
    private static final String LINE =
            "{\"type\":\"record\",\"name\":\"Line\",\"namespace\":\"shop\",\"fields\":[{\"name\":\"sku\",\"type\":\"string\"}]}";

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private SchemaRegistry registry;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        registry = registry("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @AfterEach
    void stop() {
        registry.close();
        server.stop(0);
    }

    private static SchemaRegistry registry(String url) {
        return new SchemaRegistry(new RegistryClient(new SchemaRegistryProperties.Registry(url, "reader", "secret")));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        asked.add(path);
        boolean known =
                "Basic cmVhZGVyOnNlY3JldA==".equals(exchange.getRequestHeaders().getFirst("Authorization"));
        String found = answers.get(path);
        int status = !known ? 401 : found == null ? 404 : 200;
        byte[] body = (status == 200 ? found : "{\"error_code\":" + status + "03,\"message\":\"no\"}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void schema(String path, String type, String text, String references) {
        String quoted = JsonMapper.shared().writeValueAsString(text);
        answers.put(
                path, "{\"schemaType\":\"" + type + "\",\"schema\":" + quoted + ",\"references\":" + references + "}");
    }

    private static byte[] framed(int id, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) 0)
                .putInt(id)
                .put(body)
                .array();
    }

    private Decoded decode(int id, byte[] body) {
        return Objects.requireNonNull(registry.decode(framed(id, body)));
    }

    @Test
    void avroIsShownAsPlainJson() throws IOException {
        schema("/subjects/shop%2Fline/versions/3", "AVRO", LINE, "[]");
        // The registry leaves the type out for Avro.
        answers.put(
                "/schemas/ids/7",
                "{\"schema\":" + JsonMapper.shared().writeValueAsString(ORDER)
                        + ",\"references\":[{\"name\":\"shop.Line\",\"subject\":\"shop/line\",\"version\":3}]}");
        Schema.Parser parser = new Schema.Parser();
        Schema line = parser.parse(LINE);
        Schema order = parser.parse(ORDER);
        GenericRecord item = new GenericData.Record(line);
        item.put("sku", "A-1");
        GenericRecord value = new GenericData.Record(order);
        value.put("id", 9_007_199_254_740_993L);
        value.put("note", "급함");
        value.put(
                "total",
                new Conversions.DecimalConversion()
                        .toBytes(
                                new BigDecimal("12.50"),
                                order.getField("total").schema(),
                                LogicalTypes.decimal(12, 2)));
        value.put("at", 0L);
        value.put("state", new GenericData.EnumSymbol(order.getField("state").schema(), "PAID"));
        value.put("lines", List.of(item));

        Decoded decoded = decode(7, avro(order, value));

        assertThat(decoded.json())
                .isEqualTo("{\"id\":9007199254740993,\"note\":\"급함\",\"total\":12.50,\"at\":\"1970-01-01T00:00:00Z\","
                        + "\"state\":\"PAID\",\"lines\":[{\"sku\":\"A-1\"}]}");
        assertThat(decoded.schema()).isEqualTo(new PayloadDecoder.SchemaUse(7, "AVRO", "shop.Order", null));
        decode(7, avro(order, value));
        assertThat(asked).containsExactly("/schemas/ids/7", "/subjects/shop%2Fline/versions/3");
    }

    private static byte[] avro(Schema schema, Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(schema).write(value, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    @Test
    void protobufMessagesAreFoundByTheirIndexes() {
        schema("/subjects/money/versions/1", "PROTOBUF", """
                syntax = "proto3";
                package shop;
                message Money { int64 units = 1; }
                """, "[]");
        schema(
                "/schemas/ids/8",
                "PROTOBUF",
                """
                syntax = "proto3";
                package shop;
                import "shop/money.proto";
                import "google/protobuf/timestamp.proto";
                enum State { NEW = 0; PAID = 1; }
                message Ignored { string no = 1; }
                message Outer {
                  message Inner {
                    string name = 1;
                    uint64 big = 2;
                    Money price = 3;
                    State state = 4;
                    repeated int32 numbers = 5;
                    google.protobuf.Timestamp at = 6;
                    map<string, uint32> counts = 7;
                  }
                }
                """,
                "[{\"name\":\"shop/money.proto\",\"subject\":\"money\",\"version\":1}]");
        byte[] path = {4, 2, 0};
        byte[] message = hex("0a0161" + "10ffffffffffffffffff01" + "1a02082a" + "2001" + "2a03010203" + "32020801"
                + "3a090a016210ffffffff0f");

        Decoded decoded = decode(8, concat(path, message));

        assertThat(decoded.schema().problem()).isNull();
        assertThat(decoded.schema().name()).isEqualTo("shop.Outer.Inner");
        assertThat(decoded.json())
                .contains(
                        "\"name\":\"a\"",
                        "\"big\":18446744073709551615",
                        "\"price\":{\"units\":42}",
                        "\"state\":\"PAID\"")
                .contains("\"numbers\":[1,2,3]", "\"at\":\"1970-01-01T00:00:01Z\"", "\"counts\":{\"b\":4294967295}");
        // No path at all is the first message.
        assertThat(decode(8, hex("00" + "0a0178")).json()).isEqualTo("{\"no\":\"x\"}");
    }

    @Test
    void jsonSchemaValuesAreTheirJson() {
        schema("/schemas/ids/9", "JSON", "{\"title\":\"Order\",\"type\":\"object\"}", "[]");
        Decoded decoded = decode(9, "{\"id\": 9007199254740993, \"total\": 1.10}".getBytes(StandardCharsets.UTF_8));
        assertThat(decoded.json()).isEqualTo("{\"id\":9007199254740993,\"total\":1.10}");
        assertThat(decoded.schema()).isEqualTo(new PayloadDecoder.SchemaUse(9, "JSON", "Order", null));
    }

    @Test
    void whatIsNotInTheWireFormatIsLeftAlone() {
        assertThat(registry.decode(null)).isNull();
        assertThat(registry.decode("text".getBytes(StandardCharsets.UTF_8))).isNull();
        assertThat(registry.decode(new byte[] {0, 0, 0, 1})).isNull();
        // A small number as eight bytes.
        assertThat(registry.decode(new byte[8])).isNull();
        assertThat(asked).isEmpty();
    }

    @Test
    void anUnknownSchemaIsSaidAndNotAskedForAgainAtOnce() {
        assertThat(decode(404, new byte[0]).schema().problem()).isEqualTo("the registry has no schema 404");
        decode(404, new byte[0]);
        assertThat(asked).containsExactly("/schemas/ids/404");
    }

    @Test
    void aRegistryThatIsDownIsSaidAndLeftAloneForAWhile() throws IOException {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        server.stop(0);
        List<Decoded> answered = new ArrayList<>();
        for (int id = 1; id <= 1_000; id++) answered.add(decode(id, new byte[0]));
        assertThat(answered).allSatisfy(decoded -> {
            assertThat(decoded.json()).isNull();
            assertThat(decoded.schema().problem()).startsWith("the schema registry at " + url + " does not answer");
        });
        assertThat(asked).isEmpty();
    }

    @Test
    void aSchemaThatCannotBeParsedIsSaid() {
        schema("/schemas/ids/1", "AVRO", "{\"type\":\"recor", "[]");
        schema("/schemas/ids/2", "PROTOBUF", "message {", "[]");
        schema("/schemas/ids/3", "XML", "<x/>", "[]");
        for (int id : new int[] {1, 2, 3}) {
            assertThat(decode(id, new byte[1]).schema().problem()).contains("schema " + id);
        }
    }

    @Test
    void bytesThatLieAboutThemselvesDoNoHarm() throws IOException {
        schema("/schemas/ids/1", "AVRO", "\"string\"", "[]");
        schema("/schemas/ids/2", "AVRO", "{\"type\":\"array\",\"items\":\"null\"}", "[]");
        schema(
                "/schemas/ids/3",
                "AVRO",
                "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"L\"]}]}",
                "[]");
        schema("/schemas/ids/4", "PROTOBUF", "syntax = \"proto3\"; message M { string s = 1; M m = 2; }", "[]");
        byte[] twoGigabytes = hex("eaffffff0f");
        byte[] quadrillions = hex("80808080808080" + "02");
        byte[] deep = new byte[1_000_000];
        java.util.Arrays.fill(deep, (byte) 2);
        assertThat(decode(1, twoGigabytes).schema().problem()).startsWith("it is not what schema 1 says");
        assertThat(decode(2, quadrillions).schema().problem()).startsWith("it is not what schema 2 says");
        assertThat(decode(3, deep).schema().problem()).startsWith("it is not what schema 3 says");
        assertThat(decode(4, hex("00" + "0affffffff07")).schema().problem()).startsWith("it is not what schema 4 says");
        assertThat(decode(4, hex("0a")).schema().problem()).startsWith("it is not what schema 4 says");
        // More bytes than the value has are no value of the schema.
        assertThat(decode(1, hex("0261" + "62")).schema().problem()).contains("more after the end");
    }

    @Test
    void aWrongUrlIsRefusedAtTheStart() {
        assertThatThrownBy(() -> new SchemaRegistryProperties.Registry("localhost:8081", "", ""))
                .hasMessageContaining("begins with http://");
    }

    private static byte[] hex(String digits) {
        return java.util.HexFormat.of().parseHex(digits);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}

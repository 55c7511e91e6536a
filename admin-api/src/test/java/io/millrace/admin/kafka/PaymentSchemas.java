package io.millrace.admin.kafka;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A Schema Registry that knows one payment in three formats, each with a card's number in it. */
public final class PaymentSchemas {
    private static final Map<String, Map<String, String>> BY_PATH = Map.of(
            "/schemas/ids/7",
            Map.of("schema", """
                {"type":"record","name":"Payment","namespace":"shop","fields":[
                  {"name":"card","type":{"type":"record","name":"Card","fields":[{"name":"number","type":"string"}]}},
                  {"name":"id","type":"long"}]}\
                """),
            "/schemas/ids/8",
            Map.of("schemaType", "PROTOBUF", "schema", """
                syntax = "proto3";
                message Payment {
                  message Card { string number = 1; }
                  Card card = 1;
                  int64 id = 2;
                }\
                """),
            "/schemas/ids/9",
            Map.of("schemaType", "JSON", "schema", "{\"title\":\"Payment\",\"type\":\"object\"}"));

    private PaymentSchemas() {}

    /** Starts the registry; it ends with this JVM. */
    static String serve() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                Map<String, String> known = BY_PATH.get(exchange.getRequestURI().getPath());
                byte[] body = JsonMapper.shared()
                        .writeValueAsBytes(
                                known == null ? Map.of("error_code", 40403, "message", "no such schema") : known);
                exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            return "http://127.0.0.1:" + server.getAddress().getPort();
        } catch (IOException failure) {
            throw new IllegalStateException("the schema registry did not start", failure);
        }
    }

    /** Payment 7 with a card's number of at most 60 characters, in Avro. */
    public static byte[] avro(String number) {
        return framed(7, new byte[] {(byte) (2 * number.length())}, text(number), new byte[] {14});
    }

    /** The same in Protobuf. */
    public static byte[] protobuf(String number) {
        byte length = (byte) number.length();
        return framed(8, new byte[] {0, 0x0a, (byte) (length + 2), 0x0a, length}, text(number), new byte[] {0x10, 7});
    }

    /** The same in JSON with a schema. */
    public static byte[] json(String number) {
        return framed(9, text("{\"card\":{\"number\":\"" + number + "\"},\"id\":7}"));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] framed(int id, byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0, 0, 0, 0, (byte) id});
        for (byte[] part : parts) bytes.writeBytes(part);
        return bytes.toByteArray();
    }
}

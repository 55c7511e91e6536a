package io.millrace.admin.schema;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The little of a Schema Registry's REST interface that reading needs: a schema by its id, and what it refers to. Any thread.
 */
final class RegistryClient implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final int MAX_REFERENCES = 100;

    private final String base;
    private final @Nullable String authorization;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    RegistryClient(SchemaRegistryProperties.Registry registry) {
        this.base = registry.url().replaceAll("/+$", "");
        this.authorization = registry.user().isEmpty()
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (registry.user() + ":" + registry.password()).getBytes(StandardCharsets.UTF_8));
    }

    String base() {
        return base;
    }

    /** The registry answered that it has no such schema. */
    static final class UnknownSchemaException extends IOException {
        UnknownSchemaException(String message) {
            super(message);
        }
    }

    /** A schema ready to read with. */
    PayloadReader reader(int id) throws IOException {
        JsonNode found = get("/schemas/ids/" + id, "schema " + id);
        Map<String, String> references = new LinkedHashMap<>();
        collect(found, references);
        String text = found.path("schema").asString("");
        String type = found.path("schemaType").asString("AVRO");
        return switch (type) {
            case "AVRO" -> new AvroReader(text, List.copyOf(references.values()));
            case "PROTOBUF" -> new ProtobufReader(text, references);
            case "JSON" -> new JsonReader(text);
            default ->
                throw new IOException("schema " + id + " is of type " + type
                        + ", which is not known here (AVRO, PROTOBUF and JSON are)");
        };
    }

    /** By name, the deepest first: a schema comes after what it refers to. */
    private void collect(JsonNode schema, Map<String, String> references) throws IOException {
        List<JsonNode> named = new ArrayList<>();
        schema.path("references").forEach(named::add);
        for (JsonNode reference : named) {
            String name = reference.path("name").asString("");
            if (references.containsKey(name)) continue;
            if (references.size() >= MAX_REFERENCES) {
                throw new IOException("the schema refers to more than " + MAX_REFERENCES + " others");
            }
            String subject = reference.path("subject").asString("");
            int version = reference.path("version").asInt(-1);
            JsonNode found = get(
                    "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions/" + version,
                    "version " + version + " of subject '" + subject + "'");
            collect(found, references);
            references.putIfAbsent(name, found.path("schema").asString(""));
        }
    }

    private JsonNode get(String path, String what) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(ANSWER)
                .header("Accept", "application/vnd.schemaregistry.v1+json, application/json");
        if (authorization != null) request.header("Authorization", authorization);
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 404) throw new UnknownSchemaException("the registry has no " + what);
            if (answer.statusCode() != 200) {
                throw new IOException("the registry answered with status " + answer.statusCode() + " for " + what);
            }
            return JSON.readTree(answer.body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the registry", interrupted);
        } catch (JacksonException notJson) {
            throw new IOException("the registry did not answer with JSON for " + what, notJson);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

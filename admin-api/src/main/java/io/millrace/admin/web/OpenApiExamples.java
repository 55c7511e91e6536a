package io.millrace.admin.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Shows for each endpoint what was once asked and answered, from {@code openapi-examples.json}: recorded from a broker by
 * the test that is named in it, never written by hand.
 */
final class OpenApiExamples {
    private final JsonNode recorded;

    OpenApiExamples() {
        try (InputStream resource = OpenApiExamples.class.getResourceAsStream("/openapi-examples.json")) {
            if (resource == null) throw new IllegalStateException("openapi-examples.json is not in this jar");
            recorded = Json.mapper().readTree(resource);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("openapi-examples.json cannot be read", unreadable);
        }
    }

    void add(OpenAPI document) {
        document.getPaths()
                .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
                    JsonNode example = recorded.get(method + " " + path);
                    if (example != null) add(operation, example);
                }));
    }

    private static void add(Operation operation, JsonNode example) {
        if (operation.getRequestBody() != null) {
            show(operation.getRequestBody().getContent(), example.get("request"));
        }
        operation.getResponses().forEach((status, response) -> {
            if (status.equals(example.path("status").asText())) show(response.getContent(), example.get("answer"));
        });
    }

    private static void show(@Nullable Content content, @Nullable JsonNode example) {
        if (content == null || example == null) return;
        // A text, such as YAML or a stream of events, is shown as it is.
        Object value = example.isTextual() ? example.asText() : example;
        content.values().forEach(type -> type.setExample(value));
    }
}

package io.millrace.admin.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * How values look on the wire, and the document that says so.
 *
 * <p>Every int64 is a JSON string: offsets beyond 2^53 would be rounded by JavaScript and by many JSON libraries.
 */
@Configuration(proxyBeanMethods = false)
class WireFormat {

    @Bean
    JsonMapperBuilderCustomizer int64AsStrings() {
        SimpleModule module = new SimpleModule("int64-as-string");
        module.addSerializer(Long.class, ToStringSerializer.instance);
        module.addSerializer(Long.TYPE, ToStringSerializer.instance);
        return builder -> builder.addModule(module).disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS);
    }

    @Bean
    OpenApiCustomizer millraceDocument() {
        return document -> {
            document.setInfo(
                    new Info()
                            .title("Millrace admin API")
                            .version("v1")
                            .description(
                                    "Operate any Kafka cluster. int64 values are strings. Failures are RFC 9457 problems with"
                                            + " a stable `code`. Lists come from a background snapshot: `page.asOf` says how old it is."));
            document.setServers(List.of());
            if (document.getComponents() != null && document.getComponents().getSchemas() != null) {
                document.getComponents().getSchemas().values().forEach(WireFormat::widen);
            }
            addProblems(document);
        };
    }

    private static void addProblems(OpenAPI document) {
        if (document.getComponents() == null || document.getPaths() == null) return;
        document.getComponents().addSchemas("Problem", problemSchema());
        Schema<?> reference = new JsonSchema().$ref("#/components/schemas/Problem");
        Content content = new Content().addMediaType("application/problem+json", new MediaType().schema(reference));
        document.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .forEach(operation -> describe(operation, content));
        OpenApiProblems.describe(document);
        new OpenApiExamples().add(document);
    }

    private static void describe(Operation operation, Content content) {
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(parameter -> widen(parameter.getSchema()));
        }
        operation
                .getResponses()
                .addApiResponse(
                        "default", new ApiResponse().description("A problem").content(content));
    }

    private static Schema<?> problemSchema() {
        Schema<Object> schema = new JsonSchema();
        schema.addType("object");
        for (String name : List.of("type", "title", "detail", "instance", "code", "kafkaError")) {
            schema.addProperty(name, typed("string"));
        }
        schema.addProperty("status", typed("integer"));
        schema.addProperty("kafkaErrorCode", typed("integer"));
        schema.addProperty("retriable", typed("boolean"));
        schema.setRequired(List.of("title", "status", "code", "retriable"));
        return schema;
    }

    private static Schema<?> typed(String type) {
        Schema<Object> schema = new JsonSchema();
        schema.addType(type);
        return schema;
    }

    /** Rewrites int64 integers to strings, through properties, items and map values. */
    private static void widen(@org.jspecify.annotations.Nullable Schema<?> schema) {
        if (schema == null) return;
        if ("int64".equals(schema.getFormat())) {
            schema.setTypes(Set.of("string"));
            schema.setExampleSetFlag(false);
        }
        Map<String, ?> properties = schema.getProperties();
        if (properties != null) {
            for (Object property : properties.values()) widen((Schema<?>) property);
        }
        widen(schema.getItems());
        if (schema.getAdditionalProperties() instanceof Schema<?> values) widen(values);
    }
}

package io.millrace.admin.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Documents the problems that each endpoint may answer with, by what it takes: who names a topic may name one that is not
 * there. Each is shown as it comes, under its status and its code.
 */
final class OpenApiProblems {
    private static final String PROBLEM_JSON = "application/problem+json";

    /** One problem, for endpoints that have the parameter, or the property of the same sign. */
    private record Case(String parameter, int status, String code, String detail) {}

    private static final String CHANGE = ":change";
    private static final String UNTRIED = ":untried";
    private static final String POST = ":post";
    private static final String BODY = ":body";
    private static final String JSON_BODY = ":json";
    private static final String LACKING = ":lacking";
    private static final String TYPED = ":typed";
    private static final String ASKS = ":asks";
    private static final String ANY = ":any";

    private static final List<Case> CASES = List.of(
            new Case("clusterId", 404, "UNKNOWN_CLUSTER", "there is no cluster 'nope'; configured are: local"),
            new Case("topic", 404, "UNKNOWN_TOPIC", "there is no topic 'nope' in cluster 'local'"),
            new Case("groupId", 404, "UNKNOWN_GROUP", "there is no consumer group 'nope' in cluster 'local'"),
            new Case("brokerId", 404, "UNKNOWN_BROKER", "cluster 'local' has no broker 9; it has [1]"),
            new Case("brokerId", 503, "BROKER_OFFLINE", "broker 2 is offline; start it to read or change this"),
            new Case("operationId", 404, "UNKNOWN_OPERATION", "there is no operation 'nope' of cluster 'local'"),
            new Case("partition", 404, "UNKNOWN_PARTITION", "topic 'orders' has partitions 0 to 2, not 7"),
            new Case("limit", 400, "INVALID_LIMIT", "limit is 100000; it must be between 1 and 1000"),
            new Case(TYPED, 400, "WRONG_TYPE", "parameter 'limit' is 'abc', which is not a valid int"),
            new Case("minutes", 400, "INVALID_MINUTES", "minutes is 0; it must be between 1 and 1440"),
            new Case("filter", 400, "UNKNOWN_FILTER", "there is no filter 'old'; known are: under-replicated, offline"),
            new Case("include", 400, "UNKNOWN_INCLUDE", "cannot include 'colours'; known are: partitions"),
            new Case("sort", 400, "UNKNOWN_SORT", "cannot sort by 'colour'; known are: name, partitions, size"),
            new Case(
                    "cursor",
                    400,
                    "INVALID_CURSOR",
                    "the cursor is not one that this API gave out; start again without it"),
            new Case("cel", 400, "INVALID_FILTER", "the CEL filter cannot be used: undeclared reference to 'valu'"),
            new Case(
                    "confirm",
                    400,
                    "CONFIRMATION_REQUIRED",
                    "deleting topic 'orders' with all its records cannot be undone; repeat the request with"
                            + " confirm=orders"),
            new Case(
                    "If-Match",
                    412,
                    "CHANGED_MEANWHILE",
                    "the configuration of topic orders changed since you read it; read it again and decide anew"),
            new Case(
                    "If-Match",
                    409,
                    "CHANGE_IN_PROGRESS",
                    "other changes of topic orders are under way and take long; ask again soon"),
            new Case(LACKING, 400, "INVALID_FIELDS", "the request lacks /name"),
            new Case(JSON_BODY, 400, "BAD_REQUEST", "Failed to read request"),
            new Case("/topics:apply", 400, "INVALID_MANIFEST", "document 1 is no KafkaTopic: kind is 'ConfigMap'"),
            new Case("GET/records", 400, "MISSING_FIELD", "from=OFFSET needs 'offset'"),
            new Case("/records:search", 400, "MISSING_FIELD", "from=OFFSET needs 'offset'"),
            new Case(
                    "/records:purge",
                    400,
                    "MISSING_FIELD",
                    "say what to delete: beforeOffset, beforeTime or everything"),
            new Case(
                    "/partitions/{partition}/records/{offset}",
                    404,
                    "UNKNOWN_RECORD",
                    "partition orders-0 has no record at offset 7"),
            new Case("/configs:alter", 400, "NO_CHANGES", "name at least one configuration key to change"),
            new Case("/{topic}/configs:alter", 400, "KAFKA_INVALID_CONFIG", "Unknown topic config name: no.such.key"),
            new Case(
                    "/partitions:grow",
                    400,
                    "PARTITIONS_CANNOT_SHRINK",
                    "topic 'orders' has 3 partitions; partitions can be added but not removed (asked for 2)"),
            new Case("POST/topics", 409, "KAFKA_TOPIC_ALREADY_EXISTS", "Topic 'orders' already exists."),
            new Case("/{topic}:clone", 409, "KAFKA_TOPIC_ALREADY_EXISTS", "Topic 'orders' already exists."),
            new Case("POST/topics", 400, "KAFKA_INVALID_TOPIC_EXCEPTION", "Topic name is invalid: 'a b'"),
            new Case(
                    "/partitions:reassign",
                    400,
                    "UNKNOWN_BROKER",
                    "partition orders-0 cannot move to broker 99: the cluster has brokers [1]"),
            new Case(
                    "/partitions:elect-leader",
                    400,
                    "PARTITIONS_REQUIRED",
                    "an unclean election may lose records; name the partitions it is meant for"),
            new Case(
                    "/offsets:delete",
                    404,
                    "NOTHING_COMMITTED",
                    "group 'shop' has no committed offset for topic 'nope'"),
            new Case("/acks-lab", 400, "INVALID_SETTING", "acks is '2'; it must be 0, 1 or all"),
            new Case("/{operationId}:cancel", 409, "OPERATION_ENDED", "operation 'o-1' has ended: it is SUCCEEDED"),
            new Case("STREAM", 429, "TOO_MANY_TAILS", "32 tails are open, which is the limit; close one"),
            new Case(BODY, 413, "CONTENT_TOO_LARGE", "a request may have 16777216 bytes at most; send less at a time"),
            new Case(
                    "POST/records",
                    413,
                    "KAFKA_MESSAGE_TOO_LARGE",
                    "The message is 2000086 bytes when serialized which is larger than 1048576"),
            new Case(BODY, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type 'text/csv' is not supported."),
            new Case(
                    CHANGE,
                    403,
                    "READ_ONLY",
                    "this admin API is read-only; start it without millrace.read-only to make changes"),
            new Case(CHANGE, 403, "CROSS_ORIGIN", "changes are not taken from pages of other sites"),
            new Case(
                    UNTRIED,
                    400,
                    "DRY_RUN_UNSUPPORTED",
                    "this cannot be tried without being done; nothing was changed"),
            new Case(POST, 409, "REQUEST_IN_PROGRESS", "the same request is still being answered; ask again soon"),
            new Case(
                    POST,
                    422,
                    "IDEMPOTENCY_KEY_REUSED",
                    "the Idempotency-Key 'k-1' was used for another request; take a new one"),
            new Case(
                    "groupId" + CHANGE,
                    409,
                    "GROUP_HAS_ACTIVE_MEMBERS",
                    "group 'shop' has 1 active member and is Stable; stop its consumers, then reset"
                            + " (their next commit would undo it)"),
            new Case(ANY, 401, "NOT_AUTHENTICATED", "log in to use this; nobody is logged in"),
            new Case(ANY, 403, "NOT_AUTHORIZED", "this needs the role admin, which user 'otto' does not have"),
            new Case(
                    ASKS,
                    503,
                    "CLUSTER_UNREACHABLE",
                    "The cluster has not answered yet; check that its brokers run and that the bootstrap servers are"
                            + " right."),
            new Case(
                    ASKS,
                    504,
                    "KAFKA_REQUEST_TIMED_OUT",
                    "The cluster did not answer in time; a broker may be down or unreachable."));

    private OpenApiProblems() {}

    static void describe(OpenAPI document) {
        document.getPaths()
                .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
                    if (method == HttpMethod.POST) addIdempotencyKey(operation);
                    add(document, path, method, operation);
                }));
    }

    private static void addIdempotencyKey(Operation operation) {
        Schema<Object> text = new JsonSchema();
        text.addType("string");
        text.setMaxLength(255);
        operation.addParametersItem(new HeaderParameter()
                .name("Idempotency-Key")
                .description("the same key with the same request gets the first answer again; nothing is done twice")
                .required(false)
                .schema(text));
    }

    private static void add(OpenAPI document, String path, HttpMethod method, Operation operation) {
        Map<Integer, Map<String, Example>> byStatus = new TreeMap<>();
        for (Case one : CASES) {
            if (!applies(document, one.parameter(), path, method, operation)) continue;
            byStatus.computeIfAbsent(one.status(), status -> new LinkedHashMap<>())
                    .put(one.code(), new Example().value(problem(path, one)));
        }
        byStatus.forEach((status, examples) -> {
            MediaType type = new MediaType().schema(new JsonSchema().$ref("#/components/schemas/Problem"));
            examples.forEach(type::addExamples);
            ApiResponse response = new ApiResponse()
                    .description(String.join(", ", examples.keySet()))
                    .content(new Content().addMediaType(PROBLEM_JSON, type));
            if (status == HttpStatus.UNAUTHORIZED.value()) {
                response.addHeaderObject("WWW-Authenticate", new Header().schema(text()));
            }
            operation.getResponses().addApiResponse(String.valueOf(status), response);
        });
    }

    private static boolean applies(OpenAPI document, String sign, String path, HttpMethod method, Operation operation) {
        boolean change = method != HttpMethod.GET;
        boolean ofCluster = path.contains("{clusterId}");
        return switch (sign) {
            case ANY -> true;
            case CHANGE -> change;
            case UNTRIED -> change && !hasParameter(operation.getParameters(), "dryRun");
            case POST -> method == HttpMethod.POST;
            case BODY -> operation.getRequestBody() != null;
            case JSON_BODY -> jsonBody(operation) != null;
            case LACKING -> {
                MediaType body = jsonBody(operation);
                yield body != null && requiresSomething(document, body.getSchema());
            }
            case TYPED -> hasTypedParameter(operation);
            case "STREAM" -> path.endsWith(":tail") || path.endsWith(":search");
            case ASKS -> ofCluster && !path.contains("/operations") && !path.endsWith("/audit-events");
            case "groupId" + CHANGE -> change && path.contains("{groupId}");
            // A group that nothing is known of has no rebalances; a list of another topic's groups is empty.
            case "groupId" -> path.contains("{groupId}") && !path.contains("rebalances");
            case "topic" -> path.contains("{topic}");
            default -> {
                if (sign.startsWith("/")) yield path.endsWith(sign);
                int slash = sign.indexOf('/');
                if (slash > 0) yield sign.startsWith(method.name()) && path.endsWith(sign.substring(slash));
                yield hasParameter(operation.getParameters(), sign);
            }
        };
    }

    private static @Nullable MediaType jsonBody(Operation operation) {
        return operation.getRequestBody() == null
                ? null
                : operation.getRequestBody().getContent().get("application/json");
    }

    private static boolean requiresSomething(OpenAPI document, Schema<?> schema) {
        String name = schema.get$ref();
        Schema<?> meant = name == null
                ? schema
                : Objects.requireNonNull(
                        document.getComponents().getSchemas().get(name.substring(name.lastIndexOf('/') + 1)));
        return meant.getRequired() != null && !meant.getRequired().isEmpty();
    }

    /** Whether there is one that not every text is good for. */
    private static boolean hasTypedParameter(Operation operation) {
        return operation.getParameters() != null
                && operation.getParameters().stream()
                        .filter(parameter -> !parameter.getIn().equals("header"))
                        .map(Parameter::getSchema)
                        .anyMatch(schema -> schema.getFormat() != null
                                || schema.getEnum() != null
                                || (schema.getTypes() != null
                                        && !schema.getTypes().contains("string")));
    }

    private static boolean hasParameter(@Nullable List<Parameter> parameters, String name) {
        return parameters != null
                && parameters.stream().anyMatch(parameter -> parameter.getName().equals(name));
    }

    private static Map<String, Object> problem(String path, Case one) {
        Map<String, Object> problem = new LinkedHashMap<>();
        HttpStatus status = HttpStatus.valueOf(one.status());
        problem.put("title", status.getReasonPhrase());
        problem.put("status", one.status());
        problem.put("detail", one.detail());
        problem.put("instance", path.replace("{clusterId}", "local"));
        problem.put("code", one.code());
        problem.put("retriable", one.status() > 500 || one.code().endsWith("_IN_PROGRESS"));
        return problem;
    }

    private static Schema<?> text() {
        Schema<Object> schema = new JsonSchema();
        schema.addType("string");
        return schema;
    }
}

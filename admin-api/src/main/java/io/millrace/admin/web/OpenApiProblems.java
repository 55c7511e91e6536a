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
    private static final String POST = ":post";
    private static final String BODY = ":body";
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
            new Case("limit", 400, "WRONG_TYPE", "parameter 'limit' is 'abc', which is not a valid int"),
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
                    "deleting topic 'orders' with all its records cannot be undone; repeat the request with confirm=orders"),
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
            new Case(BODY, 400, "INVALID_FIELDS", "the request lacks /name"),
            new Case(BODY, 400, "BAD_REQUEST", "Failed to read request"),
            new Case(BODY, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type 'text/csv' is not supported."),
            new Case(
                    CHANGE,
                    403,
                    "READ_ONLY",
                    "this admin API is read-only; start it without millrace.read-only to make changes"),
            new Case(CHANGE, 403, "CROSS_ORIGIN", "changes are not taken from pages of other sites"),
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
                    "The cluster has not answered yet; check that its brokers run and that the bootstrap servers are right."),
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
                    add(path, method, operation);
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

    private static void add(String path, HttpMethod method, Operation operation) {
        Map<Integer, Map<String, Example>> byStatus = new TreeMap<>();
        for (Case one : CASES) {
            if (!applies(one.parameter(), path, method, operation)) continue;
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

    private static boolean applies(String sign, String path, HttpMethod method, Operation operation) {
        boolean change = method != HttpMethod.GET;
        boolean ofCluster = path.contains("{clusterId}");
        return switch (sign) {
            case ANY -> true;
            case CHANGE -> change;
            case POST -> method == HttpMethod.POST;
            case BODY -> operation.getRequestBody() != null;
            case ASKS -> ofCluster && !path.contains("/operations") && !path.endsWith("/audit-events");
            case "groupId" + CHANGE -> change && path.contains("{groupId}");
            // A group that nothing is known of has no rebalances; a list of another topic's groups is empty.
            case "groupId" -> path.contains("{groupId}") && !path.contains("rebalances");
            case "topic" -> path.contains("{topic}");
            default -> hasParameter(operation.getParameters(), sign);
        };
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

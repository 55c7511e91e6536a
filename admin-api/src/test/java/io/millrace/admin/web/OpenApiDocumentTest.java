package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The checked-in document, from which the console's client is generated, is what the code serves. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"millrace.clusters[0].bootstrap-servers=127.0.0.1:1", "millrace.request-timeout=500ms"})
class OpenApiDocumentTest {
    private static final Path CHECKED_IN = Path.of("openapi.json");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    int port;

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping endpoints = new RequestMappingHandlerMapping();

    @Test
    void checkedInDocumentMatchesTheCode() throws Exception {
        String served = get("/v3/api-docs").body().strip() + "\n";
        if (Boolean.getBoolean("openapi.update")) Files.writeString(CHECKED_IN, served);
        assertThat(served)
                .as("openapi.json is out of date; run ./mvnw -pl admin-api -am test -Dtest=OpenApiDocumentTest"
                        + " -Dopenapi.update=true -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(Files.readString(CHECKED_IN));
    }

    /** Nobody has to guess what to send, what comes, and what may go wrong. */
    @Test
    void everyOperationHasExamplesAndProblems() throws Exception {
        JsonNode paths =
                JsonMapper.shared().readTree(get("/v3/api-docs").body()).at("/paths");
        int looked = 0;
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                String name = operation.getKey() + " " + path.getKey();
                JsonNode responses = operation.getValue().at("/responses");
                for (String status : List.of("401", "403")) {
                    assertThat(responses.path(status).toString()).as(name).contains("\"code\":\"NOT_A");
                }
                boolean bare = operation.getKey().equals("delete");
                assertThat(bare || responses.toString().contains("\"example\":"))
                        .as(name + " has an example of its answer; ExamplesTour records them")
                        .isTrue();
                JsonNode body = operation.getValue().path("requestBody");
                assertThat(body.isMissingNode() || body.toString().contains("\"example\":"))
                        .as(name + " has an example of its request; ExamplesTour records them")
                        .isTrue();
                looked++;
            }
        }
        assertThat(looked).isGreaterThan(35);
    }

    @Test
    void swaggerUiIsServed() throws Exception {
        assertThat(get("/swagger-ui/index.html").statusCode()).isEqualTo(200);
    }

    @Test
    void unknownPathsAnswerWithAProblem() throws Exception {
        HttpResponse<String> answer = get("/api/v1/nothing-here");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"NOT_FOUND\"").contains("\"retriable\":false");
    }

    @Test
    void unreachableClusterIsAnAnswerNotAnError() throws Exception {
        HttpResponse<String> answer = get("/api/v1/clusters/local");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"health\":\"FAILING\"").contains("No broker answers at 127.0.0.1:1");
    }

    /** No broker answers: whatever is asked, the answer is there soon and is an answer or a problem that says so. */
    @Test
    void everyEndpointAnswersWhileTheClusterIsUnreachable() throws Exception {
        String everything =
                "{\"name\":\"t\",\"total\":3,\"mode\":\"EARLIEST\",\"topics\":[\"t\"],\"type\":\"PREFERRED\",\"everything\":true,"
                        + "\"changes\":[{\"name\":\"retention.ms\",\"value\":\"1\"}],\"assignments\":[]}";
        Map<String, CompletableFuture<HttpResponse<InputStream>>> answers = new TreeMap<>();
        for (RequestMappingInfo endpoint : endpoints.getHandlerMethods().keySet()) {
            for (String pattern : endpoint.getPatternValues()) {
                if (!pattern.startsWith("/api/v1/")) continue;
                String path = pattern.replace("{clusterId}", "local").replaceAll("\\{[^/:]*}", "1");
                for (RequestMethod method : endpoint.getMethodsCondition().getMethods()) {
                    HttpRequest request = HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + path + "?confirm=1"))
                            .header("Content-Type", path.endsWith(":apply") ? "application/yaml" : "application/json")
                            .timeout(Duration.ofSeconds(20))
                            .method(
                                    method.name(),
                                    method == RequestMethod.POST
                                            ? HttpRequest.BodyPublishers.ofString(everything)
                                            : HttpRequest.BodyPublishers.noBody())
                            .build();
                    answers.put(
                            method + " " + path, HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream()));
                }
            }
        }
        int problems = 0;
        for (Map.Entry<String, CompletableFuture<HttpResponse<InputStream>>> asked : answers.entrySet()) {
            HttpResponse<InputStream> answer = asked.getValue().get();
            try (InputStream body = answer.body()) {
                if (answer.statusCode() == 200) continue;
                assertThat(answer.statusCode()).as(asked.getKey()).isNotEqualTo(500);
                assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                        .as(asked.getKey())
                        .startsWith("application/problem+json");
                if (answer.statusCode() > 500) {
                    problems++;
                    assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                            .as(asked.getKey())
                            .contains("\"code\":\"", "\"retriable\":true", "\"detail\":\"");
                }
            }
        }
        assertThat(problems).isGreaterThan(20);
    }

    @Test
    void consolePathsAreServedByItsOnePage() throws Exception {
        assertThat(get("/console/topics/orders.eu").statusCode()).isEqualTo(200);
        assertThat(get("/console/assets/missing.js").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}

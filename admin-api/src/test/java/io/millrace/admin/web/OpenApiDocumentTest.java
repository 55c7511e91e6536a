package io.millrace.admin.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The checked-in document, from which the console's client is generated, is what the code serves. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "millrace.clusters[0].bootstrap-servers=127.0.0.1:1")
class OpenApiDocumentTest {
    private static final Path CHECKED_IN = Path.of("openapi.json");

    @LocalServerPort
    int port;

    @Test
    void checkedInDocumentMatchesTheCode() throws Exception {
        String served = get("/v3/api-docs").body().strip() + "\n";
        if (Boolean.getBoolean("openapi.update")) Files.writeString(CHECKED_IN, served);
        assertThat(served)
                .as("openapi.json is out of date; run ./mvnw -pl admin-api -am test -Dtest=OpenApiDocumentTest"
                        + " -Dopenapi.update=true -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(Files.readString(CHECKED_IN));
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

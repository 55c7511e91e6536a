package io.millrace.admin.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** A read-only API refuses every change that it serves, and tells browsers on every answer what they must not do. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"millrace.clusters[0].bootstrap-servers=127.0.0.1:1", "millrace.read-only=true"})
class ReadOnlyModeTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    int port;

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping endpoints = new RequestMappingHandlerMapping();

    @Test
    void everyChangeIsRefused() throws Exception {
        int refused = 0;
        for (RequestMappingInfo endpoint : endpoints.getHandlerMethods().keySet()) {
            for (String pattern : endpoint.getPatternValues()) {
                for (RequestMethod method : endpoint.getMethodsCondition().getMethods()) {
                    if (method == RequestMethod.GET) continue;
                    HttpResponse<String> answer = send(method.name(), pattern.replaceAll("\\{[^/:]*}", "nope"));
                    assertThat(answer.statusCode()).as(method + " " + pattern).isEqualTo(403);
                    assertThat(answer.body()).contains("this admin API is read-only");
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(12);
    }

    @Test
    void readingAndTryingIsNot() throws Exception {
        assertThat(send("GET", "/api/v1/session").body()).contains("\"readOnly\":true");
        assertThat(send("POST", "/api/v1/clusters/nope/topics?dryRun=true").body())
                .doesNotContain("READ_ONLY");
        // Nothing of this can be tried: the word changes nothing.
        assertThat(send("POST", "/api/v1/clusters/nope/topics/t/records?dryRun=true")
                        .body())
                .contains("READ_ONLY");
    }

    @Test
    void everyAnswerHasTheHeadersThatProtectBrowsers() throws Exception {
        for (String path : new String[] {"/api/v1/session", "/api/v1/nothing", "/console/", "/swagger-ui/index.html"}) {
            HttpResponse<String> answer = send("GET", path);
            assertThat(header(answer, "Content-Security-Policy"))
                    .as(path)
                    .contains("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
                    .doesNotContain("script-src", "unsafe-eval");
            assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(answer, "X-Frame-Options")).isEqualTo("DENY");
            assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        }
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        HttpRequest.BodyPublisher body = method.equals("POST")
                ? HttpRequest.BodyPublishers.ofString("{\"name\":\"t\"}")
                : HttpRequest.BodyPublishers.noBody();
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Content-Type", path.endsWith(":apply") ? "application/yaml" : "application/json")
                        .method(method, body)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}

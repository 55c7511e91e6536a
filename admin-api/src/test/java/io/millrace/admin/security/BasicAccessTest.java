package io.millrace.admin.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Three users, three roles. The cluster in the paths does not exist: who may pass is told so, who may not never gets there. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "millrace.clusters[0].bootstrap-servers=127.0.0.1:1",
            "millrace.security.mode=basic",
            "millrace.security.users[0].name=vera",
            "millrace.security.users[0].password={noop}one",
            "millrace.security.users[1].name=otto",
            "millrace.security.users[1].password={noop}two",
            "millrace.security.users[1].role=operator",
            "millrace.security.users[2].name=ada",
            "millrace.security.users[2].password={noop}three",
            "millrace.security.users[2].role=admin"
        })
class BasicAccessTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @LocalServerPort
    int port;

    /** The least role for every change: an endpoint that changes something and is not in this list has been forgotten. */
    private static final Map<String, Role> CHANGES = Map.ofEntries(
            Map.entry("POST /api/v1/clusters/{clusterId}/topics", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics:apply", Role.OPERATOR),
            Map.entry("DELETE /api/v1/clusters/{clusterId}/topics/{topic}", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}:clone", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}/acks-lab", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}/configs:alter", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}/partitions:grow", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}/records", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/topics/{topic}/records:purge", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:reset", Role.OPERATOR),
            Map.entry("POST /api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:delete", Role.ADMIN),
            Map.entry("DELETE /api/v1/clusters/{clusterId}/consumer-groups/{groupId}", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/partitions:reassign", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/partitions:elect-leader", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/brokers/{brokerId}/configs:alter", Role.ADMIN),
            Map.entry("POST /api/v1/clusters/{clusterId}/operations/{operationId}:cancel", Role.OPERATOR),
            Map.entry("POST /v3/admin/loglevel", Role.ADMIN),
            Map.entry("DELETE /v3/kafka/{cluster}/consumer/{group}", Role.OPERATOR),
            Map.entry("DELETE /v3/kafka/{cluster}/consumer/{group}/topic/{topic}", Role.OPERATOR));

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping endpoints = new RequestMappingHandlerMapping();

    @Test
    void everyEndpointThatIsServedHasItsRole() throws Exception {
        int looked = 0;
        for (Map.Entry<RequestMappingInfo, HandlerMethod> served :
                endpoints.getHandlerMethods().entrySet()) {
            RequestMappingInfo endpoint = served.getKey();
            boolean canBeTried = Arrays.stream(served.getValue().getMethod().getParameters())
                    .anyMatch(parameter -> parameter.getName().equals("dryRun"));
            for (String pattern : endpoint.getPatternValues()) {
                for (RequestMethod method : endpoint.getMethodsCondition().getMethods()) {
                    String name = method + " " + pattern;
                    boolean reads = method == RequestMethod.GET;
                    if (!reads)
                        assertThat(CHANGES)
                                .as("the role that " + name + " needs")
                                .containsKey(name);
                    Role least = reads ? Role.VIEWER : Objects.requireNonNull(CHANGES.get(name));
                    String path = pattern.replaceAll("\\{[^/:]*}", "nope");
                    assertThat(sendTo(method.name(), path, null, "").statusCode())
                            .as(name)
                            .isEqualTo(401);
                    assertAllowed(name, least == Role.VIEWER, sendTo(method.name(), path, "vera", "one"));
                    assertAllowed(name, least != Role.ADMIN, sendTo(method.name(), path, "otto", "two"));
                    // Only where it is a dry run; elsewhere the word would be a way around the role.
                    assertAllowed(
                            name + " with dryRun",
                            least == Role.VIEWER || canBeTried,
                            sendTo(method.name(), path + "?dryRun=true", "vera", "one"));
                    looked++;
                }
            }
        }
        assertThat(looked).isGreaterThan(40);
    }

    private static void assertAllowed(String name, boolean allowed, HttpResponse<String> answer) {
        if (allowed) assertThat(answer.statusCode()).as(name).isNotIn(401, 403);
        else assertThat(answer.statusCode()).as(name).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    clusters/nope/topics,                         passes , passes , passes ",
        "POST,   clusters/nope/topics?dryRun=true,             passes , passes , passes ",
        "POST,   clusters/nope/topics,                         403,     passes , passes ",
        "POST,   clusters/nope/topics/t/records,               403,     passes , passes ",
        "POST,   clusters/nope/consumer-groups/g/offsets:reset, 403,    passes , passes ",
        "POST,   clusters/nope/topics/t/records:purge,         403,     403,     passes ",
        "POST,   clusters/nope/partitions:reassign,            403,     403,     passes ",
        "POST,   clusters/nope/partitions:elect-leader,        403,     403,     passes ",
        "POST,   clusters/nope/brokers/1/configs:alter,        403,     403,     passes ",
        "DELETE, clusters/nope/topics/t,                       403,     403,     passes ",
        "DELETE, clusters/nope/consumer-groups/g,              403,     403,     passes ",
    })
    void rolesDecide(String method, String path, String viewer, String operator, String admin) throws Exception {
        expect(viewer, send(method, path, "vera", "one"));
        expect(operator, send(method, path, "otto", "two"));
        expect(admin, send(method, path, "ada", "three"));
    }

    private static void expect(String wanted, HttpResponse<String> answer) {
        if (wanted.equals("403")) {
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(answer.body()).contains("\"code\":\"NOT_AUTHORIZED\"").contains("this needs the role ");
        } else {
            assertThat(answer.statusCode()).isIn(400, 404);
            assertThat(answer.body()).doesNotContain("NOT_AUTH");
        }
    }

    @Test
    void whoDoesNotLogInIsAskedTo() throws Exception {
        for (HttpResponse<String> answer :
                List.of(send("GET", "clusters", null, ""), send("GET", "clusters", "vera", "wrong"))) {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Basic realm=\"Millrace\"");
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(answer.body()).contains("\"code\":\"NOT_AUTHENTICATED\"");
        }
    }

    @Test
    void theSessionTellsWhoOneIs() throws Exception {
        assertThat(send("GET", "session", "otto", "two").body())
                .isEqualTo("{\"user\":\"otto\",\"role\":\"OPERATOR\",\"readOnly\":false,\"mode\":\"BASIC\"}");
    }

    @Test
    void healthIsForProbesWithoutALogin() throws Exception {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/liveness"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void burrowAndMetricsNeedALoginToo() throws Exception {
        assertThat(sendTo("GET", "/v3/kafka", null, "").statusCode()).isEqualTo(401);
        assertThat(sendTo("GET", "/actuator/prometheus", null, "").statusCode()).isEqualTo(401);
        assertThat(sendTo("GET", "/v3/kafka", "vera", "one").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> send(String method, String path, @Nullable String user, String password)
            throws Exception {
        return sendTo(method, "/api/v1/" + path, user, password);
    }

    private HttpResponse<String> sendTo(String method, String path, @Nullable String user, String password)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        method.equals("POST")
                                ? HttpRequest.BodyPublishers.ofString("{\"name\":\"t\"}")
                                : HttpRequest.BodyPublishers.noBody());
        if (user != null) {
            String login = user + ":" + password;
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}

package io.millrace.admin.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.admin.AdminApplication;
import java.io.IOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A provider of our own issues tokens; a browser logs in there by the authorization code, a program brings a token. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "millrace.clusters[0].bootstrap-servers=127.0.0.1:1",
            "millrace.security.mode=oidc",
            "millrace.security.oidc.client-id=console",
            "millrace.security.oidc.client-secret=secret",
            "millrace.security.oidc.role-claim=groups",
            "millrace.security.oidc.roles.operator=platform-team"
        })
class OidcAccessTest {
    private static final Provider PROVIDER = Provider.start();

    @LocalServerPort
    int port;

    @DynamicPropertySource
    static void issuer(DynamicPropertyRegistry registry) {
        registry.add("millrace.security.oidc.issuer", () -> PROVIDER.issuer);
    }

    @AfterAll
    static void stop() {
        PROVIDER.server.stop(0);
    }

    @Test
    void aBrowserLogsInByTheAuthorizationCode() throws Exception {
        try (HttpClient browser = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build()) {
            // Redirected to the provider, back with a code, and to the page that was asked for.
            HttpResponse<String> session = browser.send(
                    HttpRequest.newBuilder(uri("/api/v1/session"))
                            .header("Accept", "text/html,*/*;q=0.8")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(session.body())
                    .as("%s %s", session.uri(), session)
                    .contains("\"role\":\"OPERATOR\"")
                    .contains("\"mode\":\"OIDC\"");
        }
    }

    @Test
    void aProgramBringsAToken() throws Exception {
        assertThat(withToken(PROVIDER.token(Map.of("groups", List.of("platform-team"))))
                        .body())
                .contains("\"user\":\"ada\"")
                .contains("\"role\":\"OPERATOR\"");
        HttpResponse<String> stranger = withToken(PROVIDER.token(Map.of("groups", List.of("sales"))));
        assertThat(stranger.statusCode()).isEqualTo(403);
        assertThat(stranger.body()).contains("NOT_AUTHORIZED");
        HttpResponse<String> ofAnotherProgram = withToken(
                PROVIDER.token(Map.of("groups", List.of("platform-team"), "aud", List.of("another-program"))));
        assertThat(ofAnotherProgram.statusCode()).isEqualTo(401);
        HttpResponse<String> forged = withToken(PROVIDER.token(Map.of()) + "x");
        assertThat(forged.statusCode()).isEqualTo(401);
        HttpResponse<String> nobody = withToken("");
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    private HttpResponse<String> withToken(String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/api/v1/session"));
        if (!token.isEmpty()) request.header("Authorization", "Bearer " + token);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** As little of an OpenID provider as a login needs. */
    private record Provider(HttpServer server, String issuer, RSAKey key, Map<String, String> nonces) {

        static Provider start() {
            try {
                HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
                String issuer = "http://127.0.0.1:" + server.getAddress().getPort();
                RSAKey key = new RSAKeyGenerator(2048).keyID("test").generate();
                Provider provider = new Provider(server, issuer, key, new java.util.concurrent.ConcurrentHashMap<>());
                server.createContext("/", provider::answer);
                server.start();
                return provider;
            } catch (IOException | JOSEException failure) {
                throw new IllegalStateException(failure);
            }
        }

        String token(Map<String, Object> claims) throws JOSEException {
            Instant now = Instant.now();
            JWTClaimsSet.Builder set = new JWTClaimsSet.Builder()
                    .issuer(issuer)
                    .subject("ada")
                    .audience("console")
                    .issueTime(Date.from(now))
                    .expirationTime(Date.from(now.plusSeconds(300)));
            claims.forEach(set::claim);
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("test").build(), set.build());
            token.sign(new RSASSASigner(key));
            return token.serialize();
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                switch (exchange.getRequestURI().getPath()) {
                    case "/.well-known/openid-configuration" -> json(exchange, """
                                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
                                 "jwks_uri":"%1$s/keys","response_types_supported":["code"],
                                 "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}
                                """.formatted(issuer));
                    case "/keys" -> json(exchange, new JWKSet(key.toPublicJWK()).toString());
                    case "/authorize" -> {
                        Map<String, String> asked =
                                parameters(exchange.getRequestURI().getRawQuery());
                        nonces.put("the-code", asked.getOrDefault("nonce", ""));
                        exchange.getResponseHeaders()
                                .add(
                                        "Location",
                                        asked.get("redirect_uri") + "?code=the-code&state=" + asked.get("state"));
                        exchange.sendResponseHeaders(302, -1);
                    }
                    case "/token" -> {
                        String id = token(
                                Map.of("nonce", nonces.get("the-code"), "groups", List.of("platform-team", "sales")));
                        json(
                                exchange,
                                "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":300,\"id_token\":\""
                                        + id + "\"}");
                    }
                    default -> exchange.sendResponseHeaders(404, -1);
                }
            } catch (JOSEException failure) {
                throw new IOException(failure);
            }
        }

        private static Map<String, String> parameters(String query) {
            return Arrays.stream(query.split("&", -1))
                    .map(pair -> pair.split("=", 2))
                    .collect(Collectors.toMap(
                            pair -> pair[0], pair -> pair[0].equals("state") ? pair[1] : decode(pair[1])));
        }

        private static String decode(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }

        private static void json(HttpExchange exchange, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}

package io.millrace.admin.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.AdminApplication;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What a browser sends for a page of another site, and what programs send. Without security, as on a laptop. */
@SpringBootTest(
        classes = AdminApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"millrace.clusters[0].bootstrap-servers=127.0.0.1:1", "millrace.request-timeout=500ms"})
class CrossOriginProtectionTest {
    @LocalServerPort
    int port;

    @Test
    void changesFromOtherSitesAreRefused() throws Exception {
        assertThat(post("Sec-Fetch-Site: cross-site")).contains("CROSS_ORIGIN");
        assertThat(post("Sec-Fetch-Site: same-site")).contains("CROSS_ORIGIN");
        assertThat(post("Origin: https://evil.example")).contains("CROSS_ORIGIN");
        assertThat(post("Origin: null")).contains("CROSS_ORIGIN");
    }

    @Test
    void theConsoleAndProgramsMayChangeThings() throws Exception {
        assertThat(post("Sec-Fetch-Site: same-origin")).contains("UNKNOWN_CLUSTER");
        assertThat(post("Origin: http://127.0.0.1:" + port)).contains("UNKNOWN_CLUSTER");
        assertThat(post("X-Nothing: said")).contains("UNKNOWN_CLUSTER");
    }

    @Test
    void aNameThatPointsToLoopbackIsNotEnough() throws Exception {
        assertThat(request("GET", "rebound.example", "X-Nothing: said"))
                .contains("403")
                .contains("UNKNOWN_HOST");
        assertThat(request("GET", "localhost:" + port, "X-Nothing: said")).contains("200");
    }

    private String post(String header) throws Exception {
        return request("POST", "127.0.0.1:" + port, header);
    }

    /** By hand: Java's client does not let one set Host and Origin. */
    private String request(String method, String host, String header) throws Exception {
        String path = method.equals("GET") ? "/api/v1/session" : "/api/v1/clusters/nope/topics";
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + header
                                    + "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 12\r\n\r\n{\"name\":\"t\"}")
                            .getBytes(StandardCharsets.UTF_8));
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
                return String.join("\n", reader.lines().toList());
            }
        }
    }
}

package io.millrace.acceptance.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.millrace.acceptance.broker.Distribution;
import io.millrace.acceptance.client.ExternalClient;
import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The labs A1, A2, A4, B1, B2, B3, C5 and E2 in the console, by Chromium: three brokers, one of them killed in the middle.
 *
 * <p>The steps are in {@code src/test/console}; photographs of every screen and all logs are left in {@code target/console}.
 */
final class ConsoleIT {
    private static final Duration LIMIT = Duration.ofMinutes(6);

    @Test
    void labsArePlayedInTheConsole() {
        assumeFalse(Distribution.isApacheKafka(), "it starts brokers of its own");
        ExternalClient.KAFKA_PYTHON.require();
        ExternalClient.CHROMIUM.require();
        ExternalClient.CONSOLE_MODULES.require();
        Path output = Path.of(System.getProperty("acceptance.target"), "console");
        String script = Path.of(System.getProperty("acceptance.sources"), "console", "labs.test.mjs")
                .toString();
        Map<String, String> environment = Map.of(
                "MILLRACE_HOME", System.getProperty("millrace.home"),
                "MILLRACE_JAVA_HOME", System.getProperty("java.home"),
                "CONSOLE_OUTPUT", output.toString());
        try (ExternalProcess labs = ExternalProcess.start(
                "console labs",
                output.resolveSibling("console-labs.log"),
                environment,
                List.of("node", "--test", "--test-reporter=spec", script))) {
            int exitCode = labs.awaitExit(LIMIT);
            assertThat(exitCode).as(String.join("\n", labs.lines())).isZero();
        }
    }
}

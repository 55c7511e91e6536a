package io.millrace.broker.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the scripts in {@code scenarios/group}: commands as they are, expected output indented beneath. {@code -Dscenarios.rewrite=DIR}
 * writes what came out instead of comparing, for review as a diff.
 */
class GroupScenarioTest {

    static Stream<Path> scripts() throws IOException, URISyntaxException {
        Path folder =
                Path.of(GroupScenarioTest.class.getResource("/scenarios/group").toURI());
        return Files.list(folder).sorted();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    void behavesAsTheScriptSays(Path script) throws IOException {
        String expected = Files.readString(script);
        String actual = new GroupScenario().run(expected);
        String rewrite = System.getProperty("scenarios.rewrite");
        if (rewrite != null) {
            Files.writeString(Path.of(rewrite, script.getFileName().toString()), actual);
            return;
        }
        assertThat(actual).isEqualTo(expected);
    }
}

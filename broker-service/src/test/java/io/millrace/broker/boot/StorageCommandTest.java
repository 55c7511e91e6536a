package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageCommandTest {
    @TempDir
    Path directory;

    @Test
    void aBrokerIsNoQuorumOfItsOwn() throws IOException {
        Path file = properties("broker", "PLAINTEXT://:9092");

        assertThat(format(file, "--standalone")).contains("process.roles has no 'controller'");
        assertThat(directory.resolve("data")).doesNotExist();
        assertThat(format(file)).isEmpty();
        assertThat(directory.resolve("data/meta.properties")).exists();
    }

    @Test
    void aControllerOfADynamicQuorumIsToldHowItBegins() throws IOException {
        Path file = properties("broker,controller", "PLAINTEXT://:9092,CONTROLLER://:9093");

        assertThat(format(file)).contains("--standalone, --initial-controllers or --no-initial-controllers");
        assertThat(directory.resolve("data")).doesNotExist();
        assertThat(format(file, "--standalone")).isEmpty();
        assertThat(directory.resolve("data/meta.properties")).exists();
    }

    private Path properties(String roles, String listeners) throws IOException {
        return Files.writeString(
                directory.resolve("server.properties"), """
                process.roles=%s
                node.id=4
                controller.listener.names=CONTROLLER
                controller.quorum.bootstrap.servers=localhost:9093
                listeners=%s
                log.dirs=%s
                """.formatted(roles, listeners, directory.resolve("data")));
    }

    /** What the command complains of. */
    private static String format(Path file, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", file.toString()));
        arguments.addAll(List.of(more));
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        int status = StorageCommand.run(
                arguments,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(complaints, true, StandardCharsets.UTF_8));
        String said = complaints.toString(StandardCharsets.UTF_8);
        assertThat(status).isEqualTo(said.isEmpty() ? 0 : 1);
        return said;
    }
}

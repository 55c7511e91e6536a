package io.millrace.acceptance.migration;

import io.millrace.acceptance.process.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code docs/migration.md}: its commands are run as they stand there, so that the guide cannot lie. */
final class MigrationGuide {
    private final Path home = Path.of(System.getProperty("millrace.home"));
    private final List<String> commands = new ArrayList<>();
    private final Path directory;
    private final String bootstrap;

    /** @param directory where the commands are run; files that they write stay there */
    MigrationGuide(Path directory, String bootstrap) throws IOException {
        this.directory = directory;
        this.bootstrap = bootstrap;
        String text = Files.readString(home.resolve("docs/migration.md"));
        for (int start = text.indexOf("```sh\n"); start >= 0; start = text.indexOf("```sh\n", start)) {
            start += "```sh\n".length();
            commands.add(text.substring(start, text.indexOf("```", start)));
        }
    }

    /** Runs the one block of commands that contains {@code words}; it must succeed. Returns what it printed. */
    String run(String words) {
        List<String> blocks =
                commands.stream().filter(block -> block.contains(words)).toList();
        if (blocks.size() != 1) {
            throw new AssertionError(blocks.size() + " blocks of docs/migration.md contain '" + words + "'");
        }
        String script = "set -eu; cd '" + directory + "'\n"
                + blocks.getFirst().replace("localhost:9092", bootstrap).replace("bin/", home.resolve("bin") + "/");
        return CommandResult.run(
                        Map.of("MILLRACE_JAVA_HOME", System.getProperty("java.home")),
                        "",
                        List.of("bash", "-c", script))
                .succeeded()
                .output();
    }
}

package io.millrace.acceptance.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a command that ran to its end printed (both streams, merged) and its exit code. */
public record CommandResult(String command, int exitCode, String output) {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    public static CommandResult of(String... command) {
        return run(Map.of(), "", List.of(command));
    }

    /** Runs the command with extra environment variables and this standard input; fails if it takes too long. */
    public static CommandResult run(Map<String, String> environment, String input, List<String> command) {
        try {
            Path in = Files.createTempFile("acceptance", ".in");
            Path out = Files.createTempFile("acceptance", ".out");
            try {
                Files.writeString(in, input);
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                boolean ended = process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                }
                String output = Files.readString(out, StandardCharsets.UTF_8);
                if (!ended) {
                    throw new AssertionError(
                            "still running after " + LIMIT + ": " + String.join(" ", command) + "\n" + output);
                }
                return new CommandResult(String.join(" ", command), process.exitValue(), output);
            } finally {
                Files.delete(in);
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted: " + String.join(" ", command), e);
        }
    }

    public List<String> lines() {
        return output.lines().toList();
    }

    /** This result, having succeeded; otherwise fails with what the command printed. */
    public CommandResult succeeded() {
        if (exitCode != 0) {
            throw new AssertionError("exit code " + exitCode + " of " + command + "\n" + output);
        }
        return this;
    }

    @Override
    public String toString() {
        return "exit code " + exitCode + " of " + command + "\n" + output;
    }
}

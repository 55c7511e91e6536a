package io.millrace.acceptance.process;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A child process whose merged output is kept line by line, so that a test can wait for what it says.
 * One reader thread appends lines; any thread may read them. Closing it kills it, and what it started, if it still runs.
 */
public final class ExternalProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private ExternalProcess(String name, Process process, Path logFile) {
        this.name = name;
        this.process = process;
        this.reader = Thread.ofVirtual().name("output-of-" + name).start(() -> read(logFile));
    }

    /** Starts the command with extra environment variables; its output also goes to the log file, appended. */
    public static ExternalProcess start(
            String name, Path logFile, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(logFile.getParent());
            return new ExternalProcess(name, builder.start(), logFile);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name + ": " + String.join(" ", command), e);
        }
    }

    private void read(Path logFile) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter log = Files.newBufferedWriter(
                        logFile, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
                log.write(line);
                log.newLine();
                log.flush();
            }
        } catch (IOException e) {
            synchronized (lines) {
                lines.add("[output of " + name + " ended: " + e + "]");
            }
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed so far. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** The lines after the first {@code from}: {@code lines().size()} taken earlier is a bookmark. */
    public List<String> linesFrom(int from) {
        List<String> all = lines();
        return all.subList(Math.min(from, all.size()), all.size());
    }

    public List<String> linesMatching(String regex) {
        Predicate<String> matches = Pattern.compile(regex).asPredicate();
        return lines().stream().filter(matches).toList();
    }

    /** Waits for a line that contains a match, and returns it; fails with the whole output when none comes. */
    public String awaitLine(String regex) {
        return awaitLineFrom(0, regex, PATIENCE);
    }

    public String awaitLineFrom(int bookmark, String regex) {
        return awaitLineFrom(bookmark, regex, PATIENCE);
    }

    public String awaitLineFrom(int bookmark, String regex, Duration patience) {
        Predicate<String> matches = Pattern.compile(regex).asPredicate();
        try {
            await().atMost(patience).pollInterval(Duration.ofMillis(50)).until(() -> {
                boolean said = linesFrom(bookmark).stream().anyMatch(matches);
                return said || !process.isAlive() && !reader.isAlive();
            });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(name + " did not print /" + regex + "/ within " + patience + describe(), e);
        }
        return linesFrom(bookmark).stream()
                .filter(matches)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " ended without printing /" + regex + "/" + describe()));
    }

    /** Sends text to its standard input. */
    public void type(String text) {
        try {
            BufferedWriter input =
                    new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
            input.write(text);
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + name + describe(), e);
        }
    }

    public void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the input of " + name, e);
        }
    }

    /** Waits for its end and returns its exit code; fails if it takes longer than the limit. */
    public int awaitExit(Duration limit) {
        try {
            int exitCode = process.onExit()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .exitValue();
            reader.join();
            return exitCode;
        } catch (TimeoutException e) {
            throw new AssertionError(name + " still runs after " + limit + describe(), e);
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new AssertionError("waiting for " + name, e);
        }
    }

    /** Waits for its end; false if it still runs after {@code limit}. */
    public boolean endsWithin(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("waiting for " + name, e);
        }
    }

    /** Ctrl-C. */
    public void interrupt() {
        signal("INT");
    }

    /** SIGTERM: asks it to stop. */
    public void terminate() {
        process.destroy();
    }

    /** SIGKILL, and waits until the process is gone. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitExit(PATIENCE);
    }

    /** SIGSTOP: it stands still but keeps its sockets. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        CommandResult result = CommandResult.of("kill", "-" + signal, Long.toString(process.pid()));
        if (result.exitCode() != 0) {
            throw new AssertionError("cannot signal " + name + ": " + result.output());
        }
    }

    /** Its resident memory in bytes, from /proc (Linux). */
    public long residentBytes() {
        try (var status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            String line = status.filter(entry -> entry.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }

    /** The last lines it printed, for a failure's message. */
    public String describe() {
        List<String> all = lines();
        return "\n--- output of " + name + " (last lines) ---\n"
                + String.join("\n", all.subList(Math.max(0, all.size() - 60), all.size())) + "\n---";
    }
}

package io.millrace.acceptance.client;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.millrace.acceptance.process.CommandResult;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A client that is not written in Java: how it is started, and how to find out whether this machine has it. */
public enum ExternalClient {
    KCAT(List.of("kcat"), List.of("-V"), "apt-get install kcat"),
    KAFKA_PYTHON(
            List.of("/usr/bin/python3"),
            List.of("-c", "import kafka, snappy, lz4, zstandard"),
            "apt-get install python3-kafka python3-snappy python3-lz4 python3-zstandard"),
    KAFKAJS(
            List.of("node"),
            List.of("-e", "require('" + source("kafkajs/node_modules/kafkajs") + "')"),
            "apt-get install nodejs npm, then bin/test-clients"),
    CHROMIUM(
            List.of(System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium")),
            List.of("--version"),
            "apt-get install chromium, or name another with CHROMIUM=/path/to/it"),
    /** The browser driver and the accessibility checks, among the modules that build the console. */
    CONSOLE_MODULES(
            List.of("node"),
            List.of(
                    "-e",
                    "const find = require('module').createRequire('" + System.getProperty("millrace.home")
                            + "/console-ui/ui/package.json'); find('playwright-core'); find.resolve('axe-core')"),
            "apt-get install nodejs npm, then ./mvnw -pl console-ui package");

    private final List<String> command;
    private final List<String> probe;
    private final String installation;

    ExternalClient(List<String> command, List<String> probe, String installation) {
        this.command = command;
        this.probe = probe;
        this.installation = installation;
    }

    /** Skips the test, saying how to install the client, if it is missing; with CI=true that is a failure. */
    public void require() {
        if (isInstalled()) {
            return;
        }
        String message = name() + " is not installed; to run this test: " + installation;
        if ("true".equals(System.getenv("CI"))) {
            fail(message);
        }
        abort(message);
    }

    private boolean isInstalled() {
        try {
            return CommandResult.of(command(probe).toArray(String[]::new)).exitCode() == 0;
        } catch (UncheckedIOException notFound) {
            return false;
        }
    }

    /** The client's command line with these arguments. */
    public List<String> command(List<String> arguments) {
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        return all;
    }

    /** The command line that runs one of this module's scripts, for example {@code python/consumer.py}. */
    public List<String> script(String script, String... arguments) {
        List<String> all = new ArrayList<>(command);
        all.add(source(script));
        all.addAll(List.of(arguments));
        return all;
    }

    private static String source(String relative) {
        return Path.of(System.getProperty("acceptance.sources"), relative).toString();
    }
}

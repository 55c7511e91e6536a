package io.millrace.acceptance.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Millrace as a user runs it: the scripts in {@code bin}.
 *
 * @param home the built checkout
 */
record Millrace(Path home) implements Distribution {
    @Override
    public String name() {
        return "millrace";
    }

    @Override
    public List<String> format(Path propertiesFile, String... how) {
        return Stream.concat(
                        Stream.of(
                                script("millrace"),
                                "format",
                                "-t",
                                "AAAAAAAAAAAAAAAAAAAAAQ",
                                "-c",
                                propertiesFile.toString(),
                                "--ignore-formatted"),
                        Stream.of(how))
                .toList();
    }

    @Override
    public List<String> broker(Path propertiesFile) {
        return List.of(script("millrace"), "broker", "--config", propertiesFile.toString());
    }

    @Override
    public Map<String, String> brokerEnvironment() {
        return Map.of("MILLRACE_JAVA_HOME", System.getProperty("java.home"), "MILLRACE_OPTS", "-Xmx512m");
    }

    @Override
    public List<String> tool(String name) {
        return List.of(script(name + ".sh"));
    }

    @Override
    public Map<String, String> toolEnvironment() {
        return Map.of("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
    }

    private String script(String name) {
        return home.resolve("bin").resolve(name).toString();
    }
}

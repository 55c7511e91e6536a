package io.millrace.acceptance.client;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.millrace.acceptance.process.ExternalProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The Spring Boot sample application of this project, as a process. */
public final class SampleConsumer {
    private SampleConsumer() {}

    /** Starts a consumer; {@code settings} are its own keys, for example {@code sample.concurrency=3}. */
    public static ExternalProcess start(String bootstrap, String topic, String group, String... settings) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                jar().toString(),
                "--spring.kafka.bootstrap-servers=" + bootstrap,
                "--sample.topic=" + topic,
                "--sample.group=" + group,
                "--server.port=0"));
        if (!List.of(settings).contains("sample.protocol=consumer")) {
            command.add("--spring.kafka.consumer.properties.heartbeat.interval.ms=500");
            command.add("--spring.kafka.consumer.properties.session.timeout.ms=10000");
        }
        Stream.of(settings).map(setting -> "--" + setting).forEach(command::add);
        Path log = Path.of(System.getProperty("acceptance.target"), "client-logs", group + "-spring.log");
        return ExternalProcess.start("sample-consumer", log, Map.of(), command);
    }

    private static Path jar() {
        Path target = Path.of(System.getProperty("millrace.home"), "sample-consumer", "target");
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                var jar = files.filter(file -> file.getFileName().toString().matches("sample-consumer-.*-exec\\.jar"))
                        .findFirst();
                if (jar.isPresent()) {
                    return jar.get();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        String message = "the sample consumer is not built; to run this test: ./mvnw -pl sample-consumer package";
        return "true".equals(System.getenv("CI")) ? fail(message) : abort(message);
    }
}

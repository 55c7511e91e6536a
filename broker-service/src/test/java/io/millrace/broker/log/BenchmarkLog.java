package io.millrace.broker.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One log in a folder of its own in the temporary directory, for the benchmarks. */
final class BenchmarkLog implements AutoCloseable {

    private final Path directory;
    private final LogHarness harness;
    final PartitionLog log;

    BenchmarkLog(Map<String, String> brokerSettings, Map<String, String> topicSettings) throws IOException {
        directory = Files.createTempDirectory("log-benchmark");
        harness = new LogHarness(directory, brokerSettings);
        log = harness.log("t", topicSettings);
    }

    /** Lets timers run, that of the removal of files among them. */
    void letPass(long ms) {
        harness.loop.advance(ms);
    }

    @Override
    public void close() throws IOException {
        harness.close();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}

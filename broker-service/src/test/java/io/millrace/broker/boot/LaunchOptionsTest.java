package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchOptionsTest {

    @TempDir
    private Path directory;

    @Test
    void theCommandLineCountsMoreThanTheEnvironmentAndThatMoreThanTheFile() throws IOException {
        Path file = directory.resolve("server.properties");
        Files.writeString(file, "num.partitions=1\ndefault.replication.factor=1\nlog.dirs=/from/file\n");

        NodeConfig config = LaunchOptions.parse(
                        "--config=" + file, "--data", "/from/option", "--override", "num.partitions=3")
                .nodeConfig(Map.of("KAFKA_NUM_PARTITIONS", "2", "KAFKA_DEFAULT_REPLICATION_FACTOR", "2"), null);

        assertThat(config.integer("num.partitions")).isEqualTo(3);
        assertThat(config.integer("default.replication.factor")).isEqualTo(2);
        assertThat(config.logDirs()).containsExactly(Path.of("/from/option"));
    }

    @Test
    void kafkaPortMovesTheDefaultListener() {
        NodeConfig config = LaunchOptions.parse("--kafka-port", "19092").nodeConfig(Map.of(), directory);

        assertThat(config.listeners().advertised().getFirst().port()).isEqualTo(19092);
        assertThat(config.logDirs()).containsExactly(directory.toAbsolutePath());
    }

    @Test
    void configuredDirectoriesCountMoreThanTheDefaultOne() {
        NodeConfig config = LaunchOptions.parse().nodeConfig(Map.of("KAFKA_LOG_DIRS", "/kafka/a,/kafka/b"), directory);

        assertThat(config.logDirs()).containsExactly(Path.of("/kafka/a"), Path.of("/kafka/b"));
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        assertThatThrownBy(() -> LaunchOptions.parse("--kafkaport", "1"))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("unknown argument '--kafkaport'");
        assertThatThrownBy(() -> LaunchOptions.parse("--http-port", "70000"))
                .hasMessageContaining("between 0 and 65535");
        assertThatThrownBy(() -> LaunchOptions.parse("--data")).hasMessageContaining("--data needs a value");
        assertThatThrownBy(() -> LaunchOptions.parse("--override", "x")).hasMessageContaining("KEY=VALUE");
        assertThatThrownBy(() ->
                        LaunchOptions.parse("--config", "/nowhere.properties").nodeConfig(Map.of(), null))
                .hasMessage("configuration file /nowhere.properties does not exist");
    }
}

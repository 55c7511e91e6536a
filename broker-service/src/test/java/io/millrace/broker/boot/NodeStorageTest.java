package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.NodeConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStorageTest {

    private static final String CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ";

    @TempDir
    private Path directory;

    @Test
    void anEmptyDirectoryIsRefusedInOneLineThatNamesTheTwoCommands() {
        assertThatThrownBy(() -> NodeStorage.open(config(), FirstStart.REFUSES, Map.of("CLUSTER_ID", CLUSTER_ID)))
                .isInstanceOf(StartFailure.class)
                .hasMessageContainingAll(
                        "meta.properties",
                        directory.toString(),
                        "bin/millrace format -t ID -c FILE",
                        "bin/millrace random-uuid")
                .hasMessageNotContaining("\n");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFirstStartFormatsWhereItMayAndTheNextFindsTheSameCluster() {
        String first = NodeStorage.open(config(), FirstStart.FORMATS, Map.of()).clusterId();

        assertThat(NodeStorage.open(config(), FirstStart.REFUSES, Map.of()).clusterId())
                .isEqualTo(first);
    }

    @Test
    void aClusterIdFromTheEnvironmentIsTaken() {
        assertThat(NodeStorage.open(config(), FirstStart.FORMATS, Map.of("CLUSTER_ID", CLUSTER_ID))
                        .clusterId())
                .isEqualTo(CLUSTER_ID);
    }

    private NodeConfig config() {
        return LaunchOptions.parse("--data", directory.toString(), "--kafka-port", "0")
                .nodeConfig(Map.of(), null);
    }
}

package io.millrace.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.cluster.StorageFormatter.FormatRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageFormatterTest {

    private static final String OTHER_CLUSTER = "AAAAAAAAQAGAAAAAAAAAAA";

    @TempDir
    Path dir;

    private Path first;
    private Path second;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void directories() {
        first = dir.resolve("first");
        second = dir.resolve("second");
    }

    private FormatRequest request(String clusterId, Set<Path> dirs, boolean standalone, boolean ignoreFormatted) {
        return new FormatRequest(
                1,
                clusterId,
                dirs,
                first,
                "CONTROLLER",
                null,
                standalone,
                standalone ? "localhost:9093" : null,
                standalone,
                null,
                Map.of(),
                List.of(),
                ignoreFormatted);
    }

    private void format(FormatRequest request) throws StorageException {
        StorageFormatter.format(request, new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private static Properties metaProperties(Path directory) throws Exception {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(directory.resolve("meta.properties"))) {
            properties.load(in);
        }
        return properties;
    }

    @Test
    void everyDirectoryGetsItsOwnIdAndTheNodesIdentity() throws Exception {
        assertThat(StorageFormatter.unformatted(Set.of(first, second), first)).isTrue();
        format(request(TestNode.CLUSTER_ID, Set.of(first, second), false, false));

        StorageDirectories loaded = StorageFormatter.load(Set.of(first, second), first, 1);
        assertThat(loaded.clusterId()).isEqualTo(TestNode.CLUSTER_ID);
        assertThat(loaded.directoryIds()).containsOnlyKeys(first, second);
        assertThat(loaded.directoryIds().values()).doesNotHaveDuplicates();
        Properties properties = metaProperties(second);
        assertThat(properties)
                .containsEntry("version", "1")
                .containsEntry("cluster.id", TestNode.CLUSTER_ID)
                .containsEntry("node.id", "1")
                .containsEntry("directory.id", loaded.directoryIds().get(second).toString())
                .hasSize(4);
        assertThat(StorageFormatter.unformatted(Set.of(first, second), first)).isFalse();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Formatting");
    }

    @Test
    void formattingTwiceIsRefusedUnlessFormattedDirectoriesAreIgnored() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first), false, false));
        assertThatThrownBy(() -> format(request(TestNode.CLUSTER_ID, Set.of(first), false, false)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("already formatted")
                .hasMessageNotContaining("\n");
        format(request(TestNode.CLUSTER_ID, Set.of(first, second), false, true));
        assertThat(StorageFormatter.load(Set.of(first, second), first, 1).directoryIds())
                .hasSize(2);
    }

    @Test
    void aStandaloneControllerIsTheOnlyVoterOfADynamicQuorum() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first), true, false));
        assertThat(first.resolve("bootstrap.checkpoint")).exists();
        assertThat(first.resolve("__cluster_metadata-0")).isDirectoryContaining("glob:**/*.checkpoint");
    }

    @Test
    void aDiskThatWasAddedIsTakenIntoTheNode() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first), false, false));
        Files.createDirectories(second);
        StorageDirectories loaded = StorageFormatter.load(Set.of(first, second), first, 1);
        assertThat(loaded.directoryIds()).containsOnlyKeys(first, second);
        assertThat(metaProperties(second)).containsEntry("cluster.id", TestNode.CLUSTER_ID);
    }

    @Test
    void aDirectoryThatIsNotFormattedIsNamedInOneLine() {
        assertThatThrownBy(() -> StorageFormatter.load(Set.of(first), first, 1))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(first + " is not formatted")
                .hasMessageContaining("millrace format");
    }

    @Test
    void anotherNodesDirectoryIsRefused() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first), false, false));
        assertThatThrownBy(() -> StorageFormatter.load(Set.of(first), first, 2))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("belongs to node 1, but node.id is 2");
    }

    @Test
    void directoriesOfTwoClustersAreRefused() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first), false, false));
        Path third = dir.resolve("third");
        StorageFormatter.format(
                new FormatRequest(
                        1,
                        OTHER_CLUSTER,
                        Set.of(third),
                        third,
                        "CONTROLLER",
                        null,
                        false,
                        null,
                        false,
                        null,
                        Map.of(),
                        List.of(),
                        false),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThatThrownBy(() -> StorageFormatter.load(Set.of(first, third), first, 1))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(OTHER_CLUSTER)
                .hasMessageContaining(TestNode.CLUSTER_ID);
    }

    @Test
    void partitionsWithoutMetaPropertiesAreNotTakenForANewDirectory() throws Exception {
        Files.createDirectories(first.resolve("orders-0"));
        assertThatThrownBy(() -> StorageFormatter.unformatted(Set.of(first), first))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("orders-0")
                .hasMessageContaining("meta.properties");
    }

    @Test
    void aMetadataLogInAnotherDirectoryIsNotForgotten() throws Exception {
        format(request(TestNode.CLUSTER_ID, Set.of(first, second), false, false));
        Files.createDirectories(second.resolve("__cluster_metadata-0"));
        assertThatThrownBy(() -> StorageFormatter.load(Set.of(first, second), first, 1))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("metadata.log.dir");
    }
}

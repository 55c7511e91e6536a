package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** New logs are made by I/O workers while the loops go on. */
class LogCreationTest {

    private static final Path ONE = Path.of("/one");
    private static final Path TWO = Path.of("/two");
    private static final TopicPartition NAME = new TopicPartition("t", 0);
    private static final Uuid EARLIER = new Uuid(1, 2);
    private static final Uuid LATER = new Uuid(3, 4);

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, ONE, Map.of("log.dirs", ONE + "," + TWO), loop);
    private final List<PartitionLog> opened = new ArrayList<>();

    @Test
    void theLoopTouchesNoDiskForANewLog() throws IOException {
        loop.holdWork();
        open(NAME, EARLIER);
        assertThat(opened).isEmpty();
        assertThat(logDirectories()).isEmpty();

        loop.runHeldWork();
        assertThat(opened).hasSize(1);
        assertThat(logDirectories()).hasSize(1);
    }

    @Test
    void aTopicThatIsDeletedAndCreatedAgainWhileItsLogIsBeingMadeGetsANewLog() throws IOException {
        loop.holdWork();
        harness.directories.open(
                NAME, EARLIER, loop, Map.of(), null, (log, problem) -> harness.directories.delete(log));
        open(NAME, LATER);
        loop.runHeldWork();

        assertThat(opened).hasSize(1);
        assertThat(opened.getFirst().isClosed()).isFalse();
        assertThat(PartitionMetadataFile.read(disk, opened.getFirst().directory()))
                .isEqualTo(LATER);
        assertThat(harness.directories.logs()).containsExactly(opened.getFirst());
        assertThat(logDirectories()).hasSize(2).anyMatch(name -> name.endsWith("-delete"));
    }

    @Test
    void logsThatAreStillBeingMadeCountWhereTheyWillLie() throws IOException {
        loop.holdWork();
        for (int partition = 0; partition < 10; partition++) {
            open(new TopicPartition("t", partition), LATER);
        }
        loop.runHeldWork();

        assertThat(opened).hasSize(10);
        assertThat(disk.list(ONE).stream().filter(disk::isDirectory)).hasSize(5);
        assertThat(disk.list(TWO).stream().filter(disk::isDirectory)).hasSize(5);
    }

    @Test
    void aSettingThatChangesWhileTheLogIsBeingMadeCounts() {
        loop.holdWork();
        open(NAME, EARLIER);
        harness.directories.configureBroker(Map.of("log.dirs", ONE + "," + TWO, "log.segment.bytes", "2097152"));
        loop.runHeldWork();

        assertThat(opened.getFirst().config().segmentSizeBytes()).isEqualTo(2_097_152);
    }

    private void open(TopicPartition name, Uuid topicId) {
        harness.directories.open(name, topicId, loop, Map.of(), null, (log, problem) -> opened.add(log));
    }

    private List<String> logDirectories() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path root : List.of(ONE, TWO)) {
            for (Path entry : disk.list(root)) {
                if (disk.isDirectory(entry)) {
                    names.add(entry.getFileName().toString());
                }
            }
        }
        return names;
    }
}

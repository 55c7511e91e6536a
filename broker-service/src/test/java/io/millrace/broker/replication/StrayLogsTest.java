package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.AppendOrigin;
import io.millrace.broker.log.LocalLogDirectories;
import io.millrace.broker.log.PartitionLog;
import io.millrace.broker.request.TestImage;
import io.millrace.broker.runtime.EventLoops;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics were deleted, made again or moved away while the broker was down: their old logs are set aside, nothing else is. */
class StrayLogsTest {

    private static final List<String> TOPICS = List.of("kept", "unmarked", "gone", "elsewhere", "reborn");

    private static final long EPOCH_BEFORE = 10;
    private static final long EPOCH = 20;

    @TempDir
    Path data;

    private final ManualLoop loop = new ManualLoop(0);

    @Test
    void logsOfPartitionsThatAreNotHereAnyMoreAreSetAside() throws IOException {
        topicsWithARecordEach();
        LocalLogDirectories after = directories();
        HostedPartitions again = partitions(after, EPOCH);

        show(again, survivors(EPOCH_BEFORE, false));
        assertThat(aside())
                .as("after a crash the incarnation that died may still be known as serving")
                .containsExactly("reborn-0");
        show(again, survivors(EPOCH, true));
        assertThat(aside()).as("while the broker is fenced").containsExactly("reborn-0");
        show(again, survivors(EPOCH, false));

        assertThat(aside()).containsExactly("elsewhere-0", "gone-0", "reborn-0");
        try (Stream<Path> names = Files.list(data)) {
            assertThat(names.filter(Files::isDirectory)
                            .map(path -> path.getFileName().toString()))
                    .filteredOn(name -> !name.endsWith("-stray"))
                    .containsExactlyInAnyOrder("kept-0", "unmarked-0", "reborn-0");
        }
        assertThat(log(again, "kept").snapshot().logEndOffset()).isEqualTo(1);
        assertThat(log(again, "unmarked").snapshot().logEndOffset()).isEqualTo(1);
        assertThat(log(again, "reborn").snapshot().logEndOffset()).isZero();
        after.close();

        directories()
                .recover((partition, id) -> loop)
                .forEach(found -> assertThat(found.topicPartition().topic()).isIn("kept", "unmarked", "reborn"));
        assertThat(aside()).as("after another start").hasSize(3);
    }

    @Test
    void aTopicThatComesBackUnderItsNameLaterFindsItsPlaceFree() throws IOException {
        topicsWithARecordEach();
        LocalLogDirectories after = directories();
        HostedPartitions again = partitions(after, EPOCH);
        again.imageChanged(survivors(EPOCH, false).asFirst());

        show(again, survivors(EPOCH, false).topic("gone", 1, 1));

        assertThat(aside()).containsExactly("elsewhere-0", "gone-0", "reborn-0");
        assertThat(log(again, "gone").snapshot().logEndOffset()).isZero();
        after.close();
    }

    private void topicsWithARecordEach() throws IOException {
        LocalLogDirectories before = directories();
        HostedPartitions first = partitions(before, EPOCH_BEFORE);
        TestImage image = new TestImage().broker(1, EPOCH_BEFORE, false);
        TOPICS.forEach(topic -> image.topic(topic, 1, 1));
        show(first, image);
        TOPICS.forEach(topic -> log(first, topic)
                .appendAsLeader(
                        MemoryRecords.withRecords(
                                Compression.NONE, new SimpleRecord(topic.getBytes(StandardCharsets.UTF_8))),
                        0,
                        AppendOrigin.CLIENT));
        before.close();
        Files.delete(metadata("unmarked"));
        Files.writeString(metadata("reborn"), "version: 0\ntopic_id: " + new Uuid(1, 2) + "\n");
    }

    private static TestImage survivors(long epoch, boolean fenced) {
        return new TestImage()
                .broker(1, epoch, fenced)
                .topic("kept", 1, 1)
                .topic("unmarked", 1, 1)
                .topic("elsewhere", 1, 2)
                .topic("reborn", 1, 1);
    }

    /** Names without what makes them unique, of directories whose records are still there. */
    private List<String> aside() throws IOException {
        try (Stream<Path> paths = Files.list(data)) {
            List<Path> strays = paths.filter(path -> path.toString().endsWith("-stray"))
                    .sorted()
                    .toList();
            for (Path stray : strays) {
                assertThat(stray.resolve("00000000000000000000.log")).isNotEmptyFile();
            }
            return strays.stream()
                    .map(path -> path.getFileName().toString().split("\\.")[0])
                    .toList();
        }
    }

    private LocalLogDirectories directories() {
        return new LocalLogDirectories(
                Map.of("log.dirs", data.toString()),
                FileStore.disk(),
                loop,
                RandomSource.system(),
                loop,
                loop,
                10,
                1 << 20);
    }

    private HostedPartitions partitions(LocalLogDirectories directories, long epoch) {
        HostedPartitions partitions = new HostedPartitions(
                new ReplicationConfig(1, 1, 30_000, Map.of()),
                new EventLoops(List.of(loop)),
                directories,
                loop,
                new NoPeers(),
                new NoPeers());
        partitions.registeredWith(() -> epoch);
        partitions.recover();
        return partitions;
    }

    private void show(HostedPartitions partitions, TestImage image) {
        partitions.imageChanged(image.asFirst());
        loop.drain();
    }

    private static PartitionLog log(HostedPartitions partitions, String topic) {
        return Objects.requireNonNull(partitions.find(topic, 0)).log();
    }

    private Path metadata(String topic) {
        return data.resolve(topic + "-0/partition.metadata");
    }
}

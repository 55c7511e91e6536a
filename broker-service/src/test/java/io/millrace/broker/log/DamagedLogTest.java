package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.runtime.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs whose records were damaged, and directories whose checkpoints were. */
class DamagedLogTest {

    private static final Map<String, String> SMALL_SEGMENTS =
            Map.of("internal.segment.bytes", "3000", "index.interval.bytes", "100");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final LogHarness harness = new LogHarness(disk, Path.of("/data"), Map.of(), loop);

    private PartitionLog written(String topic) {
        PartitionLog log = harness.log(topic, SMALL_SEGMENTS);
        for (int i = 0; i < 100; i++) {
            LogHarness.append(log, LogHarness.records("value " + i + "x".repeat(100)));
        }
        log.advanceHighWatermark(100);
        assertThat(log.view().segments()).hasSizeGreaterThan(3);
        return log;
    }

    /** The file and position of the batch with an offset. */
    private record Place(Path file, int position) {
        static Place of(PartitionLog log, long offset) throws IOException {
            LogView view = log.view();
            int i = view.floor(offset);
            SegmentLookUp.BatchPosition batch = view.segments()[i].lookUp().locate(offset, view.sizeBytes(i));
            return new Place(view.segments()[i].paths().log(), batch.position());
        }
    }

    private void overwrite(Path file, int position, int... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int value : bytes) {
            buffer.put((byte) value);
        }
        try (FileChannel channel = disk.open(file, FileStore.Mode.WRITE)) {
            channel.write(buffer.flip(), position);
        }
    }

    private Map<Path, Long> files(PartitionLog log) throws IOException {
        Map<Path, Long> sizes = new TreeMap<>();
        for (Path file : disk.list(log.directory())) {
            if (file.toString().endsWith(".log")) {
                sizes.put(file, disk.sizeBytes(file));
            }
        }
        return sizes;
    }

    @Test
    void damageThatACrashCannotHaveMadeTakesThePartitionOfflineAndRemovesNothing() throws IOException {
        PartitionLog log = written("t");
        PartitionLog other = written("other");
        long damaged = log.view().active().baseOffset() + 1;
        assertThat(damaged)
                .as("past the recovery point")
                .isGreaterThan(log.flush().recoveryPoint());
        Place place = Place.of(log, damaged);
        overwrite(place.file, place.position + BatchLayout.HEADER_BYTES + 3, 1, 2, 3);
        Map<Path, Long> before = files(log);

        harness.reopenAfterCrash();
        PartitionLog found = harness.log("t", SMALL_SEGMENTS);

        assertThat(found.offlineReason())
                .contains(place.file.toString())
                .contains("position " + place.position)
                .contains("after offset " + (damaged - 1))
                .contains("checksum");
        assertThat(files(found)).isEqualTo(before);
        assertThat(found.appendAsLeader(LogHarness.records("more"), 0, AppendOrigin.CLIENT))
                .isInstanceOfSatisfying(
                        AppendResult.Rejected.class, r -> assertThat(r.error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR));
        assertThatThrownBy(() -> found.read(0, 1000, 100, true, false))
                .isInstanceOf(KafkaStorageException.class)
                .hasMessageContaining(place.file.toString());
        PartitionLog sound = harness.log("other", SMALL_SEGMENTS);
        assertThat(LogHarness.readAll(sound, 5000)).hasSize(100);
        assertThat(sound.topicPartition()).isEqualTo(other.topicPartition());
    }

    /** Else the recovery point, an offset of no batch, would be beyond all that is found, and a torn end taken for damage. */
    @Test
    void aTornEndIsCutOffAfterATruncationIntoAGapToo() throws IOException {
        PartitionLog log = harness.log("t", SMALL_SEGMENTS);
        follow(log, 0, "a");
        follow(log, 7, "b");
        log.truncateTo(5);
        log.flush().checkpoint();
        assertThat(log.snapshot().logEndOffset()).isEqualTo(5);
        loop.advance(5_000); // the checkpoint's file
        follow(log, 6, "torn");
        try (FileChannel file = disk.open(log.view().active().paths().log(), FileStore.Mode.WRITE)) {
            file.truncate(file.size() - 2);
        }

        harness.reopenAfterCrash();

        PartitionLog again = harness.log("t", SMALL_SEGMENTS);
        assertThat(again.offlineReason()).isNull();
        assertThat(again.snapshot().logEndOffset()).isEqualTo(1);
    }

    private static void follow(PartitionLog log, long offset, String value) {
        assertThat(log.appendAsFollower(MemoryRecords.withRecords(
                        offset, Compression.NONE, 0, LogHarness.simple(LogHarness.NOW_MS, value))))
                .isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void damageInTheMidstOfALogIsFoundByItsReaders() throws IOException {
        PartitionLog log = written("t");
        Place place = Place.of(log, 30);
        overwrite(place.file, place.position + 8, 0x7f, 0x7f, 0x7f, 0x7f); // the batch's length
        Map<Path, Long> before = files(log);
        long beyond = log.view().endOffset(log.view().floor(30)) - 1;

        assertThatThrownBy(() -> {
                    for (long offset = 30; offset <= beyond; offset++) {
                        log.read(offset, 1, 100, true, false).records().release();
                    }
                })
                .isInstanceOf(KafkaStorageException.class)
                .hasMessageContaining(place.file.toString())
                .hasMessageContaining("position " + place.position)
                .hasMessageContaining("offset ");

        assertThat(log.offlineReason()).contains("damaged").contains(place.file.toString());
        assertThat(files(log)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CheckpointFile.RECOVERY_POINTS,
                CheckpointFile.LOG_STARTS,
                CheckpointFile.HIGH_WATERMARKS,
                CheckpointFile.CLEANED
            })
    void damagedCheckpointsAreMadeAgain(String name) throws IOException {
        Path file = Path.of("/data").resolve(name);
        for (String content :
                List.of("garbage", "0\n3\nt 0 5\n", "1\n1\nt 0 5\n", "0\n1\nt 0 1", "0\n1\nt zero 5\n", "0")) {
            for (boolean clean : new boolean[] {true, false}) {
                PartitionLog log = harness.log("t", SMALL_SEGMENTS);
                if (log.snapshot().logEndOffset() == 0) {
                    written("t").advanceLogStart(40);
                }
                harness.directories.close();
                String before = new String(disk.readAll(file));
                disk.replace(file, content.getBytes(), true);
                if (!clean) {
                    disk.delete(Path.of("/data/.kafka_cleanshutdown"));
                }

                harness.open();

                PartitionLog again = harness.log("t", SMALL_SEGMENTS);
                assertThat(again.offlineReason()).isNull();
                again.advanceHighWatermark(100);
                long start = again.snapshot().logStartOffset();
                assertThat(start).isBetween(again.view().segments()[0].baseOffset(), 40L);
                List<String> expected = new ArrayList<>();
                for (long i = start; i < 100; i++) {
                    expected.add(i + ":value " + i + "x".repeat(100));
                }
                assertThat(LogHarness.readAll(again, 2000)).isEqualTo(expected);
                again.advanceLogStart(40);
                harness.directories.close();
                assertThat(new String(disk.readAll(file)))
                        .as(name + " after " + content)
                        .isEqualTo(before);
                harness.open();
            }
        }
    }

    /** Without its entries a consumer of committed records would be given those of aborted transactions. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDamagedTransactionIndexIsMadeAgain(boolean clean) throws IOException {
        PartitionLog log = harness.log("t", SMALL_SEGMENTS);
        for (int i = 0; i < 60; i++) {
            LogHarness.append(log, LogHarness.transactional(7, 0, i, "value " + i + "x".repeat(100)));
            if (i % 3 == 2) {
                log.appendAsLeader(
                        PartitionLogTest.markerRecords(LogHarness.NOW_MS, 7, i % 2 == 0, (short) 0),
                        0,
                        AppendOrigin.COORDINATOR);
            }
        }
        log.flush().checkpoint();
        List<TransactionIndex.Aborted> before = aborted(log);
        assertThat(before).hasSize(10);
        harness.directories.close();
        int damaged = 0;
        for (Path file : disk.list(log.directory())) {
            if (file.toString().endsWith(LogFileNames.TRANSACTION_INDEX)) {
                disk.replace(file, java.util.Arrays.copyOf(disk.readAll(file), 30), true);
                damaged++;
            }
        }
        assertThat(damaged).isGreaterThan(2);
        if (!clean) {
            disk.delete(Path.of("/data/.kafka_cleanshutdown"));
        }

        harness.open();

        PartitionLog again = harness.log("t", SMALL_SEGMENTS);
        assertThat(aborted(again)).isEqualTo(before);
        for (Path file : disk.list(again.directory())) {
            if (file.toString().endsWith(LogFileNames.TRANSACTION_INDEX)) {
                assertThat(disk.sizeBytes(file) % 34).isZero();
            }
        }
    }

    private static List<TransactionIndex.Aborted> aborted(PartitionLog log) throws IOException {
        List<TransactionIndex.Aborted> all = new ArrayList<>();
        for (Segment segment : log.view().segments()) {
            all.addAll(segment.indexes().transactions().entries());
        }
        return all;
    }
}

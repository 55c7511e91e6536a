package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.runtime.FileStore;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.OffsetPosition;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache's own storage classes open what was written here, and the other way round. */
class ApacheLogTest {

    private static final Map<String, String> SETTINGS =
            Map.of("internal.segment.bytes", "4000", "index.interval.bytes", "300");

    @TempDir
    Path directory;

    private final KafkaScheduler scheduler = new KafkaScheduler(1);

    @BeforeEach
    void start() {
        scheduler.startup();
    }

    @AfterEach
    void stop() throws InterruptedException {
        scheduler.shutdown();
    }

    private LogHarness harness() {
        return new LogHarness(FileStore.disk(), directory, Map.of(), new InlineLoop(System.currentTimeMillis()));
    }

    private UnifiedLog apache(long recoveryPoint, boolean clean) throws Exception {
        File partition = directory.resolve("t-0").toFile();
        Files.createDirectories(partition.toPath());
        return UnifiedLog.create(
                partition,
                new LogConfig(SETTINGS),
                0,
                recoveryPoint,
                scheduler,
                new BrokerTopicStats(false),
                Time.SYSTEM,
                300_000,
                new ProducerStateManagerConfig(86_400_000, false),
                600_000,
                new LogDirFailureChannel(5),
                clean,
                Optional.of(LogHarness.TOPIC_ID));
    }

    /** The same mixture for both: plain, compressed, idempotent, transactional with aborts, several epochs. */
    private interface Writer {
        void append(MemoryRecords records, int epoch, boolean marker);
    }

    private static List<String> write(Writer writer) {
        long now = System.currentTimeMillis();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int epoch = i / 40;
            switch (i % 4) {
                case 0 -> writer.append(LogHarness.recordsAt(now - 1000 + i, "plain-" + i), epoch, false);
                case 1 ->
                    writer.append(
                            MemoryRecords.withRecords(
                                    Compression.zstd().build(), LogHarness.simple(now - 1000 + i, "zstd-" + i)),
                            epoch,
                            false);
                case 2 ->
                    writer.append(
                            MemoryRecords.withTransactionalRecords(
                                    Compression.NONE, 7, (short) 0, i / 4, LogHarness.simple(now, "txn-" + i)),
                            epoch,
                            false);
                default -> writer.append(PartitionLogTest.markerRecords(now, 7, i % 8 == 3, (short) 0), epoch, true);
            }
            expected.add(i + "");
        }
        return expected;
    }

    @Test
    void apacheOpensAClosedLogAndFindsEverything() throws Exception {
        try (LogHarness harness = harness()) {
            PartitionLog log = harness.log("t", SETTINGS);
            write((records, epoch, marker) -> assertThat(
                            log.appendAsLeader(records, epoch, marker ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT))
                    .isInstanceOf(AppendResult.Appended.class));
        }
        apacheFindsEverything(120, true);
    }

    @Test
    void apacheRecoversALogWhoseBrokerDied() throws Exception {
        LogHarness harness = harness();
        PartitionLog log = harness.log("t", SETTINGS);
        write((records, epoch, marker) ->
                log.appendAsLeader(records, epoch, marker ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT));

        apacheFindsEverything(0, false);
    }

    private void apacheFindsEverything(long recoveryPoint, boolean clean) throws Exception {
        UnifiedLog apache = apache(recoveryPoint, clean);
        try {
            assertThat(apache.logEndOffset()).isEqualTo(120);
            assertThat(apache.logSegments()).hasSizeGreaterThan(2);
            assertThat(apache.topicId()).contains(LogHarness.TOPIC_ID);
            assertThat(offsets(apache)).hasSize(120);
            for (int epoch = 0; epoch < 3; epoch++) {
                assertThat(apache.endOffsetForEpoch(epoch).orElseThrow().offset())
                        .isEqualTo((epoch + 1) * 40L);
            }
            for (LogSegment segment : apache.logSegments()) {
                segment.sanityCheck(false);
                checkIndexAsDumpLogDoes(segment);
            }
            assertThat(apache.collectAbortedTransactions(0, 120)).hasSize(15);
            var producers = apache.producerStateManager().activeProducers();
            if (!clean || producers.containsKey(7L)) {
                assertThat(producers.get(7L).lastDataOffset()).isEqualTo(118);
            }
        } finally {
            apache.close();
        }
    }

    /** What kafka-dump-log --verify-index-only checks. */
    private static void checkIndexAsDumpLogDoes(LogSegment segment) throws Exception {
        var index = segment.offsetIndex();
        for (int i = 0; i < index.entries(); i++) {
            OffsetPosition entry = index.entry(i);
            FileRecords at = segment.log().slice(entry.position(), Integer.MAX_VALUE);
            assertThat(at.batches().iterator().next().lastOffset()).isEqualTo(entry.offset());
        }
    }

    private static List<Long> offsets(UnifiedLog log) {
        List<Long> offsets = new ArrayList<>();
        for (LogSegment segment : log.logSegments()) {
            for (Record record : segment.log().records()) {
                offsets.add(record.offset());
            }
        }
        return offsets;
    }

    @Test
    void whatApacheWroteIsReadHere() throws Exception {
        UnifiedLog apache = apache(0, true);
        write((records, epoch, marker) -> {
            apache.appendAsLeader(
                    records,
                    epoch,
                    marker
                            ? org.apache.kafka.storage.internals.log.AppendOrigin.COORDINATOR
                            : org.apache.kafka.storage.internals.log.AppendOrigin.CLIENT,
                    RequestLocal.noCaching(),
                    VerificationGuard.SENTINEL,
                    (short) 1);
        });
        List<Long> offsets = offsets(apache);
        apache.close();
        for (boolean clean : new boolean[] {true, false}) {
            Path marker = directory.resolve(".kafka_cleanshutdown");
            Files.deleteIfExists(marker);
            if (clean) {
                Files.writeString(marker, "{\"version\":0,\"brokerEpoch\":42}");
                Files.writeString(directory.resolve("recovery-point-offset-checkpoint"), "0\n1\nt 0 120\n");
            }
            LogHarness harness = harness();
            assertThat(harness.directories.previousBrokerEpoch().isPresent()).isEqualTo(clean);
            PartitionLog log = harness.log("t", SETTINGS);
            assertThat(log.snapshot().logEndOffset()).isEqualTo(120);
            assertThat(LogHarness.readAll(log, 900)).hasSameSizeAs(offsets);
            for (int epoch = 0; epoch < 3; epoch++) {
                assertThat(log.endOfEpoch(epoch)).isEqualTo(new PartitionLog.EpochEnd(epoch, (epoch + 1) * 40L));
            }
            assertThat(log.producers()).singleElement().satisfies(p -> {
                assertThat(p.producerId()).isEqualTo(7);
                assertThat(p.lastSequence()).isEqualTo(29);
            });
            LogRead read = log.read(0, 1 << 20, 120, true, true);
            read.records().release();
            long aborted = log.view().segments().length;
            assertThat(aborted).isGreaterThan(2);
            assertThat(read.abortedTransactions()).isNotEmpty();
            if (!clean) {
                harness.close(); // The first time the process dies instead.
            }
        }
    }

    @Test
    void aZeroTopicIdIsNotTakenForAnother() throws Exception {
        try (LogHarness harness = harness()) {
            harness.log("t", SETTINGS);
        }
        Files.delete(directory.resolve("t-0/partition.metadata"));
        try (LogHarness harness = harness()) {
            assertThat(harness.found)
                    .singleElement()
                    .satisfies(f -> assertThat(f.topicId()).isEqualTo(Uuid.ZERO_UUID));
        }
    }
}

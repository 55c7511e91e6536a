package io.millrace.broker.log;

import static io.millrace.broker.log.LogHarness.NOW_MS;
import static io.millrace.broker.log.LogHarness.append;
import static io.millrace.broker.log.LogHarness.idempotent;
import static io.millrace.broker.log.LogHarness.keyed;
import static io.millrace.broker.log.LogHarness.readAll;
import static io.millrace.broker.log.LogHarness.records;
import static io.millrace.broker.log.LogHarness.recordsAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {

    private static final Map<String, String> SMALL_SEGMENTS =
            Map.of("internal.segment.bytes", "2000", "index.interval.bytes", "200");

    @TempDir
    Path directory;

    private LogHarness harness;

    private PartitionLog log(Map<String, String> overrides) {
        harness = new LogHarness(directory, Map.of());
        return harness.log("t", overrides);
    }

    @AfterEach
    void close() {
        if (harness != null) {
            harness.close();
        }
    }

    @Test
    void appendedRecordsGetConsecutiveOffsetsAndTheLeaderEpoch() {
        PartitionLog log = log(Map.of());
        assertThat(append(log, records("a", "b"), 3)).isEqualTo(new AppendResult.Appended(0, 2, -1, 0));
        assertThat(append(log, records("c"), 4).baseOffset()).isEqualTo(2);
        assertThat(readAll(log, 1 << 20)).containsExactly("0:a", "1:b", "2:c");
        assertThat(log.snapshot()).isEqualTo(new LogSnapshot(0, 0, 0, 3, 4));
        assertThat(log.endOfEpoch(3)).isEqualTo(new PartitionLog.EpochEnd(3, 2));
        assertThat(log.endOfEpoch(4)).isEqualTo(new PartitionLog.EpochEnd(4, 3));
        assertThat(log.endOfEpoch(5)).isEqualTo(new PartitionLog.EpochEnd(-1, -1));
        assertThat(log.epochOf(1)).isEqualTo(3);
        assertThat(log.epochOf(2)).isEqualTo(4);
    }

    @Test
    void everyOffsetIsFoundAcrossSegmentsWhateverTheFetchSize() {
        PartitionLog log = log(SMALL_SEGMENTS);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            append(log, records("value-" + i));
            expected.add(i + ":value-" + i);
        }
        assertThat(log.view().segments().length).isGreaterThan(5);
        for (int maxBytes : new int[] {1, 90, 500, 1999, 5000}) {
            assertThat(readAll(log, maxBytes)).isEqualTo(expected);
        }
        for (long offset = 0; offset < 300; offset++) {
            LogRead read = log.read(offset, 1, 300, true, false);
            assertThat(LogHarness.bytesOf(read.records())
                            .batches()
                            .iterator()
                            .next()
                            .baseOffset())
                    .isEqualTo(offset);
        }
    }

    @Test
    void aReadStopsAtItsLimitAndGivesNothingBeyond() {
        PartitionLog log = log(SMALL_SEGMENTS);
        for (int i = 0; i < 60; i++) {
            append(log, records("value-" + i));
        }
        for (long limit = 1; limit <= 60; limit++) {
            LogRead read = log.read(limit - 1, 1 << 20, limit, true, false);
            List<Long> offsets = new ArrayList<>();
            LogHarness.bytesOf(read.records()).records().forEach(r -> offsets.add(r.offset()));
            assertThat(offsets).containsExactly(limit - 1);
        }
        assertThat(log.read(60, 100, 60, true, false).records()).isNull();
        assertThat(log.read(5, 100, 5, true, false).records()).isNull();
        assertThat(log.read(5, 10, 60, false, false).records()).isNull();
        assertThatThrownBy(() -> log.read(61, 100, 61, true, false)).isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void aRetriedBatchIsAnsweredWithItsFirstOffsets() {
        PartitionLog log = log(Map.of());
        for (int i = 0; i < 6; i++) {
            append(log, idempotent(9, 0, i * 2, "a" + i, "b" + i));
        }
        AppendResult fifth = log.appendAsLeader(idempotent(9, 0, 4, "a2", "b2"), 0, AppendOrigin.CLIENT);
        assertThat(fifth).isEqualTo(new AppendResult.Duplicate(4, 6, -1, 0));
        AppendResult tooOld = log.appendAsLeader(idempotent(9, 0, 0, "a0", "b0"), 0, AppendOrigin.CLIENT);
        assertThat(error(tooOld)).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(log.snapshot().logEndOffset()).isEqualTo(12);
    }

    @Test
    void sequencesMustFollowWithinAnEpochAndBeginAtZeroInTheNext() {
        PartitionLog log = log(Map.of());
        append(log, idempotent(9, 1, 5, "unknown producers may begin anywhere"));
        assertThat(error(log.appendAsLeader(idempotent(9, 1, 7, "gap"), 0, AppendOrigin.CLIENT)))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(error(log.appendAsLeader(idempotent(9, 0, 6, "old epoch"), 0, AppendOrigin.CLIENT)))
                .isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(error(log.appendAsLeader(idempotent(9, 2, 6, "new epoch"), 0, AppendOrigin.CLIENT)))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        append(log, idempotent(9, 2, 0, "new epoch"));
        append(log, idempotent(9, 2, 1, "goes on"));
    }

    @Test
    void sequencesWrapAtTheGreatestInteger() {
        PartitionLog log = log(Map.of());
        append(log, idempotent(9, 0, Integer.MAX_VALUE - 1, "x", "y", "z"));
        append(log, idempotent(9, 0, 1, "after the wrap"));
        assertThat(log.appendAsLeader(idempotent(9, 0, Integer.MAX_VALUE - 1, "x", "y", "z"), 0, AppendOrigin.CLIENT))
                .isEqualTo(new AppendResult.Duplicate(0, 3, -1, 0));
    }

    @Test
    void damagedAndDishonestBatchesAreRefusedAndLeaveNoTrace() {
        PartitionLog log = log(Map.of("max.message.bytes", "300"));
        assertThat(refusal(log, damaged(records("a"), 65, (byte) 1))).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(refusal(log, damaged(records("a"), 16, (byte) 1))).isEqualTo(Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT);
        assertThat(refusal(log, damaged(records("a"), 11, (byte) 1))).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(refusal(log, damaged(records("a"), 7, (byte) 1))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(refusal(log, records("x".repeat(400)))).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(refusal(log, MemoryRecords.EMPTY)).isEqualTo(Errors.INVALID_RECORD);
        assertThat(refusal(log, recordsAt(NOW_MS + 3_600_001, "a"))).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(log.snapshot().logEndOffset()).isZero();
        assertThat(log.sizeBytes()).isZero();
    }

    @Test
    void recordsTooOldForTheTopicAreNamedOneByOne() {
        PartitionLog log = log(Map.of("message.timestamp.before.max.ms", "1000"));
        MemoryRecords mixed = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(NOW_MS, null, new byte[1]),
                new SimpleRecord(NOW_MS - 1001, null, new byte[1]));
        AppendResult.Rejected rejected = (AppendResult.Rejected) log.appendAsLeader(mixed, 0, AppendOrigin.CLIENT);
        assertThat(rejected.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(rejected.recordErrors())
                .extracting(AppendResult.RecordError::batchIndex)
                .containsExactly(1);
    }

    @Test
    void compactedTopicsRefuseRecordsWithoutKey() {
        PartitionLog log = log(Map.of("cleanup.policy", "compact"));
        MemoryRecords mixed = MemoryRecords.withRecords(
                Compression.lz4().build(),
                new SimpleRecord(NOW_MS, new byte[] {1}, new byte[1]),
                new SimpleRecord(NOW_MS, null, new byte[1]));
        AppendResult.Rejected rejected = (AppendResult.Rejected) log.appendAsLeader(mixed, 0, AppendOrigin.CLIENT);
        assertThat(rejected.error()).isEqualTo(Errors.INVALID_RECORD);
        assertThat(rejected.recordErrors())
                .extracting(AppendResult.RecordError::batchIndex)
                .containsExactly(1);
        append(log, keyed("k", "v"));
    }

    @Test
    void logAppendTimeReplacesTheProducersTimestamp() {
        PartitionLog log = log(Map.of("message.timestamp.type", "LogAppendTime"));
        assertThat(append(log, recordsAt(5, "a")).logAppendTimeMs()).isEqualTo(NOW_MS);
        RecordBatch batch = LogHarness.bytesOf(log.read(0, 1000, 1, true, false).records())
                .batches()
                .iterator()
                .next();
        batch.ensureValid();
        assertThat(batch.maxTimestamp()).isEqualTo(NOW_MS);
        assertThat(batch.iterator().next().timestamp()).isEqualTo(NOW_MS);
    }

    @Test
    void batchesAreCompressedAsTheTopicWants() {
        PartitionLog log = log(Map.of("compression.type", "zstd"));
        append(log, idempotent(4, 0, 0, "a".repeat(500), "b".repeat(500)));
        RecordBatch batch = LogHarness.bytesOf(log.read(0, 2000, 2, true, false).records())
                .batches()
                .iterator()
                .next();
        assertThat(batch.compressionType()).isEqualTo(CompressionType.ZSTD);
        assertThat(batch.producerId()).isEqualTo(4);
        assertThat(readAll(log, 1000)).containsExactly("0:" + "a".repeat(500), "1:" + "b".repeat(500));
        assertThat(log.appendAsLeader(idempotent(4, 0, 0, "a".repeat(500), "b".repeat(500)), 0, AppendOrigin.CLIENT))
                .isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void truncationForgetsRecordsEpochsAndSequences() {
        PartitionLog log = log(SMALL_SEGMENTS);
        for (int i = 0; i < 100; i++) {
            append(log, idempotent(1, 0, i, "v" + i), i < 50 ? 1 : 2);
        }
        log.advanceHighWatermark(100);
        log.truncateTo(40);
        assertThat(log.snapshot()).isEqualTo(new LogSnapshot(0, 40, 40, 40, 1));
        assertThat(readAll(log, 700)).hasSize(40).endsWith("39:v39");
        assertThat(error(log.appendAsLeader(idempotent(1, 0, 99, "x"), 1, AppendOrigin.CLIENT)))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(append(log, idempotent(1, 0, 40, "again"), 3).baseOffset()).isEqualTo(40);
        assertThat(readAll(log, 700)).endsWith("40:again");
        log.truncateFullyAndStartAt(1000);
        assertThat(log.snapshot()).isEqualTo(new LogSnapshot(1000, 1000, 1000, 1000, -1));
        assertThat(append(log, records("far")).baseOffset()).isEqualTo(1000);
        assertThat(readAll(log, 700)).containsExactly("1000:far");
    }

    @Test
    void followersTakeOffsetsAndEpochsAsTheyComeAndLeaveACutBatchOut() {
        PartitionLog leader = log(Map.of());
        PartitionLog follower = harness.log("copy");
        append(leader, records("a", "b"), 1);
        append(leader, idempotent(5, 0, 0, "c"), 2);
        MemoryRecords sent =
                LogHarness.bytesOf(leader.read(0, 1 << 20, 3, true, false).records());
        ByteBuffer cut = sent.buffer();
        cut.limit(cut.limit() - 1);
        assertThat(follower.appendAsFollower(MemoryRecords.readableRecords(cut)))
                .isEqualTo(new AppendResult.Appended(0, 2, -1, 0));
        assertThat(error(follower.appendAsFollower(sent))).isEqualTo(Errors.CORRUPT_MESSAGE);
        MemoryRecords rest =
                LogHarness.bytesOf(leader.read(2, 1 << 20, 3, true, false).records());
        follower.appendAsFollower(rest);
        assertThat(readAll(follower, 100)).isEqualTo(readAll(leader, 100));
        assertThat(follower.endOfEpoch(1)).isEqualTo(leader.endOfEpoch(1));
        assertThat(follower.producers()).isEqualTo(leader.producers());
    }

    @Test
    void offsetsAreFoundByTimestamp() {
        PartitionLog log = log(SMALL_SEGMENTS);
        for (int i = 0; i < 100; i++) {
            append(log, recordsAt(NOW_MS - 100_000 + i * 10L, "v" + i, "w" + i));
        }
        for (int i = 0; i < 100; i++) {
            long at = NOW_MS - 100_000 + i * 10L;
            assertThat(log.offsetForTimestamp(at)).isEqualTo(new PartitionLog.TimestampOffset(at, i * 2L, 0));
            assertThat(log.offsetForTimestamp(at - 9)).isEqualTo(new PartitionLog.TimestampOffset(at, i * 2L, 0));
        }
        assertThat(log.offsetForTimestamp(NOW_MS)).isNull();
        assertThat(log.offsetOfMaxTimestamp())
                .isEqualTo(new PartitionLog.TimestampOffset(NOW_MS - 100_000 + 990, 198, 0));
    }

    @Test
    void theNewestTimestampMayBeBelowTheLogStartAsForApacheKafka() {
        PartitionLog log = log(Map.of());
        append(log, recordsAt(NOW_MS, "newest"), 3);
        append(log, recordsAt(NOW_MS - 1000, "older"), 3);
        log.advanceHighWatermark(2);
        log.advanceLogStart(1);
        assertThat(log.offsetOfMaxTimestamp()).isEqualTo(new PartitionLog.TimestampOffset(NOW_MS, 0, 3));
        assertThat(log.offsetForTimestamp(NOW_MS)).isNull();
    }

    @Test
    void deleteRecordsMovesTheStartAndDropsWholeSegments() {
        PartitionLog log = log(SMALL_SEGMENTS);
        for (int i = 0; i < 100; i++) {
            append(log, records("v" + i));
        }
        assertThatThrownBy(() -> log.advanceLogStart(50)).isInstanceOf(OffsetOutOfRangeException.class);
        log.advanceHighWatermark(100);
        long before = log.sizeBytes();
        log.advanceLogStart(50);
        assertThat(log.snapshot().logStartOffset()).isEqualTo(50);
        assertThat(log.sizeBytes()).isLessThan(before);
        assertThat(readAll(log, 500)).hasSize(50).startsWith("50:v50");
        assertThatThrownBy(() -> log.read(49, 10, 100, true, false)).isInstanceOf(OffsetOutOfRangeException.class);
        log.advanceLogStart(100);
        assertThat(readAll(log, 500)).isEmpty();
        assertThat(append(log, records("next")).baseOffset()).isEqualTo(100);
    }

    @Test
    void anOpenTransactionHoldsTheLastStableOffsetAndAbortsAreListed() {
        PartitionLog log = log(Map.of());
        append(log, records("a"));
        append(log, LogHarness.transactional(1, 0, 0, "b", "c"));
        append(log, LogHarness.transactional(2, 0, 0, "d"));
        log.advanceHighWatermark(4);
        assertThat(log.snapshot().lastStableOffset()).isEqualTo(1);
        marker(log, 1, false);
        log.advanceHighWatermark(5);
        assertThat(log.snapshot().lastStableOffset()).isEqualTo(3);
        marker(log, 2, true);
        assertThat(log.snapshot().lastStableOffset()).isEqualTo(3);
        log.advanceHighWatermark(6);
        assertThat(log.snapshot().lastStableOffset()).isEqualTo(6);
        LogRead read = log.read(0, 1 << 20, 6, true, true);
        read.records().release();
        assertThat(read.abortedTransactions()).singleElement().satisfies(a -> {
            assertThat(a.producerId()).isEqualTo(2);
            assertThat(a.firstOffset()).isEqualTo(3);
        });
    }

    static void marker(PartitionLog log, long producerId, boolean abort) {
        assertThat(log.appendAsLeader(markerRecords(NOW_MS, producerId, abort, (short) 0), 0, AppendOrigin.COORDINATOR))
                .isInstanceOf(AppendResult.Appended.class);
    }

    static MemoryRecords markerRecords(long timestampMs, long producerId, boolean abort, short epoch) {
        return MemoryRecords.withEndTransactionMarker(
                timestampMs,
                producerId,
                epoch,
                new org.apache.kafka.common.record.internal.EndTransactionMarker(
                        abort
                                ? org.apache.kafka.common.record.internal.ControlRecordType.ABORT
                                : org.apache.kafka.common.record.internal.ControlRecordType.COMMIT,
                        0));
    }

    private static Errors refusal(PartitionLog log, MemoryRecords records) {
        return error(log.appendAsLeader(records, 0, AppendOrigin.CLIENT));
    }

    private static Errors error(AppendResult result) {
        return result instanceof AppendResult.Rejected rejected ? rejected.error() : Errors.NONE;
    }

    private static MemoryRecords damaged(MemoryRecords records, int at, byte xor) {
        ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer()).flip();
        copy.put(at, (byte) (copy.get(at) ^ xor));
        return MemoryRecords.readableRecords(copy);
    }

    @Test
    void recordsAreOnDiskWithinFlushMs() {
        PartitionLog log = log(Map.of("flush.ms", "250"));
        append(log, records("a"));
        harness.loop.advance(200);
        append(log, records("b"));
        harness.loop.advance(49);
        assertThat(log.flushedOffset()).isZero();
        harness.loop.advance(1);
        assertThat(log.flushedOffset()).isEqualTo(2);

        append(log, records("c"));
        harness.loop.advance(249);
        assertThat(log.flushedOffset()).isEqualTo(2);
        harness.loop.advance(1);
        assertThat(log.flushedOffset()).isEqualTo(3);
    }
}

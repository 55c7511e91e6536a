package io.millrace.broker.log;

import static io.millrace.broker.log.LogHarness.NOW_MS;
import static io.millrace.broker.log.LogHarness.append;
import static io.millrace.broker.log.LogHarness.readAll;
import static io.millrace.broker.log.LogHarness.records;
import static io.millrace.broker.log.LogHarness.simple;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a topic's settings let in, at the very limit and one beyond it. */
class AppendLimitsTest {

    private final LogHarness harness =
            new LogHarness(new SimulatedDisk(new Random(1)), Path.of("/data"), Map.of(), new InlineLoop(NOW_MS));

    @Test
    void aBatchMayHaveMaxMessageBytesAndNotOneMore() {
        int size = records("x".repeat(200)).sizeInBytes();
        append(harness.log("fits", Map.of("max.message.bytes", "" + size)), records("x".repeat(200)));

        AppendResult.Rejected refused =
                refused(harness.log("beyond", Map.of("max.message.bytes", "" + (size - 1))), records("x".repeat(200)));

        assertThat(refused.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(refused.message())
                .isEqualTo("beyond-0: the record batch has " + size + " bytes; max.message.bytes is " + (size - 1));
    }

    @Test
    void theLimitIsForWhatTheTopicsCompressionMakesOfABatchToo() {
        String value = "x".repeat(5_000);
        int size = records(value).sizeInBytes();
        append(harness.log("fits", plain(size)), zstd(value));

        AppendResult.Rejected refused = refused(harness.log("beyond", plain(size - 1)), zstd(value));

        assertThat(refused.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(refused.message())
                .isEqualTo("beyond-0: compressed as the topic wants it the batch has " + size
                        + " bytes; max.message.bytes is " + (size - 1));
        assertThat(harness.log("beyond").snapshot().logEndOffset()).isZero();
    }

    private static Map<String, String> plain(int maxMessageBytes) {
        return Map.of("compression.type", "uncompressed", "max.message.bytes", "" + maxMessageBytes);
    }

    private static MemoryRecords zstd(String value) {
        return MemoryRecords.withRecords(Compression.zstd().build(), simple(NOW_MS, value));
    }

    @Test
    void timestampsMayBeAtTheirLimits() {
        append(limited(), at(NOW_MS - 1_000, NOW_MS + 500));
    }

    /** As Apache Kafka words it, so that a client fails the records that are wrong and says of the others that they were in their batch. */
    @ParameterizedTest
    @CsvSource({"-1001", "501"})
    void timestampsBeyondTheirLimitsAreNamedRecordByRecord(long distanceMs) {
        PartitionLog log = limited();

        AppendResult.Rejected refused = refused(log, at(NOW_MS, NOW_MS + distanceMs, NOW_MS, NOW_MS + distanceMs));

        assertThat(refused.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(refused.message()).isEqualTo("One or more records have been rejected due to invalid timestamp");
        assertThat(refused.recordErrors())
                .containsExactly(outOfRange(1, NOW_MS + distanceMs), outOfRange(3, NOW_MS + distanceMs));
        assertThat(log.snapshot().logEndOffset()).isZero();
    }

    @Test
    void aTimestampThatIsTooNewIsNamedWhereNoneIsTooOld() {
        AppendResult.Rejected refused =
                refused(harness.log("t", Map.of("message.timestamp.after.max.ms", "500")), at(NOW_MS, NOW_MS + 501));

        assertThat(refused.recordErrors())
                .extracting(AppendResult.RecordError::batchIndex)
                .containsExactly(1);
    }

    @Test
    void aHeaderIsHeldToTheLimitsWhereItSaysMoreThanItsRecords() {
        MemoryRecords records = at(NOW_MS);
        records.batches().iterator().next().setMaxTimestamp(TimestampType.CREATE_TIME, NOW_MS + 501);

        assertThat(refused(limited(), records).recordErrors()).containsExactly(outOfRange(0, NOW_MS + 501));
    }

    private PartitionLog limited() {
        return harness.log(
                "t", Map.of("message.timestamp.before.max.ms", "1000", "message.timestamp.after.max.ms", "500"));
    }

    private static AppendResult.RecordError outOfRange(int index, long timestampMs) {
        return new AppendResult.RecordError(
                index,
                "Timestamp " + timestampMs + " of message with offset " + index
                        + " is out of range. The timestamp should be within [" + (NOW_MS - 1_000) + ", "
                        + (NOW_MS + 500) + "]");
    }

    private static MemoryRecords at(long... timestampsMs) {
        SimpleRecord[] records = new SimpleRecord[timestampsMs.length];
        for (int i = 0; i < records.length; i++) {
            records[i] = new SimpleRecord(timestampsMs[i], null, new byte[1]);
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    @ParameterizedTest
    @CsvSource({"gzip, 1, 9", "lz4, 1, 17", "zstd, 1, 19"})
    void aHigherLevelCompressesBetterAndIsReadAllTheSame(String type, int low, int high) {
        Random random = new Random(7);
        String value = random.ints(5_000, 0, 1_000)
                .mapToObj(id -> "{\"customer\":" + id + ",\"country\":" + id % 20 + ",\"paid\":" + id * 7 + "}")
                .collect(Collectors.joining());

        PartitionLog quick = compressing(type, low);
        PartitionLog small = compressing(type, high);
        append(quick, records(value));
        append(small, records(value));

        assertThat(small.sizeBytes()).isLessThan(quick.sizeBytes());
        assertThat(readAll(quick, 1 << 20)).isEqualTo(readAll(small, 1 << 20)).containsExactly("0:" + value);
    }

    private PartitionLog compressing(String type, int level) {
        return harness.log(
                type + level, Map.of("compression.type", type, "compression." + type + ".level", "" + level));
    }

    private static AppendResult.Rejected refused(PartitionLog log, MemoryRecords records) {
        return (AppendResult.Rejected) log.appendAsLeader(records, 0, AppendOrigin.CLIENT);
    }
}

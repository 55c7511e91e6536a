package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Batches whose headers and checksums are right and whose records are not, in both modes of validation. */
class StrictValidationTest {

    /** Where the first record of a batch begins: its length, attributes, timestamp delta and offset delta are a byte each. */
    private static final int FIRST_RECORD = BatchLayout.HEADER_BYTES;

    private static final int OFFSET_DELTA = FIRST_RECORD + 3;

    // Fields of a batch's header, by their positions.
    private static final int CRC = 17;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int RECORD_COUNT = 57;

    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);

    private PartitionLog log(String mode) {
        SimulatedDisk disk = new SimulatedDisk(new Random(1));
        return new LogHarness(disk, Path.of("/data"), Map.of(LogConfig.VALIDATION, mode), loop).log("t");
    }

    private static Errors error(PartitionLog log, ByteBuffer batch) {
        AppendResult result =
                log.appendAsLeader(MemoryRecords.readableRecords(batch.duplicate()), 0, AppendOrigin.CLIENT);
        return result instanceof AppendResult.Rejected rejected ? rejected.error() : Errors.NONE;
    }

    private static ByteBuffer batch(int recordCount) {
        SimpleRecord[] records = new SimpleRecord[recordCount];
        for (int i = 0; i < recordCount; i++) {
            records[i] = new SimpleRecord(LogHarness.NOW_MS, null, LogHarness.bytes("v"));
        }
        return MemoryRecords.withRecords(Compression.NONE, records).buffer();
    }

    private static ByteBuffer with(ByteBuffer batch, int at, int value) {
        batch.put(at, (byte) value);
        return sealed(batch);
    }

    /** Makes the checksum right, as a faulty or malicious client would. */
    private static ByteBuffer sealed(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        batch.putInt(CRC, BatchLayout.computeCrc(batch, 0, batch.limit(), crc));
        return batch;
    }

    @Test
    void aWrongOffsetWithinABatchIsSeenByStrictValidationOnly() {
        assertThat(error(log("strict"), with(batch(3), OFFSET_DELTA, 2))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(log("header"), with(batch(3), OFFSET_DELTA, 2))).isEqualTo(Errors.NONE);
    }

    @Test
    void aRecordThatGoesBeyondItsBatchIsSeenByStrictValidationOnly() {
        assertThat(error(log("strict"), with(batch(1), FIRST_RECORD, 100))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(log("header"), with(batch(1), FIRST_RECORD, 100))).isEqualTo(Errors.NONE);
    }

    @Test
    void fewerRecordsThanTheHeaderSaysAreSeenByStrictValidationOnly() {
        assertThat(error(log("strict"), oneRecordThatClaimsToBeTwo())).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(log("header"), oneRecordThatClaimsToBeTwo())).isEqualTo(Errors.NONE);
    }

    private static ByteBuffer oneRecordThatClaimsToBeTwo() {
        ByteBuffer batch = batch(1);
        batch.putInt(LAST_OFFSET_DELTA, 1);
        batch.putInt(RECORD_COUNT, 2);
        return sealed(batch);
    }

    @Test
    void compressedBytesThatAreNoneAreSeenByStrictValidationOnly() {
        for (String mode : new String[] {"strict", "header"}) {
            ByteBuffer batch = MemoryRecords.withRecords(
                            Compression.lz4().build(),
                            new SimpleRecord(1, null, "x".repeat(500).getBytes()))
                    .buffer();
            for (int at = FIRST_RECORD; at < batch.limit(); at++) {
                batch.put(at, (byte) 7);
            }
            Errors error = error(log(mode), sealed(batch));
            assertThat(error).isEqualTo(mode.equals("strict") ? Errors.CORRUPT_MESSAGE : Errors.NONE);
        }
    }

    @Test
    void keysOfACompactedTopicAreLookedAtInBothModes() {
        for (String mode : new String[] {"strict", "header"}) {
            SimulatedDisk disk = new SimulatedDisk(new Random(1));
            LogHarness harness = new LogHarness(disk, Path.of("/data"), Map.of(LogConfig.VALIDATION, mode), loop);
            PartitionLog compacted = harness.log("t", Map.of("cleanup.policy", "compact"));
            assertThat(error(compacted, batch(1))).isEqualTo(Errors.INVALID_RECORD);
        }
    }

    @Test
    void whatIsRightPassesInBothModes() {
        for (String mode : new String[] {"strict", "header"}) {
            PartitionLog log = log(mode);
            assertThat(error(log, batch(3))).isEqualTo(Errors.NONE);
            assertThat(LogHarness.readAll(log, 1_000)).containsExactly("0:v", "1:v", "2:v");
        }
    }
}

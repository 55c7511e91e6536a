package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.junit.jupiter.api.Test;

/**
 * Strict validation lets nothing pass that Apache's own validator refuses: batches with random bytes of their header and of their
 * records changed, under a checksum that is right, and topics of every kind.
 */
class StrictAgainstApacheTest {

    private static final int BATCHES = Integer.getInteger("millrace.strict.batches", 3_000);

    // Fields of a batch's header, by their positions.
    private static final int LENGTH = 8;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;

    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);

    @Test
    void whatApacheRefusesIsRefused() throws IOException {
        List<String> differences = new ArrayList<>();
        for (int seed = 0; seed < BATCHES; seed++) {
            Random random = new Random(seed);
            Map<String, String> topic = topic(random);
            ByteBuffer batch = damaged(batch(random), random);
            Errors apache = apache(copy(batch), topic);
            Errors here = here(copy(batch), topic, seed);
            boolean passed = here == Errors.NONE && apache != Errors.NONE;
            boolean refused = here != Errors.NONE && apache == Errors.NONE && !stricterHere(batch);
            if (passed || refused) {
                differences.add("seed " + seed + ", topic " + topic + ": " + here + " here, " + apache + " at Apache");
            }
        }
        assertThat(differences).isEmpty();
    }

    /**
     * What Apache's broker mends, or does not look at, is refused here: records whose offsets are not what they should be, bytes of
     * compressed records that it skips, half a producer's identity, timestamps that claim to be the broker's, a header's timestamp that no record has.
     */
    private static boolean stricterHere(ByteBuffer batch) {
        boolean producer = BatchLayout.producerId(batch, 0) != RecordBatch.NO_PRODUCER_ID;
        if (BatchLayout.isLogAppendTime(batch, 0)
                || (producer && (BatchLayout.producerId(batch, 0) < 0 || BatchLayout.producerEpoch(batch, 0) < 0))
                || (!producer && BatchLayout.isTransactional(batch, 0))) {
            return true;
        }
        long expected = 0;
        long newest = RecordBatch.NO_TIMESTAMP;
        try {
            for (Record record : BatchLayout.batch(batch, 0, batch.limit())) {
                if (record.offset() != expected++) {
                    return true;
                }
                newest = Math.max(newest, record.timestamp());
            }
        } catch (InvalidRecordException e) {
            return true;
        }
        return newest != BatchLayout.maxTimestamp(batch, 0, batch.limit());
    }

    private static Map<String, String> topic(Random random) {
        Map<String, String> topic = new HashMap<>();
        if (random.nextInt(4) == 0) {
            topic.put("cleanup.policy", "compact");
        }
        if (random.nextInt(4) == 0) {
            topic.put("message.timestamp.type", "LogAppendTime");
        }
        if (random.nextInt(4) == 0) {
            topic.put("message.timestamp.before.max.ms", "1000");
        }
        return topic;
    }

    private static ByteBuffer batch(Random random) {
        CompressionType[] types = CompressionType.values();
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(4)];
        for (int i = 0; i < records.length; i++) {
            Header[] headers = new Header[random.nextInt(3)];
            for (int h = 0; h < headers.length; h++) {
                headers[h] = new RecordHeader("h" + h, random.nextBoolean() ? null : new byte[] {1, 2});
            }
            records[i] = new SimpleRecord(
                    LogHarness.NOW_MS - random.nextInt(2) * 800L,
                    random.nextInt(4) == 0 ? null : ("key" + i).getBytes(),
                    random.nextInt(4) == 0
                            ? null
                            : "value".repeat(1 + random.nextInt(5)).getBytes(),
                    headers);
        }
        Compression compression =
                Compression.of(types[random.nextInt(types.length)]).build();
        return random.nextBoolean()
                ? MemoryRecords.withRecords(compression, records).buffer()
                : MemoryRecords.withIdempotentRecords(compression, 5, (short) 1, 3, records)
                        .buffer();
    }

    /** The batch with up to three bytes changed: of its header, or of its records before they are compressed. */
    private static ByteBuffer damaged(ByteBuffer batch, Random random) throws IOException {
        Compression compression = Compression.of(CompressionType.forId(BatchLayout.compressionId(batch, 0)))
                .build();
        ByteBuffer header = batch.duplicate().limit(BatchLayout.HEADER_BYTES);
        byte[] records = records(batch, compression);
        for (int change = random.nextInt(4); change > 0; change--) {
            byte value = (byte) (random.nextBoolean() ? random.nextInt(8) - 4 : random.nextInt(256));
            if (random.nextInt(3) == 0) {
                int at = ATTRIBUTES + random.nextInt(BatchLayout.HEADER_BYTES - ATTRIBUTES);
                header.put(at, value);
            } else {
                records[random.nextInt(records.length)] = value;
            }
        }
        ByteBufferOutputStream bytes = new ByteBufferOutputStream(BatchLayout.HEADER_BYTES + records.length + 64);
        bytes.write(header);
        try (OutputStream compressed = compression.wrapForOutput(bytes, RecordBatch.MAGIC_VALUE_V2)) {
            compressed.write(records);
        }
        ByteBuffer whole = bytes.buffer().flip();
        whole.putInt(LENGTH, whole.limit() - BatchLayout.OVERHEAD_BYTES);
        whole.putInt(CRC, BatchLayout.computeCrc(whole, 0, whole.limit(), new CRC32C()));
        return whole;
    }

    private static byte[] records(ByteBuffer batch, Compression compression) throws IOException {
        ByteBuffer stored = batch.duplicate().position(BatchLayout.HEADER_BYTES).slice();
        try (var plain = compression.wrapForInput(stored, RecordBatch.MAGIC_VALUE_V2, BufferSupplier.NO_CACHING)) {
            return plain.readAllBytes();
        }
    }

    private static ByteBuffer copy(ByteBuffer batch) {
        return ByteBuffer.allocate(batch.limit()).put(batch.duplicate()).flip();
    }

    private Errors here(ByteBuffer batch, Map<String, String> topic, int seed) {
        LogHarness harness = new LogHarness(
                new SimulatedDisk(new Random(seed)), Path.of("/data"), Map.of(LogConfig.VALIDATION, "strict"), loop);
        AppendResult result =
                harness.log("t", topic).appendAsLeader(MemoryRecords.readableRecords(batch), 0, AppendOrigin.CLIENT);
        return result instanceof AppendResult.Rejected rejected ? rejected.error() : Errors.NONE;
    }

    private static Errors apache(ByteBuffer batch, Map<String, String> topic) {
        var settings = new org.apache.kafka.storage.internals.log.LogConfig(topic);
        CompressionType compression = CompressionType.forId(BatchLayout.compressionId(batch, 0) % 5);
        LogValidator validator = new LogValidator(
                MemoryRecords.readableRecords(batch),
                new TopicPartition("t", 0),
                new StandingTime(),
                compression,
                Compression.of(compression).build(),
                settings.compact,
                RecordBatch.MAGIC_VALUE_V2,
                settings.messageTimestampType,
                settings.messageTimestampBeforeMaxMs,
                settings.messageTimestampAfterMaxMs,
                0,
                org.apache.kafka.storage.internals.log.AppendOrigin.CLIENT);
        try {
            validator.validateMessagesAndAssignOffsets(
                    PrimitiveRef.ofLong(0), new NoMetrics(), BufferSupplier.NO_CACHING);
            return Errors.NONE;
        } catch (RecordValidationException e) {
            return Errors.forException(e.invalidException());
        } catch (ApiException e) {
            return Errors.forException(e);
        } catch (RuntimeException e) {
            // Its broker answers so to whatever its validator throws otherwise.
            return Errors.UNKNOWN_SERVER_ERROR;
        }
    }

    private static final class NoMetrics implements LogValidator.MetricsRecorder {
        @Override
        public void recordInvalidMagic() {}

        @Override
        public void recordInvalidOffset() {}

        @Override
        public void recordInvalidSequence() {}

        @Override
        public void recordInvalidChecksums() {}

        @Override
        public void recordNoKeyCompactedTopic() {}
    }

    private static final class StandingTime implements Time {
        @Override
        public long milliseconds() {
            return LogHarness.NOW_MS;
        }

        @Override
        public long nanoseconds() {
            return LogHarness.NOW_MS * 1_000_000;
        }

        @Override
        public void sleep(long ms) {
            throw new UnsupportedOperationException("nothing here waits");
        }

        @Override
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
            throw new UnsupportedOperationException("nothing here waits");
        }
    }
}

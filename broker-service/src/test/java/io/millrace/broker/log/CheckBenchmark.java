package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to check one batch before it is appended: its checksum, its header with it, its producer, or every record in it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CheckBenchmark {

    // Fields of a batch's header, by their positions.
    private static final int PRODUCER_ID = 43;
    private static final int PRODUCER_EPOCH = 51;
    private static final int BASE_SEQUENCE = 53;

    @Param({"100", "16384", "262144"})
    public int sizeBytes;

    @Param({"none", "lz4", "zstd"})
    public String compression;

    private final CRC32C crc = new CRC32C();
    private final BatchCheck headers = new BatchCheck("t-0");
    private final ProducerStates producers = new ProducerStates();
    private final LogConfig settings = LogConfig.of(Map.of(), Map.of());
    private final LogConfig strict = LogConfig.of(Map.of(LogConfig.VALIDATION, "strict"), Map.of());
    private ByteBuffer batch;
    private ByteBuffer ofProducer;
    private int sequence;

    @Setup
    public void setUp() {
        batch = BenchmarkBatches.direct(sizeBytes, BenchmarkBatches.compression(compression), LogHarness.NOW_MS);
        ofProducer = BenchmarkBatches.direct(sizeBytes, BenchmarkBatches.compression(compression), LogHarness.NOW_MS);
        ofProducer.putLong(PRODUCER_ID, 1).putShort(PRODUCER_EPOCH, (short) 0);
        headers.check(batch, settings, AppendOrigin.CLIENT, LogHarness.NOW_MS);
    }

    @Benchmark
    public int checksum() {
        return BatchLayout.computeCrc(batch, 0, batch.limit(), crc);
    }

    @Benchmark
    public Object header() {
        return headers.check(batch, settings, AppendOrigin.CLIENT, LogHarness.NOW_MS);
    }

    @Benchmark
    public Object everyRecord() {
        return new RecordCheck("t-0", strict, LogHarness.NOW_MS).check(batch);
    }

    /** The sequence against the producer's last one, and the batch taken in as its next. */
    @Benchmark
    public Object producer() {
        int records = BatchLayout.recordCount(ofProducer, 0);
        ofProducer.putInt(BASE_SEQUENCE, sequence);
        Object refusal = producers.check(ofProducer, 0, AppendOrigin.CLIENT, 0);
        producers.apply(ofProducer, 0, ofProducer.limit());
        sequence = (int) ((sequence + (long) records) & Integer.MAX_VALUE);
        return refusal;
    }
}

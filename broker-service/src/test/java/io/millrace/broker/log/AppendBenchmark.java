package io.millrace.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A leader's append of one batch to a log in the temporary directory ({@code -jvmArgsAppend -Djava.io.tmpdir=...} names another); the log is
 * started again when it has 256 MB. With large batches this is the kernel's copy into the page cache; see {@link CheckBenchmark} for
 * the part that is ours.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AppendBenchmark {

    private static final long LOG_BYTES = 256 << 20;

    @Param({"100", "16384", "262144"})
    public int sizeBytes;

    @Param({"header", "strict"})
    public String validation;

    private BenchmarkLog home;
    private PartitionLog log;
    private ByteBuffer batch;
    private MemoryRecords records;

    @Setup
    public void setUp() throws IOException {
        home = new BenchmarkLog(
                Map.of(LogConfig.VALIDATION, validation),
                Map.of("segment.bytes", String.valueOf(64 << 20), "file.delete.delay.ms", "0"));
        log = home.log;
        batch = BenchmarkBatches.direct(sizeBytes, Compression.NONE, LogHarness.NOW_MS);
        records = MemoryRecords.readableRecords(batch);
    }

    @TearDown
    public void tearDown() throws IOException {
        home.close();
    }

    @Benchmark
    public long append() {
        batch.putLong(0, 0);
        AppendResult result = log.appendAsLeader(records, 0, AppendOrigin.CLIENT);
        if (!(result instanceof AppendResult.Appended appended)) {
            throw new IllegalStateException("not appended: " + result);
        }
        if (log.sizeBytes() >= LOG_BYTES) {
            log.truncateFullyAndStartAt(appended.endOffsetExclusive());
            home.letPass(1);
        }
        return appended.endOffsetExclusive();
    }
}

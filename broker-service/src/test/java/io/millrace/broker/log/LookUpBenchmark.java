package io.millrace.broker.log;

import io.millrace.broker.protocol.FileSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Where in a log of 256 MB in 16 segments an offset or a time lies, and what a fetch there answers with; all in the page cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LookUpBenchmark {

    private static final int BATCHES = 16_384;

    private final Random random = new Random(11);
    private BenchmarkLog home;
    private PartitionLog log;

    @Setup
    public void setUp() throws IOException {
        home = new BenchmarkLog(Map.of(), Map.of("segment.bytes", String.valueOf(16 << 20)));
        log = home.log;
        for (int i = 0; i < BATCHES; i++) {
            ByteBuffer batch = BenchmarkBatches.direct(16_384, Compression.NONE, LogHarness.NOW_MS + i);
            LogHarness.append(log, MemoryRecords.readableRecords(batch));
        }
        log.advanceHighWatermark(log.snapshot().logEndOffset());
    }

    @TearDown
    public void tearDown() throws IOException {
        home.close();
    }

    @Benchmark
    public int offset() {
        return read(random.nextLong(log.snapshot().logEndOffset()));
    }

    /** What a consumer that keeps up asks for. */
    @Benchmark
    public int lastOffset() {
        return read(log.snapshot().logEndOffset() - 1);
    }

    private int read(long offset) {
        FileSlice slice = log.read(offset, 1 << 20, log.snapshot().logEndOffset(), true, false)
                .records();
        int size = slice.sizeInBytes();
        slice.release();
        return size;
    }

    @Benchmark
    public Object time() {
        return log.offsetForTimestamp(LogHarness.NOW_MS + random.nextInt(BATCHES));
    }
}

package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.broker.runtime.FileStore;
import io.millrace.broker.runtime.RandomSource;
import io.millrace.broker.runtime.ThreadPoolIoWorkers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Logs are opened by {@code num.recovery.threads.per.data.dir} threads at a time; what recovery says of it. */
class ParallelRecoveryTest {

    private final InlineLoop loop = new InlineLoop(LogHarness.NOW_MS);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.millrace.broker.log");

    @TempDir
    Path directory;

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(logged);
    }

    @Test
    void logsAreOpenedSideBySideAndProgressIsTold() {
        try (LogHarness harness = new LogHarness(FileStore.disk(), directory, Map.of(), loop)) {
            for (int i = 0; i < 4; i++) {
                LogHarness.append(harness.log("t" + i), LogHarness.records("a"));
            }
        }
        // Nobody gets past it alone.
        CyclicBarrier two = new CyclicBarrier(2, () -> loop.advance(6_000));
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (ThreadPoolIoWorkers workers = new ThreadPoolIoWorkers(3)) {
            var directories = new LocalLogDirectories(
                    Map.of("log.dirs", directory.toString(), "num.recovery.threads.per.data.dir", "2"),
                    FileStore.disk(),
                    loop,
                    RandomSource.system(),
                    workers,
                    loop,
                    64,
                    1 << 20);

            assertThat(directories.recover((partition, id) -> {
                        threads.add(Thread.currentThread());
                        meet(two);
                        return loop;
                    }))
                    .hasSize(4);
            directories.close();
        }

        assertThat(threads).hasSize(2);
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.matches("Log directory .*: [1-4] of 4 logs opened"));
    }

    @Test
    void aCrashBeforeTheFirstFlushIsNothingToWarnOf() {
        LogHarness harness = new LogHarness(FileStore.disk(), directory, Map.of(), loop);
        PartitionLog log = harness.log("t");
        LogHarness.append(log, LogHarness.records("a"), 3);
        LogHarness.append(log, LogHarness.records("b"), 5);
        assertThat(log.directory().resolve(LogFileNames.LEADER_EPOCHS)).doesNotExist();

        harness.reopenAfterCrash();

        try (harness) {
            PartitionLog again = harness.log("t");
            assertThat(again.epochOf(0)).isEqualTo(3);
            assertThat(again.epochOf(1)).isEqualTo(5);
            assertThat(logged.list)
                    .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .isEmpty();
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("no second log was being opened at the same time", e);
        }
    }
}

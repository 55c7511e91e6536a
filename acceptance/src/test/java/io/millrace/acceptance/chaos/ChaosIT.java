package io.millrace.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.acceptance.process.ExternalProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Chaos on real processes, in network namespaces where this machine allows them ({@code -Dchaos.plain} does without). Each run prints
 * its seed, which {@code -Dchaos.seed=N} replays; {@code -Dchaos.minutes=N} goes on with other seeds for so long.
 */
final class ChaosIT {

    private static final System.Logger log = System.getLogger(ChaosIT.class.getName());
    private static final long SHORT_SECONDS = 35;
    private static final long LONG_SECONDS = 90;

    private static final Path RUNS = Path.of(System.getProperty("acceptance.target"), "chaos");

    @Test
    void clientsAreToldTheTruth() throws Exception {
        long minutes = Long.getLong("chaos.minutes", 0);
        long deadlineNs = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
        long seed = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        do {
            run(seed++, Long.getLong("chaos.seconds", minutes > 0 ? LONG_SECONDS : SHORT_SECONDS));
        } while (System.nanoTime() < deadlineNs);
    }

    private static void run(long seed, long seconds) throws Exception {
        Path directory =
                RUNS.resolve("seed-" + seed + "-" + ProcessHandle.current().pid());
        if (Namespaces.areAllowed()) {
            log.log(System.Logger.Level.INFO, "chaos with seed {0,number,#} in network namespaces", seed);
            try (Namespaces namespaces = Namespaces.create(3)) {
                inNamespace(namespaces, seed, seconds, directory);
            }
        } else {
            log.log(System.Logger.Level.INFO, "chaos with seed {0,number,#} on plain processes", seed);
            assertThat(ChaosRun.run(new PlainProcesses(3), seed, seconds, directory))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    private static void inNamespace(Namespaces namespaces, long seed, long seconds, Path directory) {
        List<String> command = new java.util.ArrayList<>(namespaces.at(Landscape.CLIENTS));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx300m",
                "-XX:+UseSerialGC",
                "-Dmillrace.home=" + System.getProperty("millrace.home"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ChaosRun.class.getName(),
                namespaces.prefix(),
                Long.toString(seed),
                Long.toString(seconds),
                directory.toString()));
        try (ExternalProcess run =
                ExternalProcess.start("chaos-" + seed, directory.resolve("run.log"), Map.of(), command)) {
            int exitCode = run.awaitExit(Duration.ofSeconds(seconds + 400));
            assertThat(exitCode)
                    .as("seed %d, see %s%s", seed, directory, run.describe())
                    .isZero();
            run.linesMatching("seed " + seed + ": (everything|[0-9]+ ack)")
                    .forEach(line -> log.log(System.Logger.Level.INFO, line));
        }
    }
}

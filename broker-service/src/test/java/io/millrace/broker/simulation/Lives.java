package io.millrace.broker.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Runs worlds, and tells of one that failed what had happened in it. */
public final class Lives {

    private static final Path TRACES = Path.of("target", "simulation");
    private static final int TOLD_LINES = 60;

    /** What became of many seeds. */
    public record Summary(long seeds, long acknowledgements, long events, long beyondFaultModel, long millis) {}

    private Lives() {}

    /** Lives through seeds from {@code first} on. */
    public static Summary many(long first, long count) {
        long startedNs = System.nanoTime();
        long acknowledgements = 0;
        long events = 0;
        long beyond = 0;
        for (long seed = first; seed < first + count; seed++) {
            World.Outcome outcome = one(seed);
            acknowledgements += outcome.acknowledgements();
            events += outcome.events();
            beyond += outcome.beyondFaultModel() ? 1 : 0;
        }
        return new Summary(count, acknowledgements, events, beyond, (System.nanoTime() - startedNs) / 1_000_000);
    }

    /** Lives through one seed; if a promise is broken, again, with a trace. */
    static World.Outcome one(long seed) {
        return quietly(() -> {
            try {
                return new World(seed, null).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + tell(seed), e);
            }
        });
    }

    /** Lives through one seed of code that is expected to break a promise. */
    public static void broken(long seed) {
        World.Outcome _ = quietly(() -> new World(seed, null).run());
    }

    /** The whole trace of a seed. */
    static List<String> trace(long seed) {
        return quietly(() -> {
            List<String> trace = new ArrayList<>();
            try {
                World.Outcome outcome = new World(seed, trace).run();
                trace.add(outcome.toString());
            } catch (RuntimeException | AssertionError e) {
                trace.add(e.toString());
            }
            return trace;
        });
    }

    private static String tell(long seed) {
        List<String> trace = trace(seed);
        Path file = TRACES.resolve("seed-" + seed + ".txt");
        try {
            Files.createDirectories(TRACES);
            Files.write(file, trace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "the end of " + file.toAbsolutePath() + ":\n"
                + String.join("\n", trace.subList(Math.max(0, trace.size() - TOLD_LINES), trace.size()));
    }

    private interface Life<T> {
        T live();
    }

    /** Thousands of clusters would fill the output with what is no news. */
    private static <T> T quietly(Life<T> life) {
        Logger logger = (Logger) LoggerFactory.getLogger("io.millrace.broker");
        Level before = logger.getLevel();
        logger.setLevel(Boolean.getBoolean("millrace.simulation.log") ? Level.INFO : Level.OFF);
        try {
            return life.live();
        } finally {
            logger.setLevel(before);
        }
    }
}

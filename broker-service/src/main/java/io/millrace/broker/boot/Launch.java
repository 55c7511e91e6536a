package io.millrace.broker.boot;

import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.NodeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Turns a command line into a running process, or into one line that says why not and an exit code.
 *
 * <p>Spring is set up for a short start: beans are named explicitly, nothing is scanned or guessed.
 */
public final class Launch {

    private static final int FAILED = 1;

    private Launch() {}

    /**
     * Starts the process.
     *
     * @param defaultDataDirectory where data goes when the configuration does not say; null for Kafka's default
     * @param setUp chooses the modules of the application
     * @param addresses what to tell the user when everything serves
     */
    public static void main(
            String[] arguments,
            @Nullable Path defaultDataDirectory,
            Consumer<SpringApplicationBuilder> setUp,
            Function<ConfigurableApplicationContext, String> addresses) {
        // Log output is set up by this package; Spring's own set-up would replace it, and take its time.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        try {
            LaunchOptions options = LaunchOptions.parse(arguments);
            if (options.rehearsal()) {
                rehearse(setUp);
            } else {
                NodeConfig config = options.nodeConfig(System.getenv(), defaultDataDirectory);
                ConfigurableApplicationContext context = start(options, config, setUp);
                log().info("Ready after {} ms: {}", uptimeMs(), addresses.apply(context));
            }
        } catch (RuntimeException e) {
            System.exit(report(e));
        }
    }

    private static ConfigurableApplicationContext start(
            LaunchOptions options, NodeConfig config, Consumer<SpringApplicationBuilder> setUp) {
        config.warnings().forEach(log()::warn);
        SpringApplicationBuilder application = new SpringApplicationBuilder()
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .initializers(context -> {
                    GenericApplicationContext beans = (GenericApplicationContext) context;
                    beans.registerBean(NodeConfig.class, () -> config);
                    beans.registerBean(LaunchOptions.class, () -> options);
                });
        application.application().setKeepAlive(true);
        setUp.accept(application);
        return application.run();
    }

    /** Starts on free ports with data of its own, and stops again. */
    private static void rehearse(Consumer<SpringApplicationBuilder> setUp) {
        Path data = temporaryDirectory();
        LaunchOptions rehearsal =
                LaunchOptions.parse("--data", data.toString(), "--kafka-port", "0", "--http-port", "0");
        ConfigurableApplicationContext context = start(rehearsal, rehearsal.nodeConfig(Map.of(), null), setUp);
        context.close();
        System.exit(0);
    }

    /** Not a constant: logging may only be set up after {@link #main} has begun. */
    private static Logger log() {
        return LoggerFactory.getLogger(Launch.class);
    }

    private static long uptimeMs() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(started -> Duration.between(started, Instant.now()).toMillis())
                .orElse(-1L);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("millrace-rehearsal");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Shows the reason, once and without a stack trace unless that was asked for; returns the exit code. */
    static int report(Throwable failure) {
        Throwable reason = failure;
        while (!(reason instanceof StartFailure || reason instanceof InvalidConfiguration)
                && reason.getCause() != null) {
            reason = reason.getCause();
        }
        List<String> lines = switch (reason) {
            case InvalidConfiguration invalid -> invalid.problems();
            case StartFailure start -> List.of(String.valueOf(start.getMessage()));
            default -> List.of("cannot start: " + reason);
        };
        lines.forEach(line -> System.err.println("millrace: " + line));
        boolean expected = reason instanceof StartFailure || reason instanceof InvalidConfiguration;
        if (!expected || "DEBUG".equalsIgnoreCase(System.getenv("MILLRACE_LOG_LEVEL"))) {
            failure.printStackTrace(System.err);
        }
        return FAILED;
    }
}

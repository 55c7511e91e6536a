package io.millrace.broker.boot;

import io.millrace.broker.config.InvalidConfiguration;
import io.millrace.broker.config.NodeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Turns a command line into a running process, or into one line that says why not and an exit code.
 *
 * <p>The broker is opened first and serves before Spring has begun. Spring then keeps the process, stops the broker with it, and
 * starts what the {@link Edge} adds; beans are named explicitly, nothing is scanned or guessed.
 */
public final class Launch {

    private static final int FAILED = 1;

    private Launch() {}

    /**
     * Starts the process.
     *
     * @param firstStart what happens to unformatted directories; {@code --format} formats them in any case
     * @param defaultDataDirectory where data goes when the configuration does not say; null for Kafka's default
     */
    public static void main(String[] arguments, FirstStart firstStart, @Nullable Path defaultDataDirectory, Edge edge) {
        // Log output is set up by this package; Spring's own set-up would replace it, and take its time.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        try {
            LaunchOptions options = LaunchOptions.parse(arguments);
            if (options.rehearsal()) {
                rehearse(edge);
                System.exit(0);
            }
            NodeConfig config = options.nodeConfig(System.getenv(), defaultDataDirectory);
            config.warnings().forEach(log()::warn);
            Edge.Running running =
                    start(options, config, options.format() ? FirstStart.FORMATS : firstStart, System.getenv(), edge);
            log().info("Ready after {} ms. {}", uptimeMs(), running.addresses());
        } catch (RuntimeException e) {
            System.exit(report(e));
        }
    }

    private static Edge.Running start(
            LaunchOptions options,
            NodeConfig config,
            FirstStart firstStart,
            Map<String, String> environment,
            Edge edge) {
        Broker broker = new Broker(config, firstStart, environment);
        broker.start();
        try {
            SpringApplicationBuilder application = new SpringApplicationBuilder(BrokerLifecycle.class)
                    .bannerMode(Banner.Mode.OFF)
                    .logStartupInfo(false)
                    .initializers(context -> {
                        GenericApplicationContext beans = (GenericApplicationContext) context;
                        beans.registerBean(Broker.class, () -> broker);
                        beans.registerBean(NodeConfig.class, () -> config);
                    });
            application.application().setKeepAlive(true);
            return edge.start(application, broker, options);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** Starts on free ports with data of its own, does what a first client makes it do, and stops again. */
    private static void rehearse(Edge edge) {
        Path data = temporaryDirectory();
        LaunchOptions options = LaunchOptions.parse("--data", data.toString(), "--kafka-port", "0", "--http-port", "0");
        NodeConfig config = options.nodeConfig(Map.of(), null);
        Edge.Running running = start(options, config, FirstStart.FORMATS, Map.of(), edge);
        new Rehearsal(running.context().getBean(Broker.class).bootstrapServer()).play();
        running.context().close();
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("millrace-rehearsal");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not a constant: logging may only be set up after {@link #main} has begun. */
    private static Logger log() {
        return LoggerFactory.getLogger(Launch.class);
    }

    /** Of the JVM, not of the process: that may have begun with a build. */
    private static long uptimeMs() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }

    /** Shows the reason, once and without a stack trace unless that was asked for; returns the exit code. */
    static int report(Throwable failure) {
        Throwable reason = failure;
        while (!isExpected(reason) && reason.getCause() != null) {
            reason = reason.getCause();
        }
        List<String> lines = switch (reason) {
            case InvalidConfiguration invalid -> invalid.problems();
            case StartFailure start -> List.of(String.valueOf(start.getMessage()));
            default -> List.of("cannot start: " + reason);
        };
        lines.forEach(line -> System.err.println("millrace: " + line));
        if (!isExpected(reason) || "DEBUG".equalsIgnoreCase(System.getenv("MILLRACE_LOG_LEVEL"))) {
            failure.printStackTrace(System.err);
        }
        return FAILED;
    }

    private static boolean isExpected(Throwable failure) {
        return failure instanceof StartFailure || failure instanceof InvalidConfiguration;
    }
}

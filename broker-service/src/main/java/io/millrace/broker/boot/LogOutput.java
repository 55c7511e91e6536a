package io.millrace.broker.boot;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets up what is logged: to standard output, in Kafka's layout, Millrace's own lines from INFO and of the libraries what is wrong.
 * {@code MILLRACE_LOG_LEVEL} chooses another level for both; {@code -Dlogback.configurationFile} replaces all of this. Found by
 * Logback as a service; in code because parsing XML takes a noticeable part of a start.
 */
public final class LogOutput extends ContextAwareBase implements Configurator {

    private static final String PATTERN = "[%d{\"yyyy-MM-dd HH:mm:ss,SSS\"}] %level %msg \\(%logger\\)%n";

    /** Libraries whose warnings tell a user nothing he could act on. */
    private static final Map<String, Level> ERRORS_ONLY = Map.of(
            "org.apache.kafka.common.utils.AppInfoParser", Level.ERROR,
            "org.apache.kafka.controller.QuorumController", Level.ERROR,
            "org.apache.kafka.metadata.properties.MetaPropertiesEnsemble", Level.OFF,
            "org.springdoc", Level.ERROR,
            "org.springframework", Level.ERROR,
            "org.springframework.boot.SpringApplication", Level.OFF,
            "org.springframework.boot.diagnostics", Level.OFF);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        String wanted = System.getenv("MILLRACE_LOG_LEVEL");
        Level ours = Level.toLevel(wanted, Level.INFO);

        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();

        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(wanted == null ? Level.WARN : ours);
        root.addAppender(console);
        // Tomcat writes to java.util.logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        context.getLogger("io.millrace").setLevel(ours);
        if (!ours.isGreaterOrEqual(Level.INFO)) {
            return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
        }
        ERRORS_ONLY.forEach((name, level) -> context.getLogger(name).setLevel(level));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}

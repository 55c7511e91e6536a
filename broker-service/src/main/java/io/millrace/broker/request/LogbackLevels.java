package io.millrace.broker.request;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** Logger levels of Logback, which this process logs with. */
public final class LogbackLevels implements LoggerLevels {

    private final LoggerContext context;

    public LogbackLevels() {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext logback)) {
            throw new IllegalStateException("the process does not log with Logback but with "
                    + LoggerFactory.getILoggerFactory().getClass());
        }
        context = logback;
    }

    @Override
    public Map<String, String> levels() {
        SortedMap<String, String> levels = new TreeMap<>();
        for (Logger logger : context.getLoggerList()) {
            levels.put(kafkas(logger.getName()), logger.getEffectiveLevel().toString());
        }
        return levels;
    }

    @Override
    public boolean exists(String logger) {
        return context.exists(logbacks(logger)) != null;
    }

    @Override
    public void set(String logger, String level) {
        context.getLogger(logbacks(logger)).setLevel(Level.toLevel(level.equals("FATAL") ? "ERROR" : level));
    }

    @Override
    public void unset(String logger) {
        context.getLogger(logbacks(logger)).setLevel(null);
    }

    private static String kafkas(String logger) {
        return logger.equals(org.slf4j.Logger.ROOT_LOGGER_NAME) ? ROOT : logger;
    }

    private static String logbacks(String logger) {
        return logger.equals(ROOT) ? org.slf4j.Logger.ROOT_LOGGER_NAME : logger;
    }
}

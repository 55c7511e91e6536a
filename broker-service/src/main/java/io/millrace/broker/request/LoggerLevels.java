package io.millrace.broker.request;

import java.util.Map;

/** The levels of this process's loggers, by Kafka's names for both; any thread. */
public interface LoggerLevels {

    /** Kafka's name for the root logger. */
    String ROOT = "root";

    /** Effective levels by logger, sorted. */
    Map<String, String> levels();

    boolean exists(String logger);

    /** Sets a level: FATAL, ERROR, WARN, INFO, DEBUG or TRACE. */
    void set(String logger, String level);

    /** Lets the logger have its parent's level again. */
    void unset(String logger);
}

package io.millrace.broker.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code KAFKA_…} variables as the Confluent and Apache container images do: {@code ___} is a dash, {@code __} an underscore,
 * {@code _} a dot.
 */
public final class EnvironmentVariables {

    private static final String PREFIX = "KAFKA_";

    /** Variables of Kafka's scripts, images and tools; never configuration of the broker. */
    private static final Set<String> NOT_CONFIGURATION = Set.of(
            "KAFKA_VERSION",
            "KAFKA_HOME",
            "KAFKA_DEBUG",
            "KAFKA_HEAP_OPTS",
            "KAFKA_OPTS",
            "KAFKA_LOG4J_OPTS",
            "KAFKA_JMX_OPTS",
            "KAFKA_JMX_PORT",
            "KAFKA_JMX_HOSTNAME",
            "KAFKA_JVM_PERFORMANCE_OPTS",
            "KAFKA_GC_LOG_OPTS",
            "KAFKA_LOG4J_ROOT_LOGLEVEL",
            "KAFKA_LOG4J_LOGGERS",
            "KAFKA_TOOLS_LOG4J_LOGLEVEL",
            "KAFKA_TOOLS_LOG4J_OPTS",
            "KAFKA_CREATE_TOPICS",
            "KAFKA_CLUSTER_ID");

    private EnvironmentVariables() {}

    /** The settings among the variables of a process, ordered by variable. */
    public static List<Setting> settings(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(PREFIX))
                .filter(variable -> !NOT_CONFIGURATION.contains(variable.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(variable -> new Setting(key(variable.getKey()), variable.getValue(), variable.getKey()))
                .toList();
    }

    private static String key(String variable) {
        String name = variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
        // The longest run first; control characters keep a replaced run from being replaced again.
        return name.replace("___", "\u0001")
                .replace("__", "\u0002")
                .replace('_', '.')
                .replace('\u0001', '-')
                .replace('\u0002', '_');
    }
}

package io.millrace.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/**
 * A node's configuration, checked: every key of Kafka's with its value or default. Immutable, any thread.
 *
 * <p>Packages do not keep it: the boot package reads from it the typed record that each of them declares.
 */
public final class NodeConfig {

    private final Map<String, Object> values;
    private final Map<String, String> given;
    private final NodeTopology topology;
    private final List<String> warnings;

    NodeConfig(
            Map<String, @Nullable Object> values,
            Map<String, String> given,
            NodeTopology topology,
            List<String> warnings) {
        Map<String, Object> present = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (value != null) {
                present.put(key, value);
            }
        });
        this.values = Collections.unmodifiableMap(present);
        this.given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
        this.topology = topology;
        this.warnings = List.copyOf(warnings);
    }

    /** Checks {@code settings}; where {@code process.roles} is missing the node becomes a cluster of its own. */
    public static NodeConfig of(Settings settings) {
        return of(settings, 9092);
    }

    /** As {@link #of(Settings)}, with the port that clients use where {@code listeners} does not say. */
    public static NodeConfig of(Settings settings, int kafkaPort) {
        boolean single = SingleNodeDefaults.applyTo(settings);
        return SettingsCheck.check(single ? SingleNodeDefaults.complete(settings, kafkaPort) : settings);
    }

    public int nodeId() {
        return topology.nodeId();
    }

    public Set<ProcessRole> roles() {
        return topology.roles();
    }

    public boolean isBroker() {
        return roles().contains(ProcessRole.BROKER);
    }

    public boolean isController() {
        return roles().contains(ProcessRole.CONTROLLER);
    }

    public Listeners listeners() {
        return topology.listeners();
    }

    /** {@code log.dirs}, absolute. */
    public List<Path> logDirs() {
        return topology.logDirs();
    }

    /** The directory of the metadata log: {@code metadata.log.dir}, or the first of {@code log.dirs}. */
    public Path metadataLogDir() {
        return topology.metadataLogDir();
    }

    /** Every key that has a value, parsed by Kafka's definitions. */
    public Map<String, Object> values() {
        return values;
    }

    /** What was set, as written: the part of {@link #values()} that is not default. */
    public Map<String, String> given() {
        return given;
    }

    /** Lines to show at start: keys that are unknown or have no effect. */
    public List<String> warnings() {
        return warnings;
    }

    /** Defaults of a new topic, by the topics' names of the keys. */
    public Map<String, Object> topicDefaults() {
        return TopicDefaults.from(values);
    }

    public int integer(String key) {
        return ((Number) value(key)).intValue();
    }

    public long longInteger(String key) {
        return ((Number) value(key)).longValue();
    }

    public double decimal(String key) {
        return ((Number) value(key)).doubleValue();
    }

    public boolean flag(String key) {
        return (Boolean) value(key);
    }

    public String text(String key) {
        return String.valueOf(value(key));
    }

    public @Nullable String textOrNull(String key) {
        Object value = values.get(key);
        return value == null ? null : value.toString();
    }

    /** A list of words; empty if the key has no value. */
    public List<String> list(String key) {
        List<String> list = new ArrayList<>();
        if (values.get(key) instanceof List<?> words) {
            words.forEach(word -> list.add(String.valueOf(word)));
        }
        return list;
    }

    private Object value(String key) {
        Object value = values.get(key);
        if (value == null) {
            ConfigDef.ConfigKey definition = ConfigKeys.NODE.configKeys().get(key);
            throw new IllegalStateException(
                    definition == null
                            ? key + " is not one of Kafka's keys"
                            : key + " has neither a value nor a default");
        }
        return value;
    }
}

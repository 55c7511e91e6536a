package io.millrace.broker.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Checks settings against Kafka's definitions, all of them before it reports, so that a user mends a file in one go. */
final class SettingsCheck {

    /** Keys of Kafka before version 4 that many files and images still carry, and what became of them. */
    private static final Map<String, String> GONE = Map.of(
            "zookeeper.connect", "there is no ZooKeeper any more: metadata is kept by the controllers",
            "advertised.host.name", "use advertised.listeners",
            "advertised.port", "use advertised.listeners",
            "host.name", "use listeners",
            "port", "use listeners",
            "inter.broker.protocol.version", "kafka-features.sh sets the cluster's feature levels",
            "log.message.format.version", "every batch has format 2",
            "delegation.token.master.key", "delegation tokens are not supported yet");

    private static final List<String> FREE_PREFIXES =
            List.of("listener.name.", "client.quota.callback.", "metrics.jmx.");

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private final Map<String, String> given = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private SettingsCheck() {}

    static NodeConfig check(Settings settings) {
        SettingsCheck check = new SettingsCheck();
        settings.all().forEach(check::setting);
        check.defaults();
        if (!check.problems.isEmpty()) {
            throw check.refusal(check.problems);
        }
        NodeTopology topology;
        try {
            topology = NodeTopology.from(check.values, check.given);
        } catch (InvalidConfiguration e) {
            throw check.refusal(e.problems());
        }
        return new NodeConfig(check.values, check.given, topology, check.warnings);
    }

    /** The warnings belong to it: a misspelt key is often why another one is missing. */
    private InvalidConfiguration refusal(List<String> problems) {
        List<String> lines = new ArrayList<>(problems);
        lines.addAll(warnings);
        return new InvalidConfiguration(lines);
    }

    private void setting(Setting setting) {
        String key = setting.key();
        ConfigDef.ConfigKey definition = ConfigKeys.NODE.configKeys().get(key);
        if (definition == null) {
            warnings.add(unknown(setting));
            return;
        }
        try {
            Object value = ConfigDef.parseType(key, setting.value(), definition.type);
            if (definition.validator != null) {
                definition.validator.ensureValid(key, value);
            }
            served(setting, definition, value);
            values.put(key, value);
            given.put(key, setting.value());
        } catch (ConfigException e) {
            problems.add(invalid(setting, definition));
        }
    }

    private static String unknown(Setting setting) {
        String key = setting.key();
        String where = setting.origin() + ": " + key;
        String gone = GONE.get(key);
        if (gone != null) {
            return where + " is ignored: " + gone;
        }
        if (FREE_PREFIXES.stream().anyMatch(key::startsWith)) {
            return where + " has no effect: settings for a single listener or plug-in are not supported yet";
        }
        return where + " is not a known key and is ignored"
                + NearestKey.to(key, ConfigKeys.NODE.names())
                        .map(nearest -> "; did you mean " + nearest + "?")
                        .orElse("");
    }

    private void served(Setting setting, ConfigDef.ConfigKey definition, @Nullable Object value) {
        if (Objects.equals(value, definition.defaultValue)) {
            return;
        }
        UnservedKeys.find(setting.key()).ifPresent(unserved -> {
            if (unserved.refused()) {
                problems.add(setting.origin() + ": " + setting.key() + " cannot be set: " + unserved.reason());
            } else {
                warnings.add(setting.origin() + ": " + setting.key() + " has no effect: " + unserved.reason());
            }
        });
    }

    private static String invalid(Setting setting, ConfigDef.ConfigKey definition) {
        String shown = definition.type == ConfigDef.Type.PASSWORD ? "[hidden]" : setting.value();
        String allowed = definition.type.toString().toLowerCase(java.util.Locale.ROOT);
        if (definition.validator != null) {
            allowed += " " + definition.validator;
        }
        return setting.origin() + ": " + setting.key() + "=" + shown + " is not allowed; it must be: " + allowed;
    }

    /** Values of the keys that were not set; the keys that have no default are judged together, by the topology. */
    private void defaults() {
        ConfigKeys.NODE.configKeys().forEach((key, definition) -> {
            if (!values.containsKey(key) && definition.hasDefault()) {
                values.put(key, definition.defaultValue);
            }
        });
    }
}

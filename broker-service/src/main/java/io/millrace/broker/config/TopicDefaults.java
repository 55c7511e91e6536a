package io.millrace.broker.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** A node's defaults for topics: of each topic key's synonyms among the node's keys, the first that has a value. */
final class TopicDefaults {

    private TopicDefaults() {}

    /** By topic key; keys that only topics have are left out. */
    static Map<String, Object> from(Map<String, Object> nodeValues) {
        Map<String, Object> defaults = new LinkedHashMap<>();
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach((topicKey, synonyms) -> {
            for (ConfigSynonym synonym : synonyms) {
                Object value = nodeValues.get(synonym.name());
                if (value != null) {
                    defaults.put(topicKey, inTopicsUnits(topicKey, synonym, value));
                    return;
                }
            }
        });
        return defaults;
    }

    private static Object inTopicsUnits(String topicKey, ConfigSynonym synonym, Object value) {
        ConfigDef.ConfigKey nodeKey = ConfigKeys.NODE.configKeys().get(synonym.name());
        ConfigDef.Type nodeType = nodeKey == null ? ConfigDef.Type.STRING : nodeKey.type;
        String text = synonym.converter().apply(ConfigDef.convertToString(value, nodeType));
        // Any negative time or size of retention means unlimited, which topics write as -1.
        if (topicKey.equals(TopicConfig.RETENTION_MS_CONFIG) && text.startsWith("-")) {
            text = "-1";
        }
        ConfigDef.Type type = LogConfig.configType(topicKey).orElse(ConfigDef.Type.STRING);
        Object converted = parsed(topicKey, text, type);
        if (converted == null) {
            throw new IllegalStateException("no value of " + topicKey + " from " + synonym.name() + "=" + value);
        }
        return converted;
    }

    private static @Nullable Object parsed(String topicKey, String text, ConfigDef.Type type) {
        try {
            return ConfigDef.parseType(topicKey, text, type);
        } catch (ConfigException e) {
            throw new InvalidConfiguration(topicKey + ": " + e.getMessage());
        }
    }
}

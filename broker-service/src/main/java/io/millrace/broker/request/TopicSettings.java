package io.millrace.broker.request;

import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** The configuration that holds for a topic: its own, or else the brokers'. */
record TopicSettings(BrokerServices broker) {

    /** Empty if the key has neither a value nor a default. */
    String effective(String topic, String key) {
        Map<String, String> overrides =
                broker.cluster().image().configOverrides(new ConfigResource(ConfigResource.Type.TOPIC, topic));
        String value = overrides.get(key);
        if (value != null) {
            return value;
        }
        String inherited = sources().topicDefault(key);
        return inherited != null ? inherited : kafkasDefault(key);
    }

    ConfigSources sources() {
        return new ConfigSources(
                broker.settings(), broker.config().brokerId(), broker.cluster().image());
    }

    static String kafkasDefault(String key) {
        @Nullable ConfigKey definition = LogConfig.configKeys().get(key);
        if (definition == null || definition.defaultValue == null) {
            return "";
        }
        return ConfigDef.convertToString(definition.defaultValue, definition.type);
    }
}

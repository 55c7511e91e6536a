package io.millrace.broker.request;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** The configuration that holds for a topic: its own, or else the brokers'. */
record TopicSettings(BrokerServices broker) {

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

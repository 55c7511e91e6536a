package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.controller.ConfigurationValidator;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.log.remote.storage.RemoteLogManagerConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Checks a resource's overrides with Kafka's own definitions before the controller writes them. Immutable, any thread. */
final class ResourceConfigValidator implements ConfigurationValidator {

    private final Map<String, Object> topicDefaults;
    private final GroupCoordinatorConfig groupLimits;
    private final ShareGroupConfig shareGroupLimits;
    private final boolean tieredStorage;

    /**
     * @param topicDefaults what a topic without overrides has on this node
     * @param brokerDefaults every broker key given or defaulted: limits of what groups may ask for are among them
     */
    ResourceConfigValidator(Map<String, Object> topicDefaults, AbstractConfig brokerDefaults) {
        this.topicDefaults = topicDefaults;
        this.groupLimits = new GroupCoordinatorConfig(brokerDefaults);
        this.shareGroupLimits = new ShareGroupConfig(brokerDefaults);
        this.tieredStorage = brokerDefaults.getBoolean(RemoteLogManagerConfig.REMOTE_LOG_STORAGE_SYSTEM_ENABLE_PROP);
    }

    @Override
    public void validate(ConfigResource resource) {
        validateName(resource);
    }

    @Override
    public void validate(ConfigResource resource, Map<String, String> overrides, Map<String, String> existing) {
        validateName(resource);
        switch (resource.type()) {
            case TOPIC -> validateTopic(overrides, existing);
            case GROUP -> validateGroup(overrides);
            case CLIENT_METRICS -> ClientMetricsConfigs.validate(resource.name(), overrides);
            // A broker checks its own: it knows which keys it can change while it runs.
            case BROKER, BROKER_LOGGER, UNKNOWN -> {}
        }
    }

    private static void validateName(ConfigResource resource) {
        switch (resource.type()) {
            case TOPIC -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Default topic resources are not allowed.");
                }
                Topic.validate(resource.name());
            }
            case BROKER -> validateBrokerId(resource.name());
            case CLIENT_METRICS -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Subscription name can't be empty");
                }
            }
            case GROUP -> {
                if (resource.name().isEmpty()) {
                    throw new InvalidRequestException("Default group resources are not allowed.");
                }
            }
            case BROKER_LOGGER, UNKNOWN ->
                throw new InvalidRequestException("Unknown resource type " + resource.type() + ".");
        }
    }

    private static void validateBrokerId(String name) {
        if (name.isEmpty()) {
            return;
        }
        int id;
        try {
            id = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new InvalidRequestException("Unable to parse broker name as a base 10 number.");
        }
        if (id < 0) {
            throw new InvalidRequestException("Invalid negative broker ID.");
        }
    }

    private void validateTopic(Map<String, String> overrides, Map<String, String> existing) {
        List<String> nulls = new ArrayList<>();
        overrides.forEach((key, value) -> {
            if (Objects.isNull(value)) {
                nulls.add(key);
            }
        });
        if (!nulls.isEmpty()) {
            throw new InvalidConfigurationException(
                    "Null value not supported for topic configs: " + String.join(",", nulls));
        }
        LogConfig.validate(existing, overrides, topicDefaults, tieredStorage);
    }

    private void validateGroup(Map<String, String> overrides) {
        GroupConfig.validate(overrides, groupLimits, shareGroupLimits);
    }
}

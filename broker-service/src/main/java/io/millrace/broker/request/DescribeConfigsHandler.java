package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.protocol.ClientContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** DescribeConfigs, versions 1 to 4: topics, this broker, all brokers, this broker's loggers, groups and client metrics. */
final class DescribeConfigsHandler {

    private final BrokerServices broker;
    private final TopicSettings topics;
    private final LoggerLevels loggers;

    DescribeConfigsHandler(BrokerServices broker, LoggerLevels loggers) {
        this.broker = broker;
        this.topics = new TopicSettings(broker);
        this.loggers = loggers;
    }

    ApiMessage answer(ClientContext client, DescribeConfigsRequestData request) {
        ConfigDescription description = ConfigDescription.of(request);
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : request.resources()) {
            DescribeConfigsResult result = new DescribeConfigsResult()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName());
            try {
                result.setConfigs(describe(resource, description));
            } catch (ApiException e) {
                result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
            }
            response.results().add(result);
        }
        return response;
    }

    private List<DescribeConfigsResourceResult> describe(
            DescribeConfigsResource resource, ConfigDescription description) {
        String name = resource.resourceName();
        List<String> asked = resource.configurationKeys();
        Wanted wanted = key -> asked == null || asked.isEmpty() || asked.contains(key);
        return switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC -> topic(name, wanted, description);
            case BROKER -> name.isEmpty() ? allBrokers(wanted, description) : thisBroker(name, wanted, description);
            case BROKER_LOGGER -> loggers(name, wanted);
            case GROUP -> group(name, wanted, description);
            case CLIENT_METRICS -> clientMetrics(name, wanted, description);
            case UNKNOWN -> throw new InvalidRequestException("Unsupported resource type: " + resource.resourceType());
        };
    }

    private interface Wanted {
        boolean test(String key);
    }

    private List<DescribeConfigsResourceResult> topic(String name, Wanted wanted, ConfigDescription description) {
        Topic.validate(name);
        ClusterImage image = broker.cluster().image();
        if (image.topic(name) == null) {
            throw new UnknownTopicOrPartitionException("topic '" + name + "' does not exist");
        }
        Map<String, String> overrides = image.configOverrides(new ConfigResource(ConfigResource.Type.TOPIC, name));
        ConfigSources sources = topics.sources();
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        for (String key : LogConfig.nonInternalConfigNames()) {
            if (wanted.test(key)) {
                ConfigKey definition = LogConfig.configKeys().get(key);
                boolean sensitive = ConfigDescription.isSensitive(definition);
                String nodesKey = ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS.get(key);
                List<DescribeConfigsSynonym> values = nodesKey == null
                        ? new ArrayList<>()
                        : sources.values(ConfigSources.synonyms(nodesKey), sensitive);
                String own = overrides.get(key);
                if (own != null) {
                    values.addFirst(value(key, sensitive ? null : own, ConfigSource.TOPIC_CONFIG));
                }
                String effective = own != null ? own : sources.topicDefault(key);
                described.add(description.describe(
                        key,
                        effective != null ? effective : TopicSettings.kafkasDefault(key),
                        definition,
                        false,
                        values));
            }
        }
        return described;
    }

    private List<DescribeConfigsResourceResult> thisBroker(String name, Wanted wanted, ConfigDescription description) {
        checkThisBroker(name);
        ConfigSources sources = topics.sources();
        SortedSet<String> keys = new TreeSet<>(broker.settings().given().keySet());
        broker.settings().definitions().configKeys().forEach((key, definition) -> {
            if (!definition.internalConfig) {
                keys.add(key);
            }
        });
        keys.addAll(sources.ofBroker().keySet());
        keys.addAll(sources.ofCluster().keySet());
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        for (String key : keys) {
            if (wanted.test(key)) {
                ConfigKey definition = nodesDefinition(key);
                described.add(description.describe(
                        key,
                        sources.effective(key),
                        definition,
                        !DynamicKeys.isDynamic(key),
                        sources.values(ConfigSources.synonyms(key), ConfigDescription.isSensitive(definition))));
            }
        }
        return described;
    }

    private List<DescribeConfigsResourceResult> allBrokers(Wanted wanted, ConfigDescription description) {
        ConfigSources sources = topics.sources();
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        for (Map.Entry<String, String> entry : sources.ofCluster().entrySet()) {
            String key = entry.getKey();
            if (wanted.test(key)) {
                ConfigKey definition = nodesDefinition(key);
                List<DescribeConfigsSynonym> values =
                        sources.values(ConfigSources.synonyms(key), ConfigDescription.isSensitive(definition)).stream()
                                .filter(value -> value.source() == ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.id())
                                .toList();
                described.add(
                        description.describe(key, entry.getValue(), definition, !DynamicKeys.isDynamic(key), values));
            }
        }
        return described;
    }

    private @Nullable ConfigKey nodesDefinition(String key) {
        for (String synonym : ConfigSources.synonyms(key)) {
            ConfigKey definition = broker.settings().definitions().configKeys().get(synonym);
            if (definition != null && (synonym.equals(key) || key.endsWith(synonym))) {
                return definition;
            }
        }
        return ConfigKeys.DYNAMIC_ONLY.configKeys().get(key);
    }

    private List<DescribeConfigsResourceResult> loggers(String name, Wanted wanted) {
        if (name.isEmpty()) {
            throw new InvalidRequestException("Broker id must not be empty");
        }
        checkThisBroker(name);
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        loggers.levels().forEach((logger, level) -> {
            if (wanted.test(logger)) {
                described.add(new DescribeConfigsResourceResult()
                        .setName(logger)
                        .setValue(level)
                        .setConfigSource(ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG.id())
                        .setIsSensitive(false)
                        .setReadOnly(false));
            }
        });
        return described;
    }

    private void checkThisBroker(String name) {
        int id = broker.config().brokerId();
        if (!name.equals(Integer.toString(id))) {
            throw new InvalidRequestException(
                    "Unexpected broker id, expected " + id + " or empty string, but received " + name);
        }
    }

    private List<DescribeConfigsResourceResult> group(String name, Wanted wanted, ConfigDescription description) {
        if (name.isEmpty()) {
            throw new InvalidRequestException("Group name must not be empty");
        }
        Map<String, String> overrides = overrides(ConfigResource.Type.GROUP, name);
        ConfigSources sources = topics.sources();
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        GroupConfig.CONFIG_DEF.configKeys().forEach((key, definition) -> {
            if (wanted.test(key)) {
                Optional<String> nodesKey = GroupConfig.ALL_GROUP_CONFIG_SYNONYMS.getOrDefault(key, Optional.empty());
                List<DescribeConfigsSynonym> values = nodesKey.map(synonym -> sources.values(List.of(synonym), false))
                        .orElseGet(ArrayList::new);
                String own = overrides.get(key);
                if (own != null) {
                    values.addFirst(value(key, own, ConfigSource.GROUP_CONFIG));
                }
                String inherited = nodesKey.map(sources::effective).orElseGet(() -> defaultOf(definition));
                described.add(description.describe(key, own != null ? own : inherited, definition, false, values));
            }
        });
        return described;
    }

    private List<DescribeConfigsResourceResult> clientMetrics(
            String name, Wanted wanted, ConfigDescription description) {
        if (name.isEmpty()) {
            throw new InvalidRequestException("Client metrics subscription name must not be empty");
        }
        Map<String, String> overrides = overrides(ConfigResource.Type.CLIENT_METRICS, name);
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        ClientMetricsKeys.DEFINITIONS.configKeys().forEach((key, definition) -> {
            if (wanted.test(key)) {
                String own = overrides.get(key);
                List<DescribeConfigsSynonym> values = new ArrayList<>();
                if (own != null) {
                    values.add(value(key, own, ConfigSource.CLIENT_METRICS_CONFIG));
                }
                values.add(value(key, defaultOf(definition), ConfigSource.DEFAULT_CONFIG));
                described.add(description.describe(
                        key, own != null ? own : defaultOf(definition), definition, false, values));
            }
        });
        return described;
    }

    private Map<String, String> overrides(ConfigResource.Type type, String name) {
        return broker.cluster().image().configOverrides(new ConfigResource(type, name));
    }

    private static String defaultOf(ConfigKey definition) {
        Object value = definition.hasDefault() ? definition.defaultValue : null;
        return value == null ? "" : ConfigDef.convertToString(value, definition.type);
    }

    private static DescribeConfigsSynonym value(String key, @Nullable String value, ConfigSource source) {
        return new DescribeConfigsSynonym().setName(key).setValue(value).setSource(source.id());
    }
}

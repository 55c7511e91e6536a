package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.jspecify.annotations.Nullable;

/** Where a node's key can get its value from, strongest first: this broker's dynamic value, the cluster's, the file, the default. */
final class ConfigSources {

    private static final Pattern OF_LISTENER = Pattern.compile("listener\\.name\\.[^.]*\\.(.*)");

    private final NodeSettings settings;
    private final Map<String, String> ofBroker;
    private final Map<String, String> ofCluster;

    ConfigSources(NodeSettings settings, int brokerId, ClusterImage image) {
        this.settings = settings;
        this.ofBroker =
                image.configOverrides(new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(brokerId)));
        this.ofCluster = image.configOverrides(new ConfigResource(ConfigResource.Type.BROKER, ""));
    }

    /** Values that were set for this broker while running. */
    Map<String, String> ofBroker() {
        return ofBroker;
    }

    /** Values that were set for all brokers while running. */
    Map<String, String> ofCluster() {
        return ofCluster;
    }

    /** The keys that mean the same as {@code key}, strongest first, itself included: hours and minutes beside milliseconds. */
    static List<String> synonyms(String key) {
        for (List<ConfigSynonym> family : ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.values()) {
            if (family.stream().anyMatch(synonym -> synonym.name().equals(key))) {
                return family.stream().map(ConfigSynonym::name).toList();
            }
        }
        Matcher matcher = OF_LISTENER.matcher(key);
        return matcher.matches() ? List.of(key, matcher.group(1)) : List.of(key);
    }

    /** Every value that {@code keys} have, strongest first. */
    List<DescribeConfigsSynonym> values(List<String> keys, boolean sensitive) {
        List<DescribeConfigsSynonym> values = new ArrayList<>();
        for (String key : keys) {
            add(values, key, ofBroker.get(key), ConfigSource.DYNAMIC_BROKER_CONFIG, sensitive);
        }
        for (String key : keys) {
            add(values, key, ofCluster.get(key), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, sensitive);
        }
        for (String key : keys) {
            add(values, key, settings.given().get(key), ConfigSource.STATIC_BROKER_CONFIG, sensitive);
        }
        for (String key : keys) {
            add(values, key, defaultOf(key), ConfigSource.DEFAULT_CONFIG, sensitive);
        }
        return values;
    }

    private static void add(
            List<DescribeConfigsSynonym> values,
            String key,
            @Nullable String value,
            ConfigSource source,
            boolean sensitive) {
        if (value != null) {
            values.add(new DescribeConfigsSynonym()
                    .setName(key)
                    .setValue(sensitive ? null : value)
                    .setSource(source.id()));
        }
    }

    private @Nullable String defaultOf(String key) {
        ConfigKey definition = settings.definitions().configKeys().get(key);
        if (definition == null || !definition.hasDefault() || definition.defaultValue == null) {
            return null;
        }
        return ConfigDef.convertToString(definition.defaultValue, definition.type);
    }

    /** What holds for a node's key. */
    @Nullable
    String effective(String key) {
        for (String synonym : synonyms(key)) {
            String dynamic = ofBroker.getOrDefault(synonym, ofCluster.get(synonym));
            if (dynamic != null && synonym.equals(key)) {
                return dynamic;
            }
        }
        Object value = settings.values().get(key);
        ConfigKey definition = settings.definitions().configKeys().get(key);
        return value == null ? null : ConfigDef.convertToString(value, definition == null ? null : definition.type);
    }

    /** What holds for a topic that does not set {@code topicKey}, in the topic key's unit; null if only topics have that key. */
    @Nullable
    String topicDefault(String topicKey) {
        List<ConfigSynonym> family = ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.get(topicKey);
        if (family == null) {
            return null;
        }
        for (ConfigSynonym synonym : family) {
            String dynamic = ofBroker.getOrDefault(synonym.name(), ofCluster.get(synonym.name()));
            if (dynamic != null) {
                return synonym.converter().apply(dynamic);
            }
        }
        for (ConfigSynonym synonym : family) {
            Object value = settings.values().get(synonym.name());
            ConfigKey definition = settings.definitions().configKeys().get(synonym.name());
            if (value != null && definition != null) {
                return synonym.converter().apply(ConfigDef.convertToString(value, definition.type));
            }
        }
        return null;
    }
}

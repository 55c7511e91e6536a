package io.millrace.admin.strimzi;

import io.millrace.admin.problem.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads KafkaTopic resources from YAML: one or many documents, v1beta2 and v1. Data only, no tags, no code. */
final class TopicManifests {
    private static final Set<String> VERSIONS = Set.of("kafka.strimzi.io/v1beta2", "kafka.strimzi.io/v1");
    private static final int MAX_DOCUMENTS = 1_000;
    private static final int MAX_CODE_POINTS = 1_000_000;

    /**
     * A topic as its manifest wishes it.
     *
     * @param resource the manifest's metadata.name
     * @param topic spec.topicName, or the resource's name
     * @param partitions absent: the cluster's default, or what it has
     */
    record TopicManifest(
            String resource,
            String topic,
            String cluster,
            @Nullable Integer partitions,
            @Nullable Integer replicas,
            Map<String, String> config) {}

    private TopicManifests() {}

    static List<TopicManifest> parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CODE_POINTS);
        options.setMaxAliasesForCollections(20);
        options.setAllowDuplicateKeys(false);
        List<TopicManifest> result = new ArrayList<>();
        try {
            for (Object document : new Yaml(new SafeConstructor(options)).loadAll(yaml)) {
                if (document == null) continue;
                if (result.size() == MAX_DOCUMENTS) throw invalid("more than " + MAX_DOCUMENTS + " documents");
                result.add(topic(document, result.size() + 1));
            }
        } catch (YAMLException malformed) {
            throw new ApiException(
                    HttpStatus.BAD_REQUEST,
                    "INVALID_MANIFEST",
                    "this is not YAML: " + malformed.getMessage(),
                    false,
                    Map.of(),
                    malformed);
        }
        if (result.isEmpty()) throw invalid("it has no documents");
        return result;
    }

    private static TopicManifest topic(Object document, int number) {
        Map<?, ?> root = map(document, "document " + number);
        String kind = text(root.get("kind"), "kind of document " + number);
        String version = text(root.get("apiVersion"), "apiVersion of document " + number);
        if (!kind.equals("KafkaTopic") || !VERSIONS.contains(version)) {
            throw invalid("document " + number + " is a " + kind + " of " + version
                    + "; only KafkaTopic of kafka.strimzi.io/v1beta2 or v1 can be applied");
        }
        Map<?, ?> metadata = map(root.get("metadata"), "metadata of document " + number);
        String name = text(metadata.get("name"), "metadata.name of document " + number);
        Map<?, ?> labels = metadata.get("labels") instanceof Map<?, ?> given ? given : Map.of();
        Map<?, ?> spec = root.get("spec") == null ? Map.of() : map(root.get("spec"), "spec of KafkaTopic " + name);
        Map<String, String> config = new LinkedHashMap<>();
        if (spec.get("config") != null) {
            map(spec.get("config"), "spec.config of KafkaTopic " + name)
                    .forEach((key, value) -> config.put(String.valueOf(key), configValue(value)));
        }
        Object topicName = spec.get("topicName");
        Object cluster = labels.get("strimzi.io/cluster");
        return new TopicManifest(
                name,
                topicName == null ? name : text(topicName, "spec.topicName"),
                cluster == null ? "" : String.valueOf(cluster),
                number(spec.get("partitions"), "spec.partitions of KafkaTopic " + name),
                number(spec.get("replicas"), "spec.replicas of KafkaTopic " + name),
                config);
    }

    /** Lists are Kafka's comma-separated values. */
    private static String configValue(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return String.join(",", list.stream().map(String::valueOf).toList());
        }
        return value == null ? "" : String.valueOf(value);
    }

    private static Map<?, ?> map(@Nullable Object value, String what) {
        if (value instanceof Map<?, ?> map) return map;
        throw invalid(what + " is missing or not a mapping");
    }

    private static String text(@Nullable Object value, String what) {
        if (value instanceof String text && !text.isBlank()) return text;
        throw invalid(what + " is missing or not a text");
    }

    private static @Nullable Integer number(@Nullable Object value, String what) {
        if (value == null) return null;
        if (value instanceof Integer number && number >= 1 && number <= 100_000) return number;
        throw invalid(what + " is '" + value + "'; it must be a whole number from 1");
    }

    private static ApiException invalid(String detail) {
        return ApiException.badRequest("INVALID_MANIFEST", "the manifest cannot be applied: " + detail);
    }
}

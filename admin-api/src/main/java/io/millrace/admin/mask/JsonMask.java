package io.millrace.admin.mask;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Replaces what lies at some paths of a JSON document; everything else keeps its value, numbers to their last digit. */
final class JsonMask {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private final List<List<String>> paths;
    private final StringNode replacement;

    JsonMask(List<String> paths, String replacement) {
        this.paths = paths.stream().map(path -> List.of(path.split("\\."))).toList();
        this.replacement = StringNode.valueOf(replacement);
    }

    /** The document masked; null when this is not one JSON object or array. */
    byte @Nullable [] apply(byte[] document) {
        try {
            JsonNode root = JSON.readTree(document);
            if (root == null || !root.isContainer()) return null;
            for (List<String> path : paths) mask(root, path);
            return JSON.writeValueAsBytes(root);
        } catch (JacksonException notJson) {
            return null;
        }
    }

    private void mask(JsonNode node, List<String> path) {
        String step = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        if (step.equals("**")) {
            if (rest.isEmpty()) {
                mask(node, List.of("*"));
                return;
            }
            mask(node, rest);
            for (JsonNode child : node) mask(child, path);
            return;
        }
        switch (node) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> member : object.properties()) {
                    if (!step.equals("*") && !step.equals(member.getKey())) continue;
                    if (rest.isEmpty()) member.setValue(replacement);
                    else mask(member.getValue(), rest);
                }
            }
            case ArrayNode array -> {
                // A path may leave out the '*' of a list: what is in it is masked all the same.
                List<String> within = step.equals("*") ? rest : path;
                for (int i = 0; i < array.size(); i++) {
                    if (within.isEmpty()) array.set(i, replacement);
                    else mask(array.get(i), within);
                }
            }
            default -> {}
        }
    }
}

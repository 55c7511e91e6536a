package io.millrace.admin.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values of keys by name; a key without a value of its own has its default. */
public record ConfigDifference(boolean applied, List<ConfigDelta> changes) {

    public record ConfigDelta(
            String name, @Nullable String before, @Nullable String after) {}

    Map<String, Object> valuesBefore() {
        return values(ConfigDelta::before);
    }

    Map<String, Object> valuesAfter() {
        return values(ConfigDelta::after);
    }

    private Map<String, Object> values(Function<ConfigDelta, @Nullable String> side) {
        Map<String, Object> values = new TreeMap<>();
        for (ConfigDelta change : changes) {
            String value = side.apply(change);
            values.put(change.name(), value == null ? "default" : value);
        }
        return values;
    }
}

package io.millrace.admin.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to set; a key without a value gets its default back. */
public record ConfigChanges(List<ConfigChange> changes) {
    public record ConfigChange(String name, @Nullable String value) {}
}

package io.millrace.admin.config;

import org.jspecify.annotations.Nullable;

/** A configuration key as it stands; {@code source} says where the value comes from. */
public record ConfigItem(
        String name,
        @Nullable String value,
        String source,
        boolean overridden,
        boolean sensitive,
        boolean readOnly,
        String type,
        @Nullable String documentation) {}

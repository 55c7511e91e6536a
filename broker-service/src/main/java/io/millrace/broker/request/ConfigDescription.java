package io.millrace.broker.request;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.jspecify.annotations.Nullable;

/** How one key is described: with as much as the client asked for, and never a secret. */
record ConfigDescription(boolean withSynonyms, boolean withDocumentation) {

    static ConfigDescription of(DescribeConfigsRequestData request) {
        return new ConfigDescription(request.includeSynonyms(), request.includeDocumentation());
    }

    /** Passwords, and whatever has no definition that would say that it is none. */
    static boolean isSensitive(@Nullable ConfigKey definition) {
        return definition == null || definition.type == ConfigDef.Type.PASSWORD;
    }

    /** @param values every value that the key has, strongest first */
    DescribeConfigsResourceResult describe(
            String key,
            @Nullable String value,
            @Nullable ConfigKey definition,
            boolean readOnly,
            List<DescribeConfigsSynonym> values) {
        boolean sensitive = isSensitive(definition);
        byte source = values.isEmpty()
                ? ConfigSource.DEFAULT_CONFIG.id()
                : values.getFirst().source();
        return new DescribeConfigsResourceResult()
                .setName(key)
                .setValue(sensitive ? null : value)
                .setReadOnly(readOnly)
                .setIsSensitive(sensitive)
                .setConfigSource(source)
                .setSynonyms(withSynonyms ? values : List.of())
                .setConfigType(type(definition).id())
                .setDocumentation(withDocumentation && definition != null ? definition.documentation : null);
    }

    private static ConfigType type(@Nullable ConfigKey definition) {
        if (definition == null) {
            return ConfigType.UNKNOWN;
        }
        return switch (definition.type) {
            case BOOLEAN -> ConfigType.BOOLEAN;
            case STRING -> ConfigType.STRING;
            case INT -> ConfigType.INT;
            case SHORT -> ConfigType.SHORT;
            case LONG -> ConfigType.LONG;
            case DOUBLE -> ConfigType.DOUBLE;
            case LIST -> ConfigType.LIST;
            case CLASS -> ConfigType.CLASS;
            case PASSWORD -> ConfigType.PASSWORD;
        };
    }
}

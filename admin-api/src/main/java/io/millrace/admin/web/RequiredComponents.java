package io.millrace.admin.web;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Documents a record's components as required unless they are {@code @Nullable}; absent values are left out of JSON. */
@Component
class RequiredComponents implements ModelConverter {

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        if (!chain.hasNext()) return null;
        Schema<?> schema = chain.next().resolve(type, context, chain);
        if (schema == null || type.getType() == null) return schema;
        JavaType javaType = TypeFactory.defaultInstance().constructType(type.getType());
        if (!javaType.getRawClass().isRecord()) return schema;
        Schema<?> definition = schema;
        if (schema.get$ref() != null) {
            String name = schema.get$ref().substring(schema.get$ref().lastIndexOf('/') + 1);
            definition = context.getDefinedModels().get(name);
        }
        if (definition != null) {
            definition.setRequired(Arrays.stream(javaType.getRawClass().getRecordComponents())
                    .filter(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
                    .map(RecordComponent::getName)
                    .sorted()
                    .toList());
        }
        return schema;
    }
}

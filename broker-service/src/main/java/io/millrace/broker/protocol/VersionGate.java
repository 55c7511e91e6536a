package io.millrace.broker.protocol;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.utils.ImplicitLinkedHashCollection;
import org.jspecify.annotations.Nullable;

/**
 * Takes from a message what the version it is written in does not have, so that handlers can fill in the newest form.
 *
 * <p>Kafka's generated messages refuse to be written with a value in a field that the version lacks, unless the field is marked as
 * ignorable. Here every such single value goes back to its default: old clients never knew it. Collections and structures are left:
 * where a version has another form for them (one group instead of many) the handler has to fill that in, and a forgotten one should
 * fail. What a class needs is found out once per version, by its published schemas; for newest versions that is nothing. Any thread.
 */
public final class VersionGate {

    private static final ClassValue<@Nullable Plan[]> PLANS = new ClassValue<>() {
        @Override
        protected @Nullable Plan[] computeValue(Class<?> type) {
            return plans(type);
        }
    };

    private VersionGate() {}

    /** Resets the fields of {@code message} that {@code version} lacks. */
    public static void trim(ApiMessage message, short version) {
        apply(message, version);
    }

    private static void apply(Object message, short version) {
        @Nullable Plan[] plans = PLANS.get(message.getClass());
        Plan plan = version < 0 || version >= plans.length ? null : plans[version];
        if (plan != null) {
            plan.apply(message, version);
        }
    }

    /** What to do to messages of a class in one version; not there if nothing. */
    private record Plan(List<Reset> resets, List<Field> collections) {

        void apply(Object message, short version) {
            try {
                for (Reset reset : resets) {
                    reset.field.set(message, reset.value);
                }
                for (Field field : collections) {
                    if (field.get(message) instanceof Collection<?> elements) {
                        elements.forEach(element -> VersionGate.apply(Objects.requireNonNull(element), version));
                    }
                }
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("fields of " + message.getClass() + " cannot be set", e);
            }
        }
    }

    private record Reset(Field field, @Nullable Object value) {}

    private static @Nullable Plan[] plans(Class<?> type) {
        Schema[] schemas = schemas(type);
        @Nullable Plan[] plans = new @Nullable Plan[schemas.length];
        for (int version = 0; version < schemas.length; version++) {
            if (schemas[version] != null) {
                plans[version] = plan(type, schemas[version], (short) version);
            }
        }
        return plans;
    }

    private static @Nullable Plan plan(Class<?> type, Schema schema, short version) {
        try {
            Object defaults = type.getDeclaredConstructor().newInstance();
            Set<String> present = names(schema);
            List<Reset> resets = new ArrayList<>();
            List<Field> collections = new ArrayList<>();
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_") || isLink(type, field)) {
                    continue;
                }
                field.setAccessible(true);
                boolean there = present.contains(field.getName());
                if (!there && isValue(field.getType())) {
                    resets.add(new Reset(field, field.get(defaults)));
                } else if (there && hasPlan(elementType(type, field), version)) {
                    collections.add(field);
                }
            }
            return resets.isEmpty() && collections.isEmpty() ? null : new Plan(resets, collections);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("unexpected form of generated message " + type, e);
        }
    }

    private static boolean hasPlan(@Nullable Class<?> element, short version) {
        if (element == null) {
            return false;
        }
        @Nullable Plan[] plans = PLANS.get(element);
        return version < plans.length && plans[version] != null;
    }

    /** Elements of Kafka's linked collections carry their neighbours' places, which are no part of the message. */
    private static boolean isLink(Class<?> type, Field field) {
        return ImplicitLinkedHashCollection.Element.class.isAssignableFrom(type)
                && (field.getName().equals("prev") || field.getName().equals("next"));
    }

    private static boolean isValue(Class<?> type) {
        return type.isPrimitive() || type == String.class || type == Uuid.class;
    }

    /** The nested message that a collection field holds, by the name of the generated class; null for other fields. */
    private static @Nullable Class<?> elementType(Class<?> type, Field field) {
        if (!Collection.class.isAssignableFrom(field.getType())) {
            return null;
        }
        String text = field.getGenericType().getTypeName();
        return Arrays.stream(Objects.requireNonNullElse(type.getEnclosingClass(), type)
                        .getDeclaredClasses())
                .filter(Message.class::isAssignableFrom)
                .filter(nested ->
                        text.equals(nested.getName() + "Collection") || text.endsWith("<" + nested.getName() + ">"))
                .findFirst()
                .orElse(null);
    }

    private static Set<String> names(Schema schema) {
        Set<String> names = new HashSet<>();
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields tagged) {
                tagged.fields().values().forEach(tag -> names.add(javaName(tag.name)));
            } else {
                names.add(javaName(field.def.name));
            }
        }
        return names;
    }

    /** {@code throttle_time_ms} is the field {@code throttleTimeMs}. */
    private static String javaName(String schemaName) {
        StringBuilder name = new StringBuilder();
        for (String word : schemaName.split("_", -1)) {
            name.append(name.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return name.toString();
    }

    private static Schema[] schemas(Class<?> type) {
        try {
            return (Schema[]) Objects.requireNonNull(type.getField("SCHEMAS").get(null));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("unexpected form of generated message " + type, e);
        }
    }
}

package io.millrace.broker.coordinator.group.consumer;

import io.millrace.broker.coordinator.group.consumer.assignor.RangeAssignor;
import io.millrace.broker.coordinator.group.consumer.assignor.UniformAssignor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.jspecify.annotations.Nullable;

/** The server-side assignors that {@code group.consumer.assignors} names; the first is the default. */
final class Assignors {
    private final Map<String, ConsumerGroupPartitionAssignor> byName = new LinkedHashMap<>();

    Assignors(List<String> names) {
        for (String name : names) {
            ConsumerGroupPartitionAssignor assignor = create(name);
            byName.put(assignor.name(), assignor);
        }
        if (byName.isEmpty()) {
            throw new IllegalArgumentException("group.consumer.assignors names no assignor; name 'uniform' or 'range'");
        }
    }

    private static ConsumerGroupPartitionAssignor create(String name) {
        return switch (name) {
            // Apache's class names appear in configurations that list their defaults.
            case "uniform", "org.apache.kafka.coordinator.group.assignor.UniformAssignor" -> new UniformAssignor();
            case "range", "org.apache.kafka.coordinator.group.assignor.RangeAssignor" -> new RangeAssignor();
            default -> load(name);
        };
    }

    private static ConsumerGroupPartitionAssignor load(String className) {
        try {
            return Class.forName(className)
                    .asSubclass(ConsumerGroupPartitionAssignor.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "group.consumer.assignors: '" + className
                            + "' is neither 'uniform' nor 'range' nor a class that can be made an assignor",
                    e);
        }
    }

    List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** The named assignor; the default for null or a name that is gone from the configuration. */
    ConsumerGroupPartitionAssignor find(@Nullable String name) {
        ConsumerGroupPartitionAssignor named = name == null ? null : byName.get(name);
        return named != null ? named : byName.values().iterator().next();
    }
}

package io.millrace.admin.rebalance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the records of the journal's topic; what a later version adds is left out. */
final class JournalRecords {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JournalRecords() {}

    /** Null if the record is no event. */
    static @Nullable GroupEvent read(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) return null;
        try {
            JsonNode event = JSON.readTree(record.value());
            return event.isObject() ? read(record.partition() + "@" + record.offset(), event) : null;
        } catch (JacksonException notJson) {
            return null;
        }
    }

    static GroupEvent read(String id, JsonNode event) {
        GroupEvent.Type type = type(event.path("type").asString(""));
        boolean subscription = type == GroupEvent.Type.SUBSCRIPTION_CHANGED;
        return new GroupEvent(
                id,
                type,
                event.path("groupId").asString(""),
                event.path("protocol").asString("classic"),
                Instant.ofEpochMilli(event.path("atMs").asLong(0)),
                event.path("generation").asInt(0),
                member(event.path("member")),
                text(event, "memberId"),
                text(event, "oldMemberId"),
                text(event, "instanceId"),
                text(event, "departure"),
                text(event, "cause"),
                text(event, "reason"),
                text(event, "operation"),
                number(event, "members"),
                text(event, "leaderId"),
                text(event, "assignor"),
                text(event, "lastToJoin"),
                number(event, "joinMs"),
                number(event, "durationMs"),
                map(event.path("partitions"), JournalRecords::texts),
                map(event.path("revoked"), JournalRecords::texts),
                map(event.path("standstillMs"), node -> clamp(node.asLong(0))),
                list(event.path("owned")),
                subscription ? list(event.path("after")) : list(event.path("topics")),
                subscription ? list(event.path("before")) : null,
                text(event, "topic"),
                subscription ? null : number(event, "before"),
                subscription ? null : number(event, "after"));
    }

    private static GroupEvent.Type type(String name) {
        String constant = name.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
        for (GroupEvent.Type type : GroupEvent.Type.values()) {
            if (type.name().equals(constant)) return type;
        }
        return GroupEvent.Type.OTHER;
    }

    private static GroupEvent.@Nullable Member member(JsonNode node) {
        if (!node.isObject()) return null;
        return new GroupEvent.Member(
                node.path("memberId").asString(""),
                text(node, "instanceId"),
                node.path("clientId").asString(""),
                node.path("clientHost").asString(""),
                number(node, "sessionTimeoutMs"),
                number(node, "rebalanceTimeoutMs"));
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isString() ? value.asString() : null;
    }

    private static @Nullable Integer number(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isNumber() ? clamp(value.asLong()) : null;
    }

    private static Integer clamp(long value) {
        return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static <T> @Nullable Map<String, T> map(JsonNode node, Function<JsonNode, T> value) {
        if (!node.isObject()) return null;
        Map<String, T> result = new LinkedHashMap<>();
        node.properties().forEach(entry -> result.put(entry.getKey(), value.apply(entry.getValue())));
        return result;
    }

    private static @Nullable List<String> list(JsonNode node) {
        return node.isArray() ? texts(node) : null;
    }

    private static List<String> texts(JsonNode array) {
        List<String> result = new ArrayList<>();
        array.forEach(item -> result.add(item.asString("")));
        return result;
    }
}

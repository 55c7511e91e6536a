package io.millrace.broker.coordinator.group.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Events as the JSON of the journal: the header's fields beside the event's own, {@code type} first. Any thread. */
public final class GroupEventJson {
    private static final int SCHEMA_VERSION = 1;

    private final ObjectMapper mapper = new ObjectMapper();

    public byte[] write(GroupEvent event) {
        ObjectNode json = mapper.createObjectNode();
        json.put("type", event.getClass().getSimpleName());
        json.put("version", SCHEMA_VERSION);
        json.setAll((ObjectNode) mapper.valueToTree(event.header()));
        ObjectNode own = mapper.valueToTree(event);
        own.remove("header");
        json.setAll(own);
        try {
            return mapper.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event of the group journal cannot be written as JSON: " + event, e);
        }
    }
}

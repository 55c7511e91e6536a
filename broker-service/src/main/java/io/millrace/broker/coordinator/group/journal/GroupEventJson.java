package io.millrace.broker.coordinator.group.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

/** Events as the JSON of the journal: {@code type} and version first, then the header's fields beside the event's own. Any thread. */
public final class GroupEventJson {
    /** Name of the attribute that events show as their schema's version. */
    static final String VERSION = "version";

    private static final int SCHEMA_VERSION = 1;

    private final ObjectWriter writer = new ObjectMapper().writer().withAttribute(VERSION, SCHEMA_VERSION);

    public byte[] write(GroupEvent event) {
        try {
            return writer.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event of the group journal cannot be written as JSON: " + event, e);
        }
    }
}

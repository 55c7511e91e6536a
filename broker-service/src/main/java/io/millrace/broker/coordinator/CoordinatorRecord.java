package io.millrace.broker.coordinator;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

/**
 * One record of an internal topic, in Kafka's schema: the key is the record type (its {@code apiKey}) and the message, the value is
 * the schema version and the message; a null value is a tombstone.
 */
public record CoordinatorRecord(ApiMessage key, @Nullable ApiMessage value, short valueVersion) {

    public static CoordinatorRecord tombstone(ApiMessage key) {
        return new CoordinatorRecord(key, null, (short) 0);
    }

    public byte[] keyBytes() {
        return MessageUtil.toCoordinatorTypePrefixedBytes(key);
    }

    public byte @Nullable [] valueBytes() {
        return value == null ? null : MessageUtil.toVersionPrefixedBytes(valueVersion, value);
    }
}

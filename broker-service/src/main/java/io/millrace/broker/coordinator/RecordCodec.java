package io.millrace.broker.coordinator;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.jspecify.annotations.Nullable;

/** The record types of one internal topic. */
public interface RecordCodec {

    /** An empty key of a type, or null for a type that this version does not know. */
    @Nullable
    ApiMessage newKey(short type);

    /** An empty value of a known type. */
    ApiMessage newValue(short type);

    /** The record in {@code key} and {@code value}, or null if its type is unknown: a newer broker wrote it and it is skipped. */
    default @Nullable CoordinatorRecord decode(ByteBuffer key, @Nullable ByteBuffer value) {
        short type = key.getShort();
        ApiMessage keyMessage = newKey(type);
        if (keyMessage == null) {
            return null;
        }
        keyMessage.read(new ByteBufferAccessor(key), (short) 0);
        if (value == null) {
            return CoordinatorRecord.tombstone(keyMessage);
        }
        short version = value.getShort();
        ApiMessage valueMessage = newValue(type);
        valueMessage.read(new ByteBufferAccessor(value), version);
        return new CoordinatorRecord(keyMessage, valueMessage, version);
    }
}

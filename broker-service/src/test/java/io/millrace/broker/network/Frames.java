package io.millrace.broker.network;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.protocol.ApiKeys;

/** Frames byte by byte, so that they can be wrong. */
final class Frames {

    private Frames() {}

    /** A request: header as {@code version} wants it where the API is known, then {@code body}. */
    static ByteBuffer of(short api, short version, int correlationId, String clientId, byte[] body) {
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        boolean tags = ApiKeys.hasId(api)
                && ApiKeys.forId(api).hasValidVersion()
                && ApiKeys.forId(api).requestHeaderVersion(version) >= 2;
        ByteBuffer frame = ByteBuffer.allocate(10 + client.length + (tags ? 1 : 0) + body.length);
        frame.putShort(api).putShort(version).putInt(correlationId);
        frame.putShort((short) client.length).put(client);
        if (tags) {
            frame.put((byte) 0);
        }
        return frame.put(body).flip();
    }

    static byte[] withLength(ByteBuffer frame) {
        return ByteBuffer.allocate(4 + frame.remaining())
                .putInt(frame.remaining())
                .put(frame.duplicate())
                .array();
    }
}

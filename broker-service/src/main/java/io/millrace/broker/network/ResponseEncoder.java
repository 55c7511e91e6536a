package io.millrace.broker.network;

import io.millrace.broker.network.ResponseWriter.Inset;
import io.millrace.broker.protocol.FileSlice;
import io.millrace.broker.protocol.VersionGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.UnalignedMemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Puts responses on a channel, without flushing: length, header and fields in one pooled buffer, record batches between its parts.
 *
 * <pre>
 *   length (4) | correlation id (4) | tags (1, newer header versions) | message
 * </pre>
 */
final class ResponseEncoder {

    private static final int LENGTH_BYTES = 4;
    private static final int CORRELATION_ID_BYTES = 4;

    private ResponseEncoder() {}

    /** Writes the response to a request; takes over the file slices in it, also when it throws. */
    static void write(Channel channel, RequestHeader request, ApiMessage response) {
        boolean encoded = false;
        try {
            ObjectSerializationCache cache = new ObjectSerializationCache();
            MessageSizeAccumulator size = new MessageSizeAccumulator();
            short version = version(request);
            VersionGate.trim(response, version);
            response.addSize(size, cache, version);
            boolean taggedHeader = request.apiKey().responseHeaderVersion(version) > 0;
            int headerBytes = CORRELATION_ID_BYTES + (taggedHeader ? 1 : 0);
            ByteBuf fields = channel.alloc().directBuffer(LENGTH_BYTES + headerBytes + size.sizeExcludingZeroCopy());
            try {
                fields.writeInt(headerBytes + size.totalSize());
                fields.writeInt(request.correlationId());
                if (taggedHeader) {
                    fields.writeByte(0);
                }
                ResponseWriter writer = new ResponseWriter(fields);
                response.write(writer, cache, version);
                encoded = true;
                write(channel, fields, writer.insets());
            } finally {
                if (!encoded) {
                    fields.release();
                }
            }
        } finally {
            if (!encoded) {
                release(response);
            }
        }
    }

    private static void write(Channel channel, ByteBuf fields, List<Inset> insets) {
        if (insets.isEmpty()) {
            put(channel, fields);
            return;
        }
        int written = 0;
        for (Inset inset : insets) {
            if (inset.at() > written) {
                put(channel, fields.retainedSlice(written, inset.at() - written));
                written = inset.at();
            }
            write(channel, inset.records());
        }
        fields.readerIndex(written);
        if (fields.isReadable()) {
            put(channel, fields);
        } else {
            fields.release();
        }
    }

    private static void write(Channel channel, BaseRecords records) {
        if (records.sizeInBytes() == 0) {
            if (records instanceof FileSlice slice) {
                slice.release();
            }
            return;
        }
        Object message = switch (records) {
            case FileSlice slice -> new FileSliceRegion(slice);
            case MemoryRecords memory -> Unpooled.wrappedBuffer(memory.buffer());
            case UnalignedMemoryRecords memory -> Unpooled.wrappedBuffer(memory.buffer());
            default -> copy(channel, records);
        };
        put(channel, message);
    }

    private static void put(Channel channel, Object part) {
        // A failure arrives as the channel's exception and closes it.
        ChannelFuture _ = channel.write(part, channel.voidPromise());
    }

    private static ByteBuf copy(Channel channel, BaseRecords records) {
        ByteBuf copy = channel.alloc().directBuffer(records.sizeInBytes());
        try {
            RecordsCopy.copy(records, copy);
            return copy;
        } catch (IOException e) {
            copy.release();
            throw new UncheckedIOException("could not read " + records.sizeInBytes() + " bytes of records to send", e);
        }
    }

    /** ApiVersions may be asked in a version that is not known; the answer is then in the oldest. */
    private static short version(RequestHeader request) {
        boolean unknown = request.apiKey() == ApiKeys.API_VERSIONS && !request.isApiVersionSupported();
        return unknown ? 0 : request.apiVersion();
    }

    /** Gives back the file slices of a response that is not sent. */
    static void release(ApiMessage response) {
        switch (response) {
            case FetchResponseData fetch ->
                fetch.responses().forEach(topic -> topic.partitions().forEach(p -> release(p.records())));
            case ShareFetchResponseData fetch ->
                fetch.responses().forEach(topic -> topic.partitions().forEach(p -> release(p.records())));
            default -> {}
        }
    }

    private static void release(@Nullable BaseRecords records) {
        if (records instanceof FileSlice slice) {
            slice.release();
        }
    }
}

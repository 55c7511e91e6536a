package io.millrace.broker.network;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.jspecify.annotations.Nullable;

/**
 * Where a response's message is written to: one buffer for its fields, with record batches remembered beside it.
 *
 * <p>Batches in memory stay where they are, slices of files stay in their files. Not for use after its response.
 */
final class ResponseWriter implements Writable {

    private final ByteBuf fields;
    private @Nullable List<Inset> insets;

    /** Record batches that belong into the response before byte {@code at} of the fields. */
    record Inset(int at, BaseRecords records) {}

    /** @param fields has room for all fields; its owner stays its owner */
    ResponseWriter(ByteBuf fields) {
        this.fields = fields;
    }

    /** Record batches to be sent between the fields, in order. */
    List<Inset> insets() {
        return insets == null ? List.of() : insets;
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (insets == null) {
            insets = new ArrayList<>(4);
        }
        insets.add(new Inset(fields.writerIndex(), records));
    }

    @Override
    public void writeByteBuffer(ByteBuffer bytes) {
        fields.writeBytes(bytes.duplicate());
    }

    @Override
    public void writeByte(byte value) {
        fields.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        fields.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        fields.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        fields.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        fields.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] bytes) {
        fields.writeBytes(bytes);
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            fields.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        fields.writeByte(rest);
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    @Override
    public void writeVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            fields.writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        fields.writeByte((int) rest);
    }
}

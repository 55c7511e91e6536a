package io.millrace.broker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameReaderTest {

    private static final int MAX_BYTES = 10 << 20;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, false, true);
    private final FrameReader frames = new FrameReader(allocator, MAX_BYTES);
    private final io.netty.channel.RecvByteBufAllocator.ExtendedHandle netty = frames.newHandle();

    @AfterEach
    void nothingIsLeftAllocated() {
        frames.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void cutsAnyFramesOutOfAnyPieces() throws MalformedFrameException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] frame = new byte[random.nextInt(1 << random.nextInt(15))];
                random.nextBytes(frame);
                sent.add(frame);
                stream.writeBytes(Frames.withLength(ByteBuffer.wrap(frame)));
            }
            assertThat(receive(stream.toByteArray(), random))
                    .as("seed %d", seed)
                    .usingRecursiveComparison()
                    .isEqualTo(sent);
        }
    }

    /** Gives the bytes as Netty does: as many as there are, at most what the reader's buffer has room for. */
    private List<byte[]> receive(byte[] stream, Random random) throws MalformedFrameException {
        List<byte[]> cut = new ArrayList<>();
        List<ByteBuf> held = new ArrayList<>();
        List<ByteBuffer> views = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int available = Math.min(1 + random.nextInt(1 << random.nextInt(15)), stream.length - at);
            int end = at + available;
            while (at < end) {
                ByteBuf room = netty.allocate(allocator);
                int count = Math.min(room.writableBytes(), end - at);
                assertThat(count).isPositive();
                room.writeBytes(stream, at, count);
                at += count;
                frames.received(room);
                for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
                    views.add(frame);
                    held.add(frames.holder().retain());
                    if (random.nextInt(4) == 0) {
                        break; // as a connection that takes no more for now
                    }
                }
            }
        }
        for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
            views.add(frame);
            held.add(frames.holder().retain());
        }
        // Only now, so that a frame which was overwritten by a later one is noticed.
        for (ByteBuffer view : views) {
            byte[] bytes = new byte[view.remaining()];
            view.get(bytes);
            cut.add(bytes);
        }
        held.forEach(ByteBuf::release);
        return cut;
    }

    @Test
    void hasNoBufferBetweenFrames() throws MalformedFrameException {
        give(Frames.withLength(ByteBuffer.wrap(new byte[100])));
        assertThat(frames.next()).isNotNull();
        assertThat(frames.next()).isNull();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void doesNotAllocateAClaimedLengthBeforeItsBytesArrive() throws MalformedFrameException {
        give(ByteBuffer.allocate(4).putInt(MAX_BYTES).array());
        assertThat(frames.next()).isNull();
        assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(64 << 10);
        give(new byte[60 << 10]);
        assertThat(frames.next()).isNull();
        assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(256 << 10);
    }

    @Test
    void refusesLengthsThatCannotBe() {
        give(ByteBuffer.allocate(4).putInt(-1).array());
        assertThatThrownBy(frames::next)
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageContaining("-1 bytes");
        frames.close();
        give(ByteBuffer.allocate(4).putInt(MAX_BYTES + 1).array());
        assertThatThrownBy(frames::next)
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageContaining("socket.request.max.bytes");
    }

    @Test
    void framesOfLikeSizeAreNotCopied() throws MalformedFrameException {
        byte[] frame = Frames.withLength(ByteBuffer.wrap(new byte[200_000]));
        give(frame);
        assertThat(frames.next()).isNotNull();
        assertThat(frames.next()).isNull();
        ByteBuf first = netty.allocate(allocator);
        first.writeBytes(frame, 0, 50_000);
        frames.received(first);
        assertThat(frames.next()).isNull();
        ByteBuf second = netty.allocate(allocator);
        assertThat(second).isSameAs(first);
        second.writeBytes(frame, 50_000, frame.length - 50_000);
        frames.received(second);
        assertThat(frames.next()).isNotNull();
        assertThat(frames.next()).isNull();
    }

    private void give(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            ByteBuf room = netty.allocate(allocator);
            int count = Math.min(room.writableBytes(), bytes.length - at);
            room.writeBytes(bytes, at, count);
            frames.received(room);
            at += count;
        }
    }
}

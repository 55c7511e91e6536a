package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which memory a leader's answer gets. */
class AnswerBuffersTest {

    private static final int LARGE = AnswerBuffers.LEAST_ANSWER_BYTES;

    private final AnswerBuffers buffers = new AnswerBuffers(1 << 20);

    private static ByteBuffer filled(AnswerBuffers.OfConnection connection, int bytes, int with) {
        ByteBuffer buffer = connection.tryAllocate(bytes);
        assertThat(buffer.remaining()).isEqualTo(bytes);
        while (buffer.hasRemaining()) {
            buffer.put((byte) with);
        }
        return buffer.flip();
    }

    @Test
    void largeAnswersOfOneConnectionLieInTheSameMemoryOneAfterTheOther() {
        AnswerBuffers.OfConnection connection = buffers.new OfConnection();
        ByteBuffer first = filled(connection, LARGE, 1);
        assertThat(first.isDirect()).isTrue();
        connection.release();

        ByteBuffer second = filled(connection, 2 * LARGE, 2);
        assertThat(second.isDirect()).isTrue();
        assertThat(first.get(0)).as("the memory of the first").isEqualTo((byte) 2);
    }

    @Test
    void whatIsNotTakenYetIsNotGivenAgain() {
        AnswerBuffers.OfConnection connection = buffers.new OfConnection();
        ByteBuffer first = filled(connection, LARGE, 1);
        ByteBuffer second = filled(connection, LARGE, 2);
        assertThat(second.isDirect()).isFalse();
        // The network client gives up what it has of another answer.
        connection.release(second);
        connection.release(first.duplicate());
        assertThat(filled(connection, LARGE, 3).isDirect()).isFalse();
        assertThat(filled(buffers.new OfConnection(), LARGE, 4).isDirect()).isTrue();
        assertThat(first.get(0)).isEqualTo((byte) 1);
    }

    @Test
    void whatTheNetworkClientGivesUpIsGivenAgainOnce() {
        AnswerBuffers.OfConnection connection = buffers.new OfConnection();
        ByteBuffer partly = connection.tryAllocate(LARGE);
        connection.release(partly);
        connection.release();
        ByteBuffer one = filled(connection, LARGE, 1);
        ByteBuffer other = filled(buffers.new OfConnection(), LARGE, 2);
        assertThat(one.get(0)).isEqualTo((byte) 1);
        assertThat(other.get(0)).isEqualTo((byte) 2);
    }

    @Test
    void smallAnswersAndThoseLargerThanTheBuffersAreOnTheHeap() {
        AnswerBuffers.OfConnection connection = buffers.new OfConnection();
        assertThat(connection.tryAllocate(4).isDirect()).isFalse();
        assertThat(connection.tryAllocate(LARGE - 1).isDirect()).isFalse();
        assertThat(connection.tryAllocate(2 << 20).isDirect()).isFalse();
        assertThat(connection.tryAllocate((1 << 20) + 1_000).isDirect()).isTrue();
    }

    @Test
    void whereThereIsNoSuchMemoryAnswersAreReceivedOnTheHeap() {
        int[] asked = new int[1];
        AnswerBuffers none = new AnswerBuffers(1 << 20, bytes -> {
            asked[0]++;
            throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes of direct buffer memory");
        });
        AnswerBuffers.OfConnection connection = none.new OfConnection();
        assertThat(connection.tryAllocate(LARGE).remaining()).isEqualTo(LARGE);
        connection.release();
        assertThat(connection.tryAllocate(LARGE).isDirect()).isFalse();
        assertThat(asked[0]).isEqualTo(1);
    }

    @Test
    void thereAreFewBuffersHoweverManyLeadersThereAre() {
        List<AnswerBuffers.OfConnection> connections = new ArrayList<>();
        int direct = 0;
        for (int leader = 0; leader < 100; leader++) {
            AnswerBuffers.OfConnection connection = buffers.new OfConnection();
            connections.add(connection);
            direct += connection.tryAllocate(LARGE).isDirect() ? 1 : 0;
        }
        assertThat(direct).isEqualTo(4);
        connections.forEach(AnswerBuffers.OfConnection::release);
        assertThat(connections.getLast().tryAllocate(LARGE).isDirect()).isTrue();
    }
}
